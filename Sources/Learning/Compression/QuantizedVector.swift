/// A vector of which each entry is a whole number of steps of its bucket's norm (QSGD).
struct QuantizedVector: Sendable {
  /// Steps between zero and the norm.
  let levelCount: Int
  /// Entries that share a norm.
  let bucket: Int
  /// The Euclidean norm of each bucket.
  let norms: [Float]
  /// Signed steps of each entry.
  let levels: [Int16]

  /// Rounds each entry to one of the two levels beside it, with the odds that make the mean right.
  ///
  /// A bucket that holds a value without a finite size is sent as no number throughout.
  init(_ vector: [Float], levels levelCount: Int, bucket: Int, random: inout SeededRandom) {
    self.levelCount = levelCount
    self.bucket = bucket
    var norms: [Float] = []
    norms.reserveCapacity(vector.count / bucket + 1)
    levels = [Int16](unsafeUninitializedCapacity: vector.count) { levels, count in
      for start in stride(from: 0, to: vector.count, by: bucket) {
        let end = min(start + bucket, vector.count)
        let norm = QuantizedVector.norm(vector[start..<end])
        norms.append(norm)
        let scale = norm > 0 ? Double(levelCount) / Double(norm) : 0
        for i in start..<end {
          let size = norm.isFinite ? Double(abs(vector[i])) * scale : 0
          // Rounding of the norm may put the only entry of a bucket just above it.
          let level = min(Int(size + random.unit()), levelCount)
          levels[i] = Int16(vector[i] < 0 ? -level : level)
        }
      }
      count = vector.count
    }
    self.norms = norms
  }

  private static func norm(_ values: ArraySlice<Float>) -> Float {
    let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    let norm = Float(sum.squareRoot())
    return norm.isFinite ? norm : .nan
  }

  /// Bytes on the wire: a float a bucket and, for each entry, the bits for 2 levels + 1 values.
  ///
  /// The paper's experiments send fixed numbers of bits; its Elias code, shorter where most entries
  /// are zero, is not counted.
  static func wireBytes(dimension: Int, levels: Int, bucket: Int) -> Int {
    let bits = Int.bitWidth - (2 * levels).leadingZeroBitCount
    let buckets = (dimension + bucket - 1) / bucket
    return 4 * buckets + (bits * dimension + 7) / 8
  }

  func add(to vector: inout [Float]) {
    precondition(vector.count == levels.count, "a quantised vector fits vectors of its dimension")
    for (index, norm) in norms.enumerated() {
      let step = norm / Float(levelCount)
      for i in index * bucket..<min((index + 1) * bucket, levels.count) {
        vector[i] += step * Float(levels[i])
      }
    }
  }
}
