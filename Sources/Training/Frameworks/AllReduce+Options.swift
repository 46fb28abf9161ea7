internal import SimulationKernel

/// What a scenario may say about AllReduce; `released` is the comparison's public code.
///
/// Its end of the first epoch, an error that ends the function, is left out.
extension AllReduce {
  /// How long to wait before asking again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.zero ... .seconds(60)), default: .duration(.milliseconds(100)),
    source: "DS3Lab/LambdaML e7d466e, s3_primitive: a missing object is asked for again in 0.1 s",
    "Pause of a worker between two requests for the result.")
  /// How long the master waits before listing again.
  static let listInterval = FrameworkOption(
    "list-interval", .duration(.zero ... .seconds(60)), default: .duration(.milliseconds(100)),
    released: .duration(.zero), source: "assumed: as poll-interval; released code does not pause",
    "Pause of the master between two listings of the gradients.")
  /// Whether the step is part of a gradient's key.
  static let gradientKeys = FrameworkOption(
    "gradient-keys", .choice(["by-step", "by-worker"]), default: .choice("by-step"),
    released: .choice("by-worker"),
    source: "LambdaML; released: AmineBarrak/TrainingML_P2P_Serverless 16ebf17 names the worker",
    "Whether every step has keys of its own, or a worker writes over its last gradient.")
  /// How vectors are written.
  static let serialization = FrameworkOption(
    "serialization", .choice(["raw", "pickle"]), default: .choice("raw"),
    released: .choice("pickle"),
    source: "released: AmineBarrak/TrainingML_P2P_Serverless 16ebf17 pickles a list of tensors",
    "raw: four bytes an entry; pickle: 39 bytes more for each tensor, as measured.")
  /// How long a worker asks for the result.
  static let patience = FrameworkOption(
    "patience", .duration(.zero ... .seconds(86_400)), default: .duration(.zero),
    source: "the paper says nothing; DS3Lab/LambdaML e7d466e gives up after 60 s",
    "How long a worker asks for a result before it gives up and the run fails; 0 s: for ever.")
  /// Whether the master gets what it has just put.
  static let readsBack = FrameworkOption(
    "master-reads-back", .flag, default: .flag(false),
    source: "DS3Lab/LambdaML e7d466e does so for deep models, 2 W gets a step in all",
    "Whether the master gets its own result from the store as the others do.")
  static let storage = StoreOptions()
  static let exchange = ExchangeOptions()
  static let aggregation = AggregationOptions(
    released: "sum",
    source: "LambdaML divides by W; released: AmineBarrak/TrainingML_P2P_Serverless 16ebf17 adds")
  static let habits = HabitOptions(releasedLogLines: 6)
  static let compression = CompressionOptions()
  static let synchronization = SynchronizationOptions(refusing: [
    "ssp": "workers meet at worker 0 or not at all: bsp or asp would go"
  ])

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "all-reduce",
    summary: "Every worker uploads its gradient; worker 0 averages them and uploads the mean.",
    source: "LambdaML, SIGMOD 2021, arXiv 2105.07806",
    variants: [FrameworkDeclaration.published, FrameworkDeclaration.released],
    options: [pollInterval, listInterval, gradientKeys, serialization, patience, readsBack]
      + storage.all
      + exchange.all + aggregation.all + compression.all + synchronization.all + habits.all)

  /// What does not go together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    aggregation.conflicts(in: arrangement)
      + compression.conflicts(in: arrangement, aggregatedBy: aggregation)
      + exchange.conflicts(in: arrangement, aggregatedBy: aggregation, sentBy: compression)
      + synchronization.conflicts(
        in: arrangement, exchanging: exchange, aggregatedBy: aggregation)
  }
}
