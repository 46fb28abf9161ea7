public import Cloud
public import Learning
public import SimulationKernel

/// A worker at work, in a function or on a machine: what it can do, and where its time goes.
public final class Worker {
  /// The position among the workers, from 0.
  public let rank: Int
  /// The job it works for.
  public unowned let job: TrainingJob
  /// Its copy of the model.
  public let replica: Replica
  /// Where it works; a worker is somewhere only between `arrive` and `leave`.
  public private(set) var workplace: (any Workplace)?
  /// Its time by phase, so far.
  public private(set) var timeline: PhaseTimeline
  /// When it ended.
  public private(set) var end: Instant = .start
  /// Whether it has not joined the job yet: nobody waits for it, and its replica does not count.
  var isAbsent = false
  /// Whether a fault has killed it.
  public var isCrashed: Bool { presence.isCrashed }
  /// Whether its protocol has sent it away before the end.
  public var isRetired: Bool { presence.isRetired }

  /// The lines of activity of this worker: itself, or the functions of its workflow.
  private let presence: Presence
  /// The worker whose branch this is.
  private let origin: Worker?
  /// How many times longer its work takes than that of others.
  private var slowdown: Double { job.slowdowns[rank] ?? 1 }

  convenience init(rank: Int, job: TrainingJob, replica: Replica) {
    self.init(
      rank: rank, job: job, replica: replica,
      timeline: PhaseTimeline(.orchestrate, at: .start), presence: Presence(), origin: nil)
  }

  private init(
    rank: Int, job: TrainingJob, replica: Replica, timeline: PhaseTimeline, presence: Presence,
    origin: Worker?
  ) {
    self.rank = rank
    self.job = job
    self.replica = replica
    self.timeline = timeline
    self.presence = presence
    self.origin = origin
  }

  /// Whether this is worker 0, which some protocols give an extra task.
  public var isMaster: Bool { rank == 0 }

  /// Ends the present phase and begins another, now or at an instant within the present one.
  public func begin(_ phase: Phase, at instant: Instant? = nil) {
    timeline.begin(phase, at: instant ?? job.simulation.now)
  }

  /// Says that the present phase was another one all along: a download that found nothing, a wait.
  public func relabel(_ phase: Phase) { timeline.relabel(phase) }

  /// Fetches the minibatch of a step, of another worker's shard where it takes that over.
  public func fetchMinibatch(of step: Step, from shard: Int? = nil) async throws -> Minibatch {
    begin(.fetch)
    let shards = job.isUnited ? Array(0..<job.configuration.workers) : [shard ?? rank]
    try await job.dataset.fetch(step, of: shards, for: self)
    return job.dataset.minibatch(of: step, from: shards)
  }

  /// Computes the gradient of a minibatch at the present parameters.
  ///
  /// The real arithmetic is started when the simulated computation starts and joined when it
  /// ends; it takes no virtual time of its own. A time-only run has none: its gradient is empty.
  /// Micro-batches are computed one after the other, and the gradient is the mean of theirs.
  public func computeGradient(of minibatch: Minibatch) async throws -> Gradient {
    begin(.compute)
    let parts = minibatch.parts(job.configuration.accumulation)
    var gradients = GradientAccumulator()
    var loss = 0.0
    for (index, part) in parts.enumerated() {
      guard let gradient = try await computeGradient(of: part, index) else { continue }
      gradients.add(gradient.values)
      loss += gradient.loss / Double(parts.count)
    }
    // Every gradient but the first is added to a sum: two are read and one written.
    if parts.count > 1 { try await process(bytes: 3 * (parts.count - 1) * job.gradientBytes) }
    guard gradients.count > 0 else { return .none }
    let gradient = Gradient(values: gradients.takeMean(), loss: loss, batchStatistics: [])
    return job.attackers.claimed(gradient, by: rank, in: minibatch.step)
  }

  private func computeGradient(of part: Minibatch, _ index: Int) async throws -> Gradient? {
    let task = startGradient(of: part, index)
    let workload = job.configuration.workload
    try await compute(
      .gradient(
        samples: part.count, flopsPerSample: workload.forwardFLOPs + workload.backwardFLOPs))
    job.samplesSeen += part.count
    guard let task else { return nil }
    let gradient = try job.join(task)
    replica.absorb(gradient.batchStatistics)
    return gradient
  }

  private func startGradient(of minibatch: Minibatch, _ part: Int) -> GradientTask? {
    let configuration = job.configuration
    guard let subject = configuration.subject else { return nil }
    let number = minibatch.step.number * configuration.workers + rank
    let task = job.pool.gradient(
      of: subject.model, at: replica.parameters,
      on: job.attackers.data(subject.data.train, of: rank), samples: minibatch.samples,
      seed: configuration.seed &+ UInt64(number * configuration.accumulation + part))
    if task.isSaved { job.savedGradients += 1 }
    return task
  }

