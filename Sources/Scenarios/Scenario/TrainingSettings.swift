/// What is learned, from what and how.
public struct TrainingSettings: Sendable, Hashable {
  /// The model that really learns, as in `lenet5`.
  public var model: String
  /// The data it learns from.
  public var dataset: DatasetReference
  /// Samples per worker and step.
  public var batchSize: Int
  /// Whether the file gave the batch of all workers together.
  public var isGlobalBatch: Bool
  /// Passes over the data.
  public var epochs: Int
  /// The largest number of steps, if the run ends before the epochs do.
  public var steps: Int?
  /// The rule that updates the model.
  public var optimizer: Optimizer
  /// How samples are divided among workers.
  public var partition: Partition
  /// The workload whose time and cost are charged instead of the model's own.
  public var pricedAs: String?
  /// What a worker fetches at once; nil for what the framework's variant does.
  public var fetch: Fetch?

  /// A data set that comes by name, in the user's files, or from a seeded generator.
  public enum DatasetReference: Sendable, Hashable {
    /// As in `fashion-mnist`.
    case named(String)
    /// A folder of IDX files.
    case idx(path: String)
    /// A CSV file, or one compressed with gzip.
    case csv(path: String)
    /// A folder of CIFAR-10 binary batches.
    case cifar10(path: String)
  }

  /// The rule that turns a gradient into an update.
  public enum Optimizer: Sendable, Hashable {
    /// Stochastic gradient descent.
    case sgd(learningRate: Double, momentum: Double, nesterov: Bool, weightDecay: Double)
    /// Adam (Kingma and Ba, 2015).
    case adam(
      learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double)
  }

  /// How samples are divided among workers.
  public enum Partition: Sendable, Hashable {
    /// Shuffled, so that every shard looks like the whole.
    case iid
    /// Skewed by label: the smaller alpha, the fewer classes a worker sees.
    case dirichlet(alpha: Double)
  }

  /// What a worker fetches at once.
  public enum Fetch: String, Sendable, Hashable, CaseIterable {
    /// One minibatch each step.
    case minibatch
    /// Its whole shard, once.
    case partition
  }
}

/// A recorded trace that gives the latency of an operation.
public struct TraceSource: Sendable, Hashable {
  /// How samples become latencies.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Drawn at random, with replacement.
    case resample
    /// In the order of the file.
    case replay
  }

  /// What follows the last row of a replay.
  public enum End: String, Sendable, Hashable, CaseIterable {
    /// The first row again.
    case `repeat`
    /// An error that says so.
    case error
  }

  /// A column with the value its rows must have.
  public struct Filter: Sendable, Hashable {
    /// The column's name.
    public let column: String
    /// The text a row must have in it.
    public let value: String
  }

  /// The operation, as in `object-store.get`.
  public let operation: String
  /// The path of the file.
  public let file: String
  /// The column of latencies.
  public let column: String
  /// The unit of the column; nil if its name ends in one.
  public let unit: String?
  /// Which rows count; all must match.
  public let filters: [Filter]
  /// How samples become latencies.
  public let mode: Mode
  /// What follows the last row of a replay.
  public let atEnd: End
  /// Whether the recorded time includes the transfer of the bytes.
  public let includesTransfer: Bool
  /// Where the scenario names the trace.
  public let place: SourcePlace
}
