/// Arithmetic on flat buffers of floats.
///
/// The order of summation is part of the contract: vectors are added in the order given (rank
/// order), then scaled. Every result is the same on every machine.
public enum Vectors {
  /// Floats of which the sums are kept in registers.
  private static let block = 64

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

  /// The length that all vectors have.
  static func checkedCount(_ vectors: [[Float]]) -> Int {
    precondition(!vectors.isEmpty, "nothing to add")
    let count = vectors[0].count
    precondition(
      vectors.allSatisfy { $0.count == count }, "vectors of different length cannot be added")
    return count
  }

  /// Reads each vector once and keeps the sums of 64 entries in registers: the speed is that of
  /// memory.
  private static func combine(
    _ vectors: [[Float]], scale: Float, into result: UnsafeMutableBufferPointer<Float>
  ) {
    guard let target = result.baseAddress else { return }
    withPointers(vectors) { pointers in
      let sources = pointers.compactMap { $0 }
      let whole = result.count / block * block
      for start in stride(from: 0, to: whole, by: block) {
        var sums = (
          lanes(sources[0], start, 0), lanes(sources[0], start, 1),
          lanes(sources[0], start, 2), lanes(sources[0], start, 3)
        )
        for source in sources.dropFirst() {
          sums.0 += lanes(source, start, 0)
          sums.1 += lanes(source, start, 1)
          sums.2 += lanes(source, start, 2)
          sums.3 += lanes(source, start, 3)
        }
        let place = UnsafeMutableRawPointer(target + start)
        place.storeBytes(of: sums.0 * scale, toByteOffset: 0, as: Lanes.self)
        place.storeBytes(of: sums.1 * scale, toByteOffset: 64, as: Lanes.self)
        place.storeBytes(of: sums.2 * scale, toByteOffset: 128, as: Lanes.self)
        place.storeBytes(of: sums.3 * scale, toByteOffset: 192, as: Lanes.self)
      }
      for i in whole..<result.count {
        target[i] = sources.dropFirst().reduce(sources[0][i]) { $0 + $1[i] } * scale
      }
    }
  }

  private typealias Lanes = SIMD16<Float>

  @inline(__always)
  private static func lanes(_ source: UnsafePointer<Float>, _ start: Int, _ index: Int) -> Lanes {
    UnsafeRawPointer(source + start + 16 * index).loadUnaligned(as: Lanes.self)
  }

  /// Calls `body` with a pointer to each vector.
  static func withPointers<Result>(
    _ vectors: [[Float]], _ body: ([UnsafePointer<Float>?]) -> Result
  ) -> Result {
    withPointers(vectors[...], [], body)
  }

  private static func withPointers<Result>(
    _ vectors: ArraySlice<[Float]>, _ found: [UnsafePointer<Float>?],
    _ body: ([UnsafePointer<Float>?]) -> Result
  ) -> Result {
    guard let first = vectors.first else { return body(found) }
    return first.withUnsafeBufferPointer {
      withPointers(vectors.dropFirst(), found + [$0.baseAddress], body)
    }
  }
}
