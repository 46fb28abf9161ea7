public import Cloud
public import Learning

/// What is to be trained, on how many workers, and what it is priced as.
public struct TrainingConfiguration: Sendable {
  /// How training data reaches a worker.
  public enum Fetch: String, CaseIterable, Sendable {
    /// One object a step.
    case minibatch
    /// The worker's whole shard, once, before the first step.
    case partition
  }

  /// The number of workers W.
  public var workers: Int
  /// Samples in a minibatch of one worker.
  public var batchSize: Int
  /// Micro-batches of equal size in which a minibatch is computed, one after the other: only one
  /// needs its activations in memory.
  public var accumulation = 1
  /// Passes over the data.
  public var epochs: Int
  /// The most steps to take, where a run is to be cut short.
  public var stepLimit: Int?
  /// What really learns; nil in a time-only run, which has the requests and the bytes of a real
  /// one and no arithmetic.
  public var subject: LearningSubject?
  /// Samples in the training set.
  public var sampleCount: Int
  /// How the training data is dealt to the workers.
  public var skew: Skew
  /// How gradients become updates.
  public var optimizer: OptimizerKind
  /// How the learning rate changes with the updates.
  public var schedule: LearningRateSchedule
  /// What is done to gradients that are too large.
  public var clipping: GradientClipping
  /// How training data reaches a worker.
  public var fetch: Fetch
  /// The class of the object store that holds gradients and chunks.
  public var objectStore: ObjectStore.Kind
  /// The model that time, memory and bytes are charged for: the one that learns, or another.
  public var workload: ModelCost
  /// Bytes of one training sample as stored.
  public var sampleBytes: Int
  /// The function that runs a worker.
  public var function: FunctionConfiguration
  /// The seed of initial parameters, partition and shuffles: the same for every framework.
  public var seed: UInt64
  /// The framework's options, and its variant.
  public var options: FrameworkOptions
  /// What goes wrong, and when.
  public var faults: [Fault] = []

  /// A configuration that is priced as the model that learns.
  public init(
    workers: Int, batchSize: Int, epochs: Int, model: Model, data: TrainingData,
    optimizer: OptimizerKind, function: FunctionConfiguration, seed: UInt64
  ) {
    self.init(
      workers: workers, batchSize: batchSize, epochs: epochs, sampleCount: data.train.count,
      sampleBytes: data.train.sampleByteCount, workload: model.cost, optimizer: optimizer,
      function: function, seed: seed)
    subject = LearningSubject(model: model, data: data)
  }

  /// A time-only configuration: requests, bytes and durations of a workload, no arithmetic.
  public init(
    workers: Int, batchSize: Int, epochs: Int, sampleCount: Int, sampleBytes: Int,
    workload: ModelCost, optimizer: OptimizerKind, function: FunctionConfiguration, seed: UInt64
  ) {
    self.workers = workers
    self.batchSize = batchSize
    self.epochs = epochs
    self.sampleCount = sampleCount
    self.sampleBytes = sampleBytes
    self.workload = workload
    self.optimizer = optimizer
    self.function = function
    self.seed = seed
    skew = .iid
    schedule = .constant
    clipping = .none
    fetch = .minibatch
    objectStore = .standard
    options = FrameworkOptions()
  }

  /// What a framework looks at to say which settings do not go together.
  public var arrangement: Arrangement {
    Arrangement(
      workers: workers, options: options, optimizer: optimizer,
      modelName: subject?.model.name, faults: faults, functionTimeout: function.timeout)
  }
}

/// What really learns in a run, and from what.
public struct LearningSubject: Sendable {
  /// The model.
  public var model: Model
  /// What it learns from, and what it is judged by.
  public var data: TrainingData
  /// Where every replica begins; nil for the model's own start from the seed.
  public var start: Weights?

  /// A model that begins where its seed says.
  public init(model: Model, data: TrainingData, start: Weights? = nil) {
    self.model = model
    self.data = data
    self.start = start
  }
}

/// One minibatch per worker: where it stands in the training.
public struct Step: Sendable, Hashable {
  /// The pass over the data, from 0.
  public let epoch: Int
  /// The position in the epoch, from 0.
  public let index: Int
  /// The position in the training, from 0.
  public let number: Int
  /// Whether the epoch ends with it.
  public let isLastOfEpoch: Bool
}

/// The samples of one step of one worker.
public struct Minibatch: Sendable {
  /// The step it belongs to.
  public let step: Step
  /// How many samples it has.
  public let count: Int
  /// Indices into the training set; empty in a time-only run.
  public let samples: [Int32]

  /// The minibatch cut into so many of equal size.
  func parts(_ number: Int) -> [Minibatch] {
    precondition(count.isMultiple(of: number), "micro-batches have equal sizes")
    let size = count / number
    return (0..<number).map { part in
      let own = samples.isEmpty ? [] : Array(samples[part * size..<(part + 1) * size])
      return Minibatch(step: step, count: size, samples: own)
    }
  }
}
