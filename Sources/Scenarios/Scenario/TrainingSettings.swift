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

  /// A data set that comes by name, or in the user's files.
  public enum DatasetReference: Sendable, Hashable {
    /// As in `fashion-mnist`.
    case named(String)
    /// A folder of IDX files named as those of MNIST, gzipped or not.
    case idx(path: String)
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
