/// The entries of a long vector that are not zero, in ascending order of their indices.
public struct SparseVector: Sendable {
  /// Places of the entries.
  public let indices: [Int32]
  /// Their values.
  public let values: [Float]
  /// Length of the whole vector.
  public let dimension: Int

  /// A vector of `dimension` entries, of which the given ones are not zero.
  public init(indices: [Int32], values: [Float], dimension: Int) {
    precondition(indices.count == values.count, "each entry has an index and a value")
    self.indices = indices
    self.values = values
    self.dimension = dimension
  }

  /// Bytes on the wire: 8 an entry, or the dense vector where that is shorter.
  public var wireByteCount: Int { SparseVector.wireBytes(entries: indices.count, dimension) }

  /// As `wireByteCount`, of a vector that is only counted.
  static func wireBytes(entries: Int, _ dimension: Int) -> Int {
    min(8 * entries, 4 * dimension)
  }

  /// The share of entries that are present.
  public var density: Double {
    dimension == 0 ? 0 : Double(indices.count) / Double(dimension)
  }

  /// Adds the entries to a dense vector.
  public func add(to vector: inout [Float]) {
    precondition(vector.count == dimension, "a sparse vector fits vectors of its dimension only")
    for (index, value) in zip(indices, values) { vector[Int(index)] += value }
  }
}
