/// The options that say who waits for whom.
public struct SynchronizationOptions: Sendable {
  /// The discipline.
  public let discipline: FrameworkOption
  /// How many steps a worker may be ahead.
  public let slack: FrameworkOption

  /// All of them, for a declaration.
  public var all: [FrameworkOption] { [discipline, slack] }

  static let bulk = "bsp"
  static let stale = "ssp"
  static let asynchronous = "asp"

  /// Declares the options of one framework.
  ///
  /// - Parameter refusing: disciplines that make no sense for it, with the reason.
  public init(refusing: KeyValuePairs<String, String> = [:]) {
    discipline = FrameworkOption(
      "synchronization", .choice([Self.bulk, Self.stale, Self.asynchronous]),
      default: .choice(Self.bulk), source: "the paper's main protocol: everybody waits for all",
      "bsp: all meet at every exchange; ssp: nobody is too far ahead; asp: nobody waits.",
      refusing: refusing)
    slack = FrameworkOption(
      "slack", .integer(0...10_000), default: .integer(3),
      source: "assumed; Ho et al., NIPS 2013, sweep it",
      "ssp: how many steps a worker may be ahead of the slowest.",
      onlyWith: .init(key: "synchronization", words: [Self.stale]))
  }

  /// Whether workers meet at every exchange.
  public func isBulk(_ options: FrameworkOptions) -> Bool {
    options.choice(discipline) == Self.bulk
  }

  /// Whether nobody waits for anybody.
  public func isAsynchronous(_ options: FrameworkOptions) -> Bool {
    options.choice(discipline) == Self.asynchronous
  }

  /// What does not go with nobody waiting for anybody.
  public func conflicts(
    in arrangement: Arrangement, exchanging exchange: ExchangeOptions,
    aggregatedBy aggregation: AggregationOptions
  ) -> [OptionConflict] {
    let options = arrangement.options
    guard isAsynchronous(options) else { return [] }
    var conflicts: [OptionConflict] = []
    if options.choice(exchange.subject) != ExchangeOptions.models {
      conflicts.append(
        OptionConflict(discipline, "asp shares one model among all: it takes 'exchange: models'"))
    }
    if options.choice(aggregation.rule) != "mean" {
      conflicts.append(
        OptionConflict(aggregation.rule, "asp aggregates nothing: the last model written stands"))
    }
    return conflicts
  }
}
