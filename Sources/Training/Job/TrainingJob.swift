public import Cloud
public import Learning
public import SimulationKernel

/// One training run in one region: the workers, the services, the data and the clock.
public final class TrainingJob {
  /// The cloud it runs in.
  public let region: Region
  /// What is trained.
  public let configuration: TrainingConfiguration
  /// The threads that compute gradients.
  public let pool: GradientPool
  /// Every step of the training, in order.
  public let steps: Steps
  /// The workers by rank.
  public private(set) var workers: [Worker] = []
  /// When the job was submitted: after the standing servers have started; now, where it has not.
  public var submission: Instant { submitted ?? simulation.now }
  /// Whether worker 0 does the work of all.
  public private(set) var isUnited = false
  /// Training samples seen by all workers together.
  public internal(set) var samplesSeen = 0
  /// Gradients that had been computed already for the same parameters and batch.
  ///
  /// What it counts depends on which runs share the pool: it is no part of the result.
  public internal(set) var savedGradients = 0
  /// Accuracy and loss over time and cost.
  public private(set) lazy var curve = LearningCurve(of: self)
  /// What a reader of the results should know beside them.
  public private(set) var notes: [String] = []
  /// Hears of every step that worker 0 ends, for progress reports; throws to give the run up.
  public var onStep: (Step) throws -> Void = { _ in }

  let dataset: StoredDataset
  private var submitted: Instant?
  private var failure: JobFailure?
  /// Functions that run on although their caller has failed.
  private var survivors: [Process] = []
  private var failedGradient: LearningError?
  private var deaths: [Fault.Member: () -> Void] = [:]

  /// How many times longer the work of a rank takes.
  let slowdowns: [Int: Double]
  /// The workers that lie.
  let attackers: Attackers

  /// The clock.
  public var simulation: Simulation { region.simulation }
  /// The workers that are there: that have joined, and that no fault has killed and no protocol
  /// sent away; all where none is left.
  var livingWorkers: [Worker] {
    let living = workers.filter { !$0.isCrashed && !$0.isRetired && !$0.isAbsent }
    return living.isEmpty ? workers : living
  }
  /// Samples of the training set that no worker sees, because shards are equal and batches full.
  public var droppedSamples: Int { dataset.droppedSamples }

  /// A job that has not been submitted.
  public init(_ configuration: TrainingConfiguration, in region: Region, pool: GradientPool) throws
  {
    self.configuration = configuration
    self.region = region
    self.pool = pool
    let dataset = try StoredDataset(configuration, in: region)
    self.dataset = dataset
    slowdowns = configuration.faults.reduce(into: [:]) { slowdowns, fault in
      if case .slow(let rank, let factor) = fault { slowdowns[rank, default: 1] *= factor }
    }
    attackers = try Attackers(configuration)
    steps = Steps(
      epochs: configuration.epochs, perEpoch: dataset.stepsPerEpoch,
      limit: configuration.stepLimit)
    workers = (0..<configuration.workers).map { rank in
      Worker(rank: rank, job: self, replica: Replica(configuration))
    }
  }

  /// Lets worker 0 do the work of all, with minibatches W times as large; there are no others then.
  func unite() {
    isUnited = true
    workers.removeLast(workers.count - 1)
  }

  /// Starts the standing servers, submits the job and waits for its end.
  ///
  /// A modelled failure is part of the outcome; the job ends when its last function has ended.
  ///
  /// - Throws: `OptionConflict` where settings do not go together, `ProviderError`, or what gave
  ///   the run up.
  public func run(_ type: any TrainingFramework.Type) async throws -> TrainingOutcome {
    if let conflict = type.conflicts(in: configuration.arrangement).first { throw conflict }
    let framework = try type.init(self)
    try await region.provision()
    submitted = simulation.now
    region.noteSubmission()
    for worker in workers { worker.submit() }
    let faults = scheduleFaults()
    defer { for fault in faults { simulation.cancel(fault) } }
    curve.recordPresent()
    do {
      try await framework.train()
    } catch let error as JobFailure {
      guard error.isModelled else { throw error.cause }
      failure = error
    }
    if failure == nil, workers.allSatisfy({ $0.isCrashed || $0.isAbsent }),
      let last = workers.filter(\.isCrashed).max(by: Worker.endsFirst)
    {
      failure = JobFailure(
        worker: "worker \(last.rank)", time: last.end, cause: Crashed(worker: last.rank))
    }
    guard let failure else {
      return outcome(at: workers.map(\.end).max() ?? submission, failure: nil)
    }
    curve.recordPresent()
    try await awaitSurvivors()
    return outcome(at: simulation.now, failure: failure)
  }

  /// Waits for the functions that run on after a failure: nobody stops them, and they are paid.
  private func awaitSurvivors() async throws {
    try await simulation.sleep(for: .zero)  // callers that were killed die first
    for function in survivors where !function.isFinished {
      do { try await simulation.join(function) } catch  where function.isFinished {}
    }
  }

  /// How a job ends that has passed the limits of its simulation.
  public func outcome(of livelock: LimitExceeded) -> TrainingOutcome {
    let pollers = livelock.alive.joined(separator: ", ")
    return outcome(
      at: livelock.time,
      failure: failure ?? JobFailure(worker: pollers, time: livelock.time, cause: livelock))
  }

  private func outcome(at end: Instant, failure: JobFailure?) -> TrainingOutcome {
    curve.recordPresent()
    // Who ended last may have ended before the function of somebody else, such as a supervisor.
    let last = workers.max(by: Worker.endsFirst)
    if failure != nil, submitted != nil { last?.conclude() }
    return TrainingOutcome(
      job: self, provisioning: submission - .start, time: end - submission, failure: failure,
      timeline: last?.timeline ?? PhaseTimeline(.orchestrate, at: .start))
  }

