/// Finds the entries of greatest magnitude without sorting.
enum LargestEntries {
  /// Takes out exactly `count` entries, of equals the first; they are zero afterwards.
  static func take(_ count: Int, from vector: inout [Float]) -> SparseVector {
    let dimension = vector.count
    precondition(count <= dimension, "a vector has no more entries than its dimension")
    var (indices, values): ([Int32], [Float]) = ([], [])
    indices.reserveCapacity(count)
    values.reserveCapacity(count)
    vector.withUnsafeMutableBufferPointer { vector in
      let (least, larger) = smallest(ofLargest: count, in: UnsafeBufferPointer(vector))
      var equals = count - larger
      for i in 0..<dimension {
        let magnitude = magnitude(vector[i])
        guard magnitude >= least else { continue }
        if magnitude == least {
          guard equals > 0 else { continue }
          equals -= 1
        }
        indices.append(Int32(i))
        values.append(vector[i])
        vector[i] = 0
      }
    }
    return SparseVector(indices: indices, values: values, dimension: dimension)
  }

  /// Magnitudes in order as integers; what is no number is larger than all.
  @inline(__always)
  private static func magnitude(_ value: Float) -> UInt32 { value.bitPattern & 0x7FFF_FFFF }

  /// The smallest of the `count` largest magnitudes, and how many are larger than it.
  ///
  /// Magnitudes are counted by their upper half, then those in the half that decides by the lower.
  private static func smallest(
    ofLargest count: Int, in vector: UnsafeBufferPointer<Float>
  ) -> (least: UInt32, larger: Int) {
    guard count > 0 else { return (.max, 0) }
    var upper = [Int](repeating: 0, count: 1 << 15)
    for value in vector { upper[Int(magnitude(value) >> 16)] += 1 }
    var larger = 0
    var high = upper.count - 1
    while larger + upper[high] < count {
      larger += upper[high]
      high -= 1
    }
    var lower = [Int](repeating: 0, count: 1 << 16)
    for value in vector where Int(magnitude(value) >> 16) == high {
      lower[Int(magnitude(value) & 0xFFFF)] += 1
    }
    var low = lower.count - 1
    while larger + lower[low] < count {
      larger += lower[low]
      low -= 1
    }
    return (UInt32(high << 16 | low), larger)
  }
}
