public import Learning

/// What is learned, from what and how.
public struct TrainingSettings: Sendable, Hashable {
  /// The model that really learns.
  public var model: ModelReference
  /// The path of the safetensors file with the weights to begin with, if there is one.
  public var initialWeights: String?
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
  /// How the learning rate changes with the updates.
  public var schedule: LearningRateSchedule
  /// What is done to gradients that are too large.
  public var clipping: GradientClipping
  /// How samples are divided among workers.
  public var partition: Partition
  /// The workload whose time and cost are charged instead of the model's own.
  public var pricedAs: String?
  /// What a worker fetches at once; nil for what the framework's variant does.
  public var fetch: Fetch?

  /// A model that comes by name, or in the user's PyTorch.
  public enum ModelReference: Sendable, Hashable {
    /// As in `lenet5`.
    case named(String)
    /// A class of a Python file.
    case python(ExternalModel)

    /// The model's name, or that of its class.
    public var name: String {
      switch self {
      case .named(let name): name
      case .python(let model): model.className
      }
    }
  }

  /// A data set that comes by name, or in the user's files.
  public enum DatasetReference: Sendable, Hashable {
    /// As in `fashion-mnist`.
    case named(String)
    /// A folder of IDX files named as those of MNIST, gzipped or not.
    case idx(path: String)
    /// A table; without a name, the label is in the last column.
    case csv(path: String, label: String?)
    /// A folder of CIFAR-10's binary version.
    case cifar10(path: String)
    /// Drawn from a seed.
    case synthetic(SyntheticData, samples: Int, testSamples: Int, seed: UInt64)
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
