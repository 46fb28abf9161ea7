/// Arithmetic on flat buffers of floats.
///
/// The order of summation is part of the contract: vectors are added in the order given (rank
/// order), then scaled. Every result is the same on every machine.
public enum Vectors {
  /// Floats worked on at a time: the partial result stays in the first-level cache, so that
  /// every vector is read once and nothing is written twice.
  private static let block = 2048

  /// The sum of vectors of equal length, added in order.
  public static func sum(_ vectors: [[Float]]) -> [Float] { combined(vectors, scale: 1) }

  /// The mean of vectors of equal length: their sum in order, times 1 / count.
  public static func mean(_ vectors: [[Float]]) -> [Float] {
    combined(vectors, scale: 1 / Float(vectors.count))
  }

  /// As `mean`, into an array that keeps its storage from call to call.
  public static func mean(_ vectors: [[Float]], into result: inout [Float]) {
    let count = checkedCount(vectors)
    if result.count != count { result = [Float](repeating: 0, count: count) }
    result.withUnsafeMutableBufferPointer {
      combine(vectors, scale: 1 / Float(vectors.count), into: $0)
    }
  }

  /// Adds `scale` times x to y.
  public static func add(_ x: [Float], to y: inout [Float], scaledBy scale: Float = 1) {
    precondition(x.count == y.count, "vectors of different length cannot be added")
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for i in 0..<x.count { y[i] += scale * x[i] }
      }
    }
  }

  /// Multiplies every entry by a factor.
  public static func scale(_ x: inout [Float], by factor: Float) {
    x.withUnsafeMutableBufferPointer { x in for i in 0..<x.count { x[i] *= factor } }
  }

  /// The Euclidean norm, summed in double precision in a fixed order.
  public static func norm(_ x: [Float]) -> Float {
    var lanes = SIMD8<Double>.zero
    var rest = 0.0
    x.withUnsafeBufferPointer { x in
      let whole = x.count / 8 * 8
      for start in stride(from: 0, to: whole, by: 8) {
        var values = SIMD8<Double>.zero
        for lane in 0..<8 { values[lane] = Double(x[start + lane]) }
        lanes += values * values
      }
      for i in whole..<x.count { rest += Double(x[i]) * Double(x[i]) }
    }
    return Float((lanes.sum() + rest).squareRoot())
  }

  /// The range of a chunk when `count` entries are cut into `parts`.
  ///
  /// All chunks have count / parts entries, the first count mod parts of them one more.
  public static func chunk(_ index: Int, of parts: Int, count: Int) -> Range<Int> {
    precondition(parts > 0 && (0..<parts).contains(index), "no such chunk")
    let (size, longer) = count.quotientAndRemainder(dividingBy: parts)
    let start = index * size + min(index, longer)
    return start..<start + size + (index < longer ? 1 : 0)
  }

  private static func combined(_ vectors: [[Float]], scale: Float) -> [Float] {
    [Float](unsafeUninitializedCapacity: checkedCount(vectors)) { result, count in
      count = vectors[0].count
      combine(vectors, scale: scale, into: UnsafeMutableBufferPointer(rebasing: result[..<count]))
    }
  }

  private static func checkedCount(_ vectors: [[Float]]) -> Int {
    precondition(!vectors.isEmpty, "nothing to add")
    let count = vectors[0].count
    precondition(
      vectors.allSatisfy { $0.count == count }, "vectors of different length cannot be added")
    return count
  }

  private static func combine(
    _ vectors: [[Float]], scale: Float, into result: UnsafeMutableBufferPointer<Float>
  ) {
    guard let sum = result.baseAddress else { return }
    for start in stride(from: 0, to: result.count, by: block) {
      let size = min(block, result.count - start)
      for (rank, vector) in vectors.enumerated() {
        vector.withUnsafeBufferPointer { vector in
          guard let values = vector.baseAddress else { return }
          if rank == 0 {
            (sum + start).update(from: values + start, count: size)
          } else {
            Learning.add(values + start, to: sum + start, count: size)
          }
        }
      }
      if scale != 1 { for i in start..<start + size { sum[i] *= scale } }
    }
  }
}
