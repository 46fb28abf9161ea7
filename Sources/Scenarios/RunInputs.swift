internal import Cloud
internal import Learning
internal import SimulationKernel
internal import Training

/// What a scenario refers to, loaded: the run itself reads no file.
struct RunInputs: Sendable {
  let provider: Provider
  /// Of everything in the provider; it is made once, because there are hundreds of entries.
  let providerDigest: String
  /// What really learns; nil in a time-only run.
  ///
  /// A module of the user's own begins otherwise with every seed.
  var subject: LearningSubject?
  /// The text that defines a module of the user's own.
  let code: String?
  /// What time, memory and bytes are charged for.
  let size: TrainingSize
  let regionOptions: RegionOptions
}

extension JobPlan {
  /// What the training layer needs to know.
  var configuration: TrainingConfiguration {
    let training = scenario.training
    var configuration = TrainingConfiguration(
      workers: scenario.workers, batchSize: training.batchSize, epochs: training.epochs,
      sampleCount: inputs.size.sampleCount, sampleBytes: inputs.size.sampleBytes,
      workload: inputs.size.workload, optimizer: OptimizerKind(training.optimizer),
      function: FunctionConfiguration(scenario.function), seed: seed)
    configuration.subject = inputs.subject
    configuration.accumulation = training.gradientAccumulation
    configuration.schedule = training.schedule
    configuration.clipping = training.clipping
    configuration.stepLimit = training.steps
    configuration.skew = training.partition.skew
    configuration.fetch = training.fetch == .partition ? .partition : .minibatch
    configuration.objectStore =
      scenario.storage.objectStore == "express" ? .express : .standard
    configuration.options = framework.options
    configuration.faults = scenario.jobFaults
    return configuration
  }
}

extension OptimizerKind {
  init(_ optimizer: TrainingSettings.Optimizer) {
    switch optimizer {
    case .sgd(let learningRate, let momentum, let nesterov, let weightDecay):
      self = .sgd(
        learningRate: Float(learningRate), momentum: Float(momentum), nesterov: nesterov,
        weightDecay: Float(weightDecay))
    case .adam(let learningRate, let beta1, let beta2, let epsilon, let weightDecay):
      self = .adam(
        learningRate: Float(learningRate), beta1: Float(beta1), beta2: Float(beta2),
        epsilon: Float(epsilon), weightDecay: Float(weightDecay))
    }
  }
}

extension TrainingSettings.Partition {
  var skew: Skew {
    switch self {
    case .iid: .iid
    case .dirichlet(let alpha): .dirichlet(alpha: alpha)
    }
  }
}

extension FunctionConfiguration {
  init(_ settings: FunctionSettings) {
    self.init(name: "worker", memoryMB: settings.memoryMB)
    architecture = Architecture(rawValue: settings.architecture) ?? architecture
    runtime = settings.runtime
    package = PackageKind(rawValue: settings.package) ?? package
    packageBytes = Int(settings.packageBytes)
    imports = settings.imports
    ephemeralStorageMB = settings.ephemeralStorageMB
    timeout = settings.timeout
  }
}
