internal import Learning

/// The options that say how several vectors become one.
public struct AggregationOptions: Sendable {
  /// The rule.
  public let rule: FrameworkOption
  /// How many workers may lie.
  public let byzantine: FrameworkOption

  /// All of them, for a declaration.
  public var all: [FrameworkOption] { [rule, byzantine] }

  static let sum = "sum"
  private static let rules = [
    "mean", sum, "trimmed-mean", "median", "krum", "multi-krum", "meamed", "zeno",
  ]

  /// Declares the options of one framework.
  ///
  /// - Parameters:
  ///   - released: the rule of the `released` variant, where it is not the mean.
  ///   - source: where the defaults come from.
  ///   - refusing: rules that make no sense for it, with the reason.
  public init(
    released: String? = nil, source: String = "the mean, as in the paper",
    refusing: KeyValuePairs<String, String> = [:]
  ) {
    rule = FrameworkOption(
      "aggregation", .choice(Self.rules), default: .choice("mean"),
      released: released.map { .choice($0) }, source: source,
      "How the workers' vectors become one; all but mean and sum outlive workers that lie.",
      refusing: refusing)
    byzantine = FrameworkOption(
      "byzantine", .integer(0...1000), default: .integer(1), source: "assumed",
      "How many lying workers a robust rule is to outlive; the median takes any number.",
      onlyWith: .init(
        key: "aggregation", words: ["trimmed-mean", "krum", "multi-krum", "meamed", "zeno"]))
  }

  /// The aggregator that a scenario asks for.
  public func aggregator(_ options: FrameworkOptions, workers: Int) -> Aggregator {
    let name = options.choice(rule)
    let faulty = options.integer(byzantine)
    return switch name {
    case Self.sum: Aggregator(nil)
    case "trimmed-mean": Aggregator(.trimmedMean(trimmed: faulty))
    case "median": Aggregator(.median)
    case "krum": Aggregator(.krum(faulty: faulty))
    // El Mhamdi et al., ICML 2018, arXiv 1802.07927: as many as are certain to be honest and near.
    case "multi-krum": Aggregator(.multiKrum(faulty: faulty, kept: workers - faulty - 2))
    case "meamed": Aggregator(.meamed(faulty: faulty))
    // Xie et al., section 5: rho = 0.0005.
    case "zeno": Aggregator(.zeno(rho: 0.0005, trimmed: faulty))
    default: Aggregator(.mean)
    }
  }

  /// Rules that the number of workers does not allow.
  public func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    let aggregator = aggregator(arrangement.options, workers: arrangement.workers)
    let refusal = aggregator.rule?.refusal(workers: arrangement.workers)
    return refusal.map { [OptionConflict(rule, $0)] } ?? []
  }
}
