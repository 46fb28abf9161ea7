import Cloud
import Learning
import Scenarios
import SimulationKernel
import Testing
import Training

/// A short run on the committed fixture in the shipped region, for tests.
struct Trial {
  let type: any TrainingFramework.Type
  var configuration: TrainingConfiguration
  var seed: UInt64 = 7
  /// Faults of the services, where there are some.
  var regionOptions = RegionOptions()
  /// Values instead of the provider's.
  var facts: [String: ProviderValue] = [:]
  var limits = Simulation.Limits(virtualTime: .seconds(24 * 3600))
  var provider = Trial.provider

  static let data = Result {
    try DatasetCatalog.load(.named("fashion-mnist-fixture", directory: nil))
  }
  static let provider = Result {
    try ProviderReader(library: TraceLibrary(directories: [])).provider(named: "aws/us-east-1")
  }

  init(
    _ type: any TrainingFramework.Type, workers: Int, model: String = "logistic-regression",
    optimizer: OptimizerKind = .sgd(learningRate: 0.05, momentum: 0.9), batchSize: Int = 16,
    steps: Int = 3, epochs: Int = 2, options: FrameworkOptions = FrameworkOptions()
  ) throws {
    self.type = type
    let data = try Trial.data.get()
    configuration = TrainingConfiguration(
      workers: workers, batchSize: batchSize, epochs: epochs,
      model: try Model.named(model, for: data.train), data: data, optimizer: optimizer,
      function: FunctionConfiguration(name: "worker"), seed: 7)
    configuration.stepLimit = steps
    configuration.options = options
  }

  /// A trial of a job that is configured in every respect.
  init(_ type: any TrainingFramework.Type, _ configuration: TrainingConfiguration) {
    self.type = type
    self.configuration = configuration
  }

  /// Runs the trial to its end.
  func run(observer: @escaping (EventLog.Span, EventLog) -> Void = { _, _ in }) throws
    -> TrainingOutcome
  {
    let log = EventLog(.kept)
    log.observer = { [unowned log] span, _ in observer(span, log) }
    let simulation = Simulation(seed: seed, log: log, limits: limits)
    var provider = try provider.get()
    for (key, value) in facts {
      provider.override(ProviderEntry(key: key, versions: [.init(value, source: "test", date: "")]))
    }
    let region = try Region(simulation, provider: provider, options: regionOptions)
    let job = try TrainingJob(configuration, in: region, pool: GradientPool(threads: 1))
    var outcome: Result<TrainingOutcome, any Error>?
    simulation.spawn("job") {
      do { outcome = .success(try await job.run(type)) } catch { outcome = .failure(error) }
    }
    do { try simulation.run() } catch let livelock as LimitExceeded {
      return job.outcome(of: livelock)
    }
    guard let outcome else { throw NotEnded() }
    return try outcome.get()
  }

  /// The parameters that one machine reaches with the union of all workers' minibatches.
  func oneMachine() throws -> [Float] {
    let subject = try #require(configuration.subject)
    let partition = Partition(
      dataset: subject.data.train, workers: configuration.workers, seed: configuration.seed)
    let perEpoch = partition.stepsPerEpoch(batchSize: configuration.batchSize)
    let pool = GradientPool(threads: 1)
    let replica = Replica(configuration)
    for step in 0..<(configuration.stepLimit ?? perEpoch * configuration.epochs) {
      let samples = (0..<configuration.workers).flatMap { rank in
        partition.batch(
          rank: rank, epoch: step / perEpoch, index: step % perEpoch, size: configuration.batchSize)
      }
      let task = pool.gradient(
        of: subject.model, at: replica.parameters, on: subject.data.train,
        samples: samples, seed: 0)
      replica.update(with: try task.join().values)
    }
    return replica.parameters
  }
}

struct NotEnded: Error {}

extension TrainingOutcome {
  /// The phases of the worker that ended last, added up.
  var phaseSum: Duration { Phase.allCases.reduce(.zero) { $0 + timeline[$1] } }
}
