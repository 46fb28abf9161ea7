/// A vector in the form in which it is sent.
public struct CompressedVector: Sendable {
  enum Content: Sendable {
    case dense([Float])
    case sparse(SparseVector)
    case quantized(QuantizedVector)
  }

  let content: Content

  init(_ content: Content) { self.content = content }

  /// A vector that is sent as it is.
  public init(_ vector: [Float]) { self.init(.dense(vector)) }

  /// Entries of the whole vector.
  public var dimension: Int {
    switch content {
    case .dense(let vector): vector.count
    case .sparse(let vector): vector.dimension
    case .quantized(let vector): vector.levels.count
    }
  }

  /// The share of entries that are present.
  public var density: Double {
    if case .sparse(let vector) = content { vector.density } else { 1 }
  }

  /// Bytes on the wire.
  public var wireBytes: Int { wireBytes(pricedAs: dimension) }

  /// Bytes on the wire of a vector of so many entries that is like this one: equally dense.
  ///
  /// A sparse entry takes 8 bytes, index and value, unless the dense vector is shorter.
  public func wireBytes(pricedAs dimension: Int) -> Int {
    switch content {
    case .dense:
      return 4 * dimension
    case .sparse(let vector):
      if dimension == vector.dimension { return vector.wireByteCount }
      let entries = (vector.density * Double(dimension)).rounded(.up)
      return SparseVector.wireBytes(entries: Int(entries), dimension)
    case .quantized(let vector):
      return QuantizedVector.wireBytes(
        dimension: dimension, levels: vector.levelCount, bucket: vector.bucket)
    }
  }

  /// The vector that the receiver reads.
  public func decoded() -> [Float] {
    if case .dense(let vector) = content { return vector }
    var vector = [Float](repeating: 0, count: dimension)
    add(to: &vector)
    return vector
  }

  /// Adds what the receiver reads to a dense vector.
  public func add(to vector: inout [Float]) {
    switch content {
    case .dense(let values): Vectors.add(values, to: &vector)
    case .sparse(let sparse): sparse.add(to: &vector)
    case .quantized(let quantized): quantized.add(to: &vector)
    }
  }
}
