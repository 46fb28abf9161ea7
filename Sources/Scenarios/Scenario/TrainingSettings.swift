public import Learning

/// What is learned, from what and how.
public struct TrainingSettings: Sendable, Hashable {
  /// Whether anything really learns.
  public var gradients: Gradients
  /// The model that really learns, or that a time-only run takes its size from.
  public var model: ModelReference
  /// The path of the safetensors file with the weights to begin with, if there is one.
  public var initialWeights: String?
  /// The data it learns from.
  public var dataset: DatasetReference
  /// Samples per worker and step.
  public var batchSize: Int
  /// Whether the file gave the batch of all workers together.
  public var isGlobalBatch: Bool
  /// Micro-batches in which a worker computes its minibatch.
  public var gradientAccumulation: Int
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
  public var pricedAs: Workload?
  /// What a worker fetches at once; nil for what the framework's variant does.
  public var fetch: Fetch?

  /// Whether gradients are computed.
  public enum Gradients: String, Sendable, Hashable, CaseIterable {
    /// They are: accuracy is a result.
    case computed
    /// They are not: requests, bytes, time and cost are those of a run that computes them.
    case none
  }

  /// What time, memory and bytes are charged for.
  public enum Workload: Sendable, Hashable {
    /// As in `resnet50`.
    case named(String)
    /// Sizes of the user's own.
    case described(WorkloadSettings)

    /// The workload in words.
    public var text: String {
      switch self {
      case .named(let name): name
      case .described(let settings): "a model of \(settings.parameters) parameters"
      }
    }
  }

  /// A model known by its size and work alone.
  public struct WorkloadSettings: Sendable, Hashable {
    /// Trainable numbers.
    public var parameters: Int
    /// Tensors they form.
    public var tensors: Int
    /// Floating-point operations of the forward pass of one sample.
    public var forwardFLOPs: Int64
    /// Floating-point operations of the backward pass of one sample.
    public var backwardFLOPs: Int64
    /// Bytes of activations kept for one sample until its backward pass.
    public var activationBytes: Int64
    /// Bytes of one sample as stored; nil for those of the data set.
    public var sampleBytes: Int64?
  }

  /// A model that comes by name, or in the user's PyTorch.
  public enum ModelReference: Sendable, Hashable {
    /// As in `lenet5`.
    case named(String)
    /// A class of a Python file.
    case python(ExternalModel)
    /// None: a time-only run whose workload is described elsewhere.
    case absent

    /// The model's name, or that of its class.
    public var name: String {
      switch self {
      case .named(let name): name
      case .python(let model): model.className
      case .absent: "none"
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
    /// So many samples of no particular content, for a time-only run.
    case sized(samples: Int)
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
