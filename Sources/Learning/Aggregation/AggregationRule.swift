/// How the gradients of several workers become one.
///
/// All rules but the mean hold out against workers that send nonsense: so many of the W gradients
/// may be anything at all, NaN and infinity included. Each is a function of the gradients in
/// rank order and has the same bits on every machine.
public enum AggregationRule: Sendable, Hashable {
  /// The mean, added in rank order.
  case mean
  /// For each coordinate, the mean of what is left without the `trimmed` largest and smallest
  /// values (D. Yin et al., ICML 2018, arXiv:1803.01498).
  case trimmedMean(trimmed: Int)
  /// For each coordinate, the median; of an even number, the mean of the middle two
  /// (D. Yin et al., ICML 2018, arXiv:1803.01498).
  case median
  /// The gradient nearest to its W - f - 2 nearest others, by the sum of squared distances
  /// (P. Blanchard et al., NIPS 2017, arXiv:1703.02757).
  case krum(faulty: Int)
  /// The mean of the `kept` gradients that Krum finds best; with one, Krum itself.
  case multiKrum(faulty: Int, kept: Int)
  /// For each coordinate, the mean of the W - f values nearest to the median
  /// (C. Xie et al., "Generalized Byzantine-tolerant SGD", arXiv:1802.10116).
  case meamed(faulty: Int)
  /// The mean without the `trimmed` gradients that lower the loss least: a gradient g scores
  /// loss(x) - loss(x - rate g) - rho |g|² on a few validation samples
  /// (C. Xie et al., ICML 2019, arXiv:1805.10032).
  case zeno(rho: Double, trimmed: Int)

  /// The fewest workers the rule is defined for.
  public var minimumWorkers: Int {
    switch self {
    case .mean, .median: 1
    case .trimmedMean(let trimmed): 2 * trimmed + 1
    case .krum(let faulty): 2 * faulty + 3
    case .multiKrum(let faulty, let kept): max(2 * faulty + 3, faulty + kept)
    case .meamed(let faulty): 2 * faulty + 1
    case .zeno(_, let trimmed): trimmed + 1
    }
  }

  /// Why the rule cannot be used with so many workers; nil where it can.
  public func refusal(workers: Int) -> String? {
    switch self {
    case .multiKrum(_, let kept) where kept < 1: return "\(name) keeps at least one gradient"
    case .trimmedMean(let number), .krum(let number), .multiKrum(let number, _),
      .meamed(let number), .zeno(_, let number):
      if number < 0 { return "\(name) cannot leave out \(number) gradients" }
    case .mean, .median: break
    }
    guard workers < minimumWorkers else { return nil }
    return "\(name) needs at least \(minimumWorkers) workers here, and there are \(workers)"
  }

  /// What it is called in scenarios and reports.
  public var name: String {
    switch self {
    case .mean: "mean"
    case .trimmedMean: "trimmed-mean"
    case .median: "median"
    case .krum: "krum"
    case .multiKrum: "multi-krum"
    case .meamed: "meamed"
    case .zeno: "zeno"
    }
  }

  /// Whether each coordinate is computed by itself: the rule then works on chunks as on the whole.
  public var isCoordinatewise: Bool {
    switch self {
    case .mean, .trimmedMean, .median, .meamed: true
    case .krum, .multiKrum, .zeno: false
    }
  }

  /// Whether the rule must be given a score for each gradient (see `score`).
  public var needsScores: Bool {
    if case .zeno = self { true } else { false }
  }

  /// Bytes that pass through memory in aggregating gradients of so many bytes, for virtual time.
  ///
  /// Counted as the textbook does it: adding a vector to another moves three, sorting reads and
  /// writes all values once for each doubling of the number of workers, and Krum reads each pair
  /// of gradients. The losses that Zeno needs are not counted here.
  public func workBytes(gradientBytes: Int, workers: Int) -> Int {
    switch self {
    case .mean:
      return AggregationRule.addedBytes(gradientBytes, workers)
    case .trimmedMean, .median, .meamed:
      let doublings = Int.bitWidth - max(workers - 1, 0).leadingZeroBitCount
      return 2 * doublings * workers * gradientBytes
        + AggregationRule.addedBytes(gradientBytes, workers)
    case .krum:
      return workers * (workers - 1) * gradientBytes
    case .multiKrum(_, let kept):
      return workers * (workers - 1) * gradientBytes
        + AggregationRule.addedBytes(gradientBytes, kept)
    case .zeno(_, let trimmed):
      return workers * gradientBytes
        + AggregationRule.addedBytes(gradientBytes, workers - trimmed)
    }
  }

  private static func addedBytes(_ gradientBytes: Int, _ count: Int) -> Int {
    3 * max(count - 1, 0) * gradientBytes
  }
}