  /// Spends the time of memory-bound work over `bytes`: (de)serialising, adding, filtering.
  public func process(bytes: Int) async throws { try await compute(.vector(bytes: Int64(bytes))) }

  /// Spends the time of computing the loss of `samples` samples at so many points.
  func evaluate(samples: Int, times: Int) async throws {
    let flops = job.configuration.workload.forwardFLOPs
    try await compute(.gradient(samples: samples * times, flopsPerSample: flops))
  }

  /// The mean loss of training samples at some parameters; nil in a time-only run.
  func loss(at parameters: [Float], on samples: [Int32]) throws -> Double? {
    guard let subject = job.configuration.subject else { return nil }
    let evaluation = job.pool.evaluation(
      of: subject.model, at: parameters, statistics: replica.statistics,
      on: subject.data.train, samples: samples)
    return try evaluation.join().loss
  }

  /// Takes memory where it works.
  func allocate(bytes: Int) throws { try workplace?.allocate(bytes: bytes) }

  /// Gives memory back.
  func free(bytes: Int) { workplace?.free(bytes: bytes) }

  /// Spends the time of work that takes one whole processor so long.
  public func spend(_ time: Duration) async throws {
    if time > .zero { try await compute(.seconds(time)) }
  }

  /// Spends the time of an optimizer step and applies it.
  public func updateModel(with gradient: [Float]) async throws {
    begin(.update)
    try await process(bytes: job.updateBytes)
    replica.update(with: gradient)
  }

  /// Tells the observer that a step is done: it evaluates at the end of an epoch, at no cost.
  ///
  /// - Throws: what the progress report throws when the run is to be given up.
  public func finish(_ step: Step) throws {
    if isMaster { try job.onStep(step) }
    if step.isLastOfEpoch { job.curve.record(replica, of: rank, afterEpoch: step.epoch) }
  }

  /// What is left of its function's time limit.
  var remainingTime: Duration { environment.deadline - job.simulation.now }

  /// Its function's time limit.
  var timeLimit: Duration { environment.function.timeout }

  private var environment: ExecutionEnvironment {
    guard let environment = workplace as? ExecutionEnvironment else {
      preconditionFailure("only a function has a time limit")
    }
    return environment
  }

  /// Works where it is; what a fault has slowed takes longer.
  private func compute(_ work: Work) async throws {
    guard let workplace else { preconditionFailure("a worker works only somewhere") }
    try await workplace.compute(work, slowdown: slowdown)
  }

  // MARK: - Being somewhere

  /// Begins its time with the submission of the job.
  func submit() { timeline = PhaseTimeline(.orchestrate, at: job.simulation.now) }

  /// The same worker on a line of its own, such as a branch of a workflow.
  func branch() -> Worker {
    Worker(
      rank: rank, job: job, replica: replica, timeline: timeline, presence: presence,
      origin: self)
  }

  /// Dies where it is, and wherever it would go later.
  func crash() {
    if presence.isCrashed { return }
    presence.isCrashed = true
    for process in presence.processes where !process.isFinished {
      job.simulation.kill(process, Crashed(worker: rank))
    }
  }

  /// Leaves the job before its end: nobody waits for it, and its replica counts no more.
  func retire() { presence.isRetired = true }

  /// Is in a place for as long as `body` takes; the worker whose branch this is goes on from where
  /// the last of its branches ends, even if nobody waits for that.
  func work<Result>(
    in workplace: any Workplace, _ body: (Worker) async throws -> Result
  ) async throws -> Result {
    defer {
      conclude()
      origin?.resume(after: self)
    }
    try arrive(in: workplace)
    defer { leave() }
    return try await body(self)
  }

  /// Takes up a place; the time since the request was a cold start, or orchestration.
  private func arrive(in workplace: any Workplace) throws {
    self.workplace = workplace
    if let environment = workplace as? ExecutionEnvironment, environment.isCold {
      timeline.relabel(.coldStart)
    }
    begin(.orchestrate)
    if presence.isCrashed { throw Crashed(worker: rank) }
    presence.processes.removeAll(where: \.isFinished)
    presence.processes.append(job.simulation.current)
    try workplace.allocate(bytes: job.footprintBytes)
  }

  /// Leaves the place.
  private func leave() {
    workplace?.free(bytes: job.footprintBytes)
    workplace = nil
  }

  /// Ends here, unless there is more to do.
  func conclude() {
    begin(.orchestrate)
    end = job.simulation.now
  }

  /// Whether a worker ends before another, the one of higher rank where both end at once.
  static func endsFirst(_ one: Worker, _ other: Worker) -> Bool {
    (one.end, other.rank) < (other.end, one.rank)
  }

  /// Goes on where a branch ended.
  private func resume(after branch: Worker) {
    timeline = branch.timeline
    end = branch.end
  }
}

/// The processes in which a worker is at work, so that all of them can die at once.
private final class Presence {
  var processes: [Process] = []
  var isCrashed = false
  var isRetired = false
}
