/// How a worker makes its gradients or updates shorter before it sends them.
public enum Compression: Sendable, Hashable {
  /// Not at all: four bytes an entry.
  case none
  /// The entries that change their parameter by much; the others are kept for later
  /// (MLLess; see `SignificanceFilter`).
  case significance(threshold: Float)
  /// The entries of greatest magnitude, so many of all as `share` says and at least one; the others
  /// are kept for later (A. F. Aji, K. Heafield, EMNLP 2017, arXiv:1704.05021; S. Stich et al.,
  /// NeurIPS 2018, arXiv:1809.07599).
  case topK(share: Double)
  /// Each entry rounded at random to one of `levels` steps of its bucket's Euclidean norm, so that
  /// the mean stays right (D. Alistarh et al., NIPS 2017, arXiv:1610.02132). 512 entries
  /// a bucket in the paper's experiments.
  case qsgd(levels: Int, bucket: Int)

  /// What it is called in scenarios and reports.
  public var name: String {
    switch self {
    case .none: "none"
    case .significance: "significance"
    case .topK: "top-k"
    case .qsgd: "qsgd"
    }
  }

  /// Whether what is not sent is kept and added to the next vector.
  public var keepsResidual: Bool {
    switch self {
    case .significance, .topK: true
    case .none, .qsgd: false
    }
  }

  /// Whether the bytes sent depend on the values: then `wireBytes` must be told the density.
  public var sendsDataDependentBytes: Bool {
    if case .significance = self { true } else { false }
  }

  /// Bytes on the wire for a vector of so many entries, without the vector.
  ///
  /// - Parameter density: the share of entries that are sent, for `significance`, whose share
  ///   depends on the values; the other methods know their own.
  public func wireBytes(dimension: Int, density: Double = 1) -> Int {
    switch self {
    case .none:
      return 4 * dimension
    case .significance:
      return SparseVector.wireBytes(
        entries: Int((density * Double(dimension)).rounded(.up)), dimension)
    case .topK(let share):
      return SparseVector.wireBytes(
        entries: Compression.entries(share: share, of: dimension), dimension)
    case .qsgd(let levels, let bucket):
      return QuantizedVector.wireBytes(dimension: dimension, levels: levels, bucket: bucket)
    }
  }

  /// Bytes that pass through memory in compressing a vector of so many bytes, for virtual time.
  ///
  /// Keeping a residual adds the vector to it (three streams). Selecting reads values and what they
  /// are compared with; the largest entries take two counts of all magnitudes and a pass
  /// that takes them out. Quantisation reads a vector for its norms and again to round.
  public func workBytes(vectorBytes: Int) -> Int {
    switch self {
    case .none: 0
    case .significance: 5 * vectorBytes
    case .topK: 6 * vectorBytes
    case .qsgd: 3 * vectorBytes
    }
  }

  /// Entries that the largest share of a vector has.
  static func entries(share: Double, of dimension: Int) -> Int {
    min(dimension, max(1, Int((share * Double(dimension)).rounded())))
  }
}
