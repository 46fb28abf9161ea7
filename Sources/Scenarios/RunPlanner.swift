internal import Cloud
internal import Learning
internal import SimulationKernel
internal import Training

/// The version of this program, part of every run's key.
public enum Version {
  /// As in `0.1.0`.
  public static let text = "0.1.0"
}

/// Plans the runs of scenarios, and loads what they refer to, each file once.
public struct RunPlanner {
  private let options: RunnerOptions
  private var loader: TrainingLoader
  private var references: (subject: ScenarioReferences.Subject, loaded: ScenarioReferences)?

  /// A planner of runs that are made with `options`.
  public init(options: RunnerOptions) {
    self.options = options
    loader = TrainingLoader(dataDirectory: options.dataDirectory)
  }

  /// The runs of a scenario: points, then frameworks, then replications.
  ///
  /// - Parameter seed: the seed of replication 0, where it is not the scenario's.
  /// - Throws: `ScenarioErrors` with all that is wrong with what the scenario refers to,
  ///   `DataError`, `TraceError` or `LearningError`.
  public mutating func plans(for scenario: Scenario, seed: UInt64? = nil) throws -> [RunPlan] {
    let library = TraceLibrary(beside: scenario.file, directory: options.traceDirectory)
    try ScenarioReferences.check(scenario, library: library)
    let pool = GradientPool(threads: 1, backend: options.backend, portable: options.isPortable)
    var plans: [RunPlan] = []
    for point in scenario.points {
      let first = seed ?? point.scenario.seed
      let jobs = point.scenario.jobs
      let loaded = try jobs.map { try inputs(of: $0.scenario, seed: first) }
      for (place, framework) in point.scenario.frameworks.enumerated() {
        let type = type(of: framework)
        let choice = point.choice(of: framework, type.declaration)
        for replication in 0..<point.scenario.replications {
          let seed = replicationSeed(first, replication)
          let jobs = try zip(jobs, loaded).map { job, inputs in
            JobPlan(
              parameters: job.parameters.named, framework: job.scenario.frameworks[place],
              scenario: job.scenario.completed(by: inputs.provider), seed: seed,
              inputs: try begin(inputs, job, seed: seed))
          }
          plans.append(
            RunPlan(
              framework: framework, choice: choice, replication: replication, seed: seed,
              scenario: point.scenario,
              key: RunKey.key(
                of: jobs, atOnce: point.scenario.pipeline?.atOnce, type.declaration, pool: pool),
              type: type, jobs: jobs))
        }
      }
    }
    return plans
  }

  /// The inputs of a job with a model that begins as `seed` says.
  private mutating func begin(
    _ inputs: RunInputs, _ job: SweepPoint, seed: UInt64
  ) throws -> RunInputs {
    var inputs = inputs
    if let data = inputs.subject?.data {
      inputs.subject?.model = try loader.model(for: job.scenario.training, data: data, seed: seed)
    }
    return inputs
  }

  private func type(of framework: FrameworkSelection) -> any TrainingFramework.Type {
    guard let type = options.frameworks.first(where: { $0.declaration.name == framework.name })
    else { preconditionFailure("the runner's options lack the framework \(framework.name)") }
    return type
  }

  private mutating func inputs(of scenario: Scenario, seed: UInt64) throws -> RunInputs {
    let training = scenario.training
    let subject: LearningSubject? =
      switch training.gradients {
      case .computed: try loader.subject(of: training, seed: seed)
      case .none: nil
      }
    let size =
      try subject.map { try TrainingSize(of: training, with: $0) }
      ?? TrainingSize(timeOnly: training)
    guard size.sampleCount >= scenario.workers * training.batchSize else {
      throw DataError(
        "\(subject?.data.train.name ?? "the training") has \(size.sampleCount) samples to learn "
          + "from, but one step of \(scenario.workers) workers takes "
          + "\(scenario.workers * training.batchSize)")
    }
    let library = TraceLibrary(beside: scenario.file, directory: options.traceDirectory)
    let references = try references(of: scenario, library: library)
    let provider = references.provider
    var region = RegionOptions()
    region.date = scenario.date.flatMap(CalendarDate.init)
    region.freeTier = scenario.freeTier
    region.standing = StandingCharge(rawValue: scenario.standing.rawValue) ?? .job
    region.privateNetwork = scenario.network.privateNetwork
    region.billsLogs = scenario.billsLogs
    region.compute = try computeModel(scenario, provider: provider)
    region.latencies = references.latencies
    region.concurrencyLimit = scenario.limits.concurrency
    region.scalingBurst = scenario.platform.scalingBurst
    region.scalingPerSecond = scenario.platform.scalingPerSecond
    region.functionTimeoutLimit = scenario.platform.functionTimeout
    for fault in scenario.faults { region.add(fault) }
    return RunInputs(
      provider: provider, providerDigest: references.providerDigest, subject: subject,
      code: try loader.code(for: training), size: size,
      regionOptions: region)
  }

  /// The provider and the traces of a scenario; sweep points mostly share theirs.
  private mutating func references(
    of scenario: Scenario, library: TraceLibrary
  ) throws -> ScenarioReferences {
    let subject = ScenarioReferences.Subject(scenario)
    if let known = references, known.subject == subject { return known.loaded }
    let loaded = try ScenarioReferences(of: scenario, library: library)
    references = (subject, loaded)
    return loaded
  }

  /// The provider's compute model with what the scenario puts in its place.
  ///
  /// A scenario states the rate of a function of its memory; the model's is of one processor.
  private func computeModel(_ scenario: Scenario, provider: Provider) throws -> ComputeModel? {
    let settings = scenario.compute
    if settings.flopsPerSecond == nil, settings.overhead == nil { return nil }
    var model = ComputeModel(
      flopsPerSecond: try provider.flopsPerSecond("compute.rate"),
      batchOverhead: try provider.duration("compute.batch-overhead"),
      vectorBytesPerSecond: try provider.bytesPerSecond("compute.vector-rate"),
      parallelFraction: try provider.number("compute.parallel-fraction"))
    if let overhead = settings.overhead { model.batchOverhead = overhead }
    if let rate = settings.flopsPerSecond {
      let perProcessor = try provider.bytes("function.memory-per-vcpu") / (1 << 20)
      let processors = Double(scenario.function.memoryMB) / Double(perProcessor)
      model.flopsPerSecond = Double(rate) / model.speedup(vCPUs: processors)
    }
    return model
  }
}

extension [SweepPoint.Parameter] {
  /// The values as a run reports them.
  var named: [RunResult.Named<String>] { map { RunResult.Named($0.key, $0.value) } }
}
