internal import CVectors

/// What is computed for each coordinate from the workers' values in ascending order.
enum OrderStatistics {
  enum Kind {
    /// The mean without the k smallest and k largest values.
    case trimmedMean
    /// The mean of the W - k values nearest to the median.
    case meanAroundMedian
  }

  /// Combines vectors of equal length coordinate by coordinate.
  static func combine(_ vectors: [[Float]], _ kind: Kind, _ leftOut: Int) -> [Float] {
    let count = Vectors.checkedCount(vectors)
    // Rows of sixteen values, one a worker, are sorted at a time.
    let room = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 16 * vectors.count)
    defer { room.deallocate() }
    return Vectors.withPointers(vectors) { rows in
      [Float](unsafeUninitializedCapacity: count) { result, initialized in
        let combine =
          kind == .trimmedMean ? vectors_trimmed_mean : vectors_mean_around_median
        combine(rows, rows.count, count, leftOut, room.baseAddress, result.baseAddress)
        initialized = count
      }
    }
  }
}
