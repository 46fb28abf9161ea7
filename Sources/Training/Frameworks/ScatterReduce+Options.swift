internal import SimulationKernel

/// What a scenario may say about ScatterReduce; `released` is the comparison's public code.
extension ScatterReduce {
  /// How long to wait before listing again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.zero ... .seconds(60)), default: .duration(.milliseconds(100)),
    released: .duration(.zero),
    source: "assumed: as AllReduce's; the released code lists without a pause",
    "Pause between two listings of the store.")
  static let storage = StoreOptions()
  static let exchange = ExchangeOptions()
  static let aggregation = AggregationOptions(refusing: [
    "krum": "a worker sees one chunk of each gradient, and krum compares whole ones",
    "multi-krum": "a worker sees one chunk of each gradient, and multi-krum compares whole ones",
    "zeno": "a worker sees one chunk of each gradient, and zeno tries whole ones",
  ])
  static let compression = CompressionOptions()
  static let habits = HabitOptions(releasedLogLines: 6)
  static let synchronization = SynchronizationOptions(refusing: [
    "ssp": "the owner of a chunk needs every worker's share of it: bsp alone goes",
    "asp": "the owner of a chunk needs every worker's share of it; all-reduce has asp",
  ])

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "scatter-reduce",
    summary: "Every worker averages one chunk of the gradient for all the others.",
    source: "LambdaML, SIGMOD 2021, arXiv 2105.07806",
    variants: [FrameworkDeclaration.published, FrameworkDeclaration.released],
    options: [pollInterval] + storage.all + exchange.all + aggregation.all + compression.all
      + synchronization.all + habits.all)

  /// What does not go together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    aggregation.conflicts(in: arrangement)
      + compression.conflicts(in: arrangement, aggregatedBy: aggregation)
      + exchange.conflicts(in: arrangement, aggregatedBy: aggregation, sentBy: compression)
  }
}