  /// Says how a member of the framework's own, such as its supervisor, dies.
  ///
  /// Nobody is told of a death: the others go on as their protocol says, most until a limit.
  func onCrash(of member: Fault.Member, _ die: @escaping () -> Void) { deaths[member] = die }

  /// Tells the readers of the results something beside them, once.
  func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

  /// Schedules deaths; what has not come when the job ends must be taken back.
  private func scheduleFaults() -> [Simulation.Timer] {
    var timers: [Simulation.Timer] = []
    for rank in slowdowns.keys.sorted() + attackers.ranks where rank >= workers.count {
      note("this framework has no worker \(rank): its fault changes nothing")
    }
    for case .crash(let member, let occurrence) in configuration.faults {
      let die: () -> Void
      if case .worker(let rank) = member, rank < workers.count {
        die = workers[rank].crash
      } else if let death = deaths[member] {
        die = death
      } else {
        note("this framework has no \(member): its crash changes nothing")
        continue
      }
      timers.append(simulation.schedule(after: time(of: occurrence, for: member), die))
    }
    return timers
  }

  private func time(of occurrence: Fault.Occurrence, for member: Fault.Member) -> Duration {
    switch occurrence {
    case .at(let time): return time
    case .rate(let perHour):
      var luck = simulation.random(for: "fault/crash", actor: "\(member)")
      return .rounded(seconds: luck.exponential(mean: 3600 / perHour))
    }
  }

  /// The gradient of a task.
  ///
  /// Once a module of the user's own has failed, nobody waits for it to fail again: a process in
  /// PyTorch takes seconds to start.
  func join(_ task: GradientTask) throws(LearningError) -> Gradient {
    if let failedGradient { throw failedGradient }
    do { return try task.join() } catch {
      failedGradient = error
      throw error
    }
  }

  /// Runs `body` in a function on behalf of a worker.
  ///
  /// - Throws: `JobFailure`, which names the worker.
  public func invoke<Result>(
    _ function: Function, for worker: Worker, _ body: @escaping (Worker) async throws -> Result
  ) async throws -> Result {
    try await follow(worker) { [self] branch in
      try await invoke(function, named: "\(function.name) \(worker.rank)") { environment in
        try await branch.work(in: environment, body)
      }
    }
  }

  /// Runs `body` in a function that is no worker's, such as a supervisor.
  func invoke<Result>(
    _ function: Function, named name: String,
    _ body: @escaping (ExecutionEnvironment) async throws -> Result
  ) async throws -> Result {
    var process: Process?
    defer { if let process, !process.isFinished { survivors.append(process) } }
    return try await region.functions.invoke(
      function, named: name, onBegin: { process = $0 }, body)
  }

  /// Runs `body` on a machine on behalf of a worker; it ends with whoever waits for it here.
  ///
  /// - Throws: `JobFailure`, which names the worker.
  public func occupy<Result>(
    _ machine: VirtualMachine, for worker: Worker,
    _ body: @escaping (Worker) async throws -> Result
  ) async throws -> Result {
    try await follow(worker) { [self] branch in
      var result: Result?
      let process = machine.spawn("worker \(worker.rank)") {
        result = try await branch.work(in: machine, body)
      }
      do { try await simulation.join(process) } catch {
        simulation.kill(process, error)
        throw error
      }
      guard let result else { preconditionFailure("a run without an error has a result") }
      return result
    }
  }

  /// Goes where a worker goes on a line of its own, and goes on where that ends.
  private func follow<Result>(
    _ worker: Worker, _ go: (Worker) async throws -> Result
  ) async throws -> Result {
    let branch = worker.branch()
    branch.begin(.orchestrate)
    do { return try await go(branch) } catch {
      worker.conclude()  // for now: its function may run on
      throw error as? JobFailure
        ?? JobFailure(worker: "worker \(worker.rank)", time: simulation.now, cause: error)
    }
  }

  // MARK: - Sizes, as priced

  /// Whether no gradient is computed.
  public var isTimeOnly: Bool { configuration.subject == nil }

  /// Entries of one whole gradient, as priced.
  public var parameterCount: Int { configuration.workload.parameterCount }

  /// Bytes of one whole gradient on the wire.
  public var gradientBytes: Int { configuration.workload.gradientBytes }

  /// Bytes of a sparse vector on the wire: 8 for an index and a value, at most those of a dense
  /// one; for a larger priced workload, at the density of the model that learns.
  func wireBytes(entries: Int, of dimension: Int) -> Int {
    let priced = configuration.workload.parameterCount
    let scaled = dimension == priced ? entries : entries * priced / dimension
    return min(8 * scaled, 4 * priced)
  }

  /// Bytes of a sparse vector of a time-only run, of which this share of the entries is sent.
  func wireBytes(density: Double) -> Int {
    let parameters = configuration.workload.parameterCount
    return min(8 * Int((density * Double(parameters)).rounded(.up)), 4 * parameters)
  }

  /// Bytes that an optimizer step reads and writes: parameters, gradient and state.
  var updateBytes: Int { gradientBytes * (3 + 2 * configuration.optimizer.stateVectors) }

  /// Samples in a minibatch of one worker.
  private var minibatchSize: Int {
    configuration.batchSize * (isUnited ? configuration.workers : 1)
  }

  /// Memory that a worker needs besides its runtime: parameters, gradient, optimizer state and
  /// received gradient, the samples of a minibatch, and the activations of a micro-batch forward
  /// and backward.
  var footprintBytes: Int {
    gradientBytes * (3 + configuration.optimizer.stateVectors)
      + minibatchSize * configuration.sampleBytes
      + minibatchSize / configuration.accumulation * 2 * configuration.workload.activationBytes
  }
}
