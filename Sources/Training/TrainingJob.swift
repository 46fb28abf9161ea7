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
  public let steps: [Step]
  /// The workers by rank.
  public private(set) var workers: [Worker] = []
  /// When the job was submitted: after the standing servers have started.
  public private(set) var submission: Instant = .start
  /// Training samples seen by all workers together.
  public internal(set) var samplesSeen = 0
  /// Gradients that had been computed already for the same parameters and batch.
  ///
  /// What it counts depends on which runs share the pool: it is no part of the result.
  public internal(set) var savedGradients = 0
  /// Accuracy and loss over time and cost.
  public private(set) lazy var curve = LearningCurve(of: self)
  /// Hears of every step that worker 0 ends, for progress reports; throws to give the run up.
  public var onStep: (Step) throws -> Void = { _ in }

  let dataset: StoredDataset
  private var failedGradient: LearningError?
  private var crashes: [(rank: Int, time: Duration)] = []

  /// The clock.
  public var simulation: Simulation { region.simulation }
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
    let perEpoch = dataset.stepsPerEpoch
    let all = (0..<configuration.epochs * perEpoch).map { number in
      Step(
        epoch: number / perEpoch, index: number % perEpoch, number: number,
        isLastOfEpoch: (number + 1).isMultiple(of: perEpoch))
    }
    steps = Array(all.prefix(configuration.stepLimit ?? all.count))
    workers = (0..<configuration.workers).map { rank in
      Worker(rank: rank, job: self, replica: Replica(configuration))
    }
  }

  /// Starts the standing servers, submits the job and waits for its end.
  ///
  /// A modelled failure is part of the outcome.
  ///
  /// - Throws: `ProviderError`, or what gave the run up.
  public func run(_ type: any TrainingFramework.Type) async throws -> TrainingOutcome {
    let framework = try type.init(self)
    try await region.provision()
    submission = simulation.now
    for worker in workers { worker.submit() }
    for (rank, time) in crashes {
      simulation.schedule(after: time) { self.workers[rank].crash() }
    }
    curve.recordPresent()
    var failure: JobFailure?
    do {
      try await framework.train()
    } catch let error as JobFailure {
      guard error.isModelled else { throw error.cause }
      failure = error
    }
    let end = failure == nil ? workers.map(\.end).max() ?? submission : simulation.now
    return outcome(at: end, failure: failure)
  }

  /// How a job ends that has passed the limits of its simulation.
  public func outcome(of livelock: LimitExceeded) -> TrainingOutcome {
    let pollers = livelock.alive.joined(separator: ", ")
    return outcome(
      at: livelock.time,
      failure: JobFailure(worker: pollers, time: livelock.time, cause: livelock))
  }

  private func outcome(at end: Instant, failure: JobFailure?) -> TrainingOutcome {
    curve.recordPresent()
    return TrainingOutcome(
      job: self, provisioning: submission - .start, time: end - submission, failure: failure)
  }

  /// Lets a worker die at a time after submission.
  ///
  /// Nobody is told: the others go on as their protocol says, most of them until a limit.
  public func crash(worker rank: Int, at time: Duration) {
    crashes.append((rank, time))
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
    let branch = worker.branch()
    branch.begin(.orchestrate)
    do {
      let name = "\(function.name) \(worker.rank)"
      let result = try await region.functions.invoke(function, named: name) { environment in
        try branch.arrive(in: environment)
        defer { branch.leave() }
        return try await body(branch)
      }
      worker.resume(after: branch)
      return result
    } catch let failure as JobFailure {
      throw failure
    } catch {
      throw JobFailure(worker: "worker \(worker.rank)", time: simulation.now, cause: error)
    }
  }

  /// Runs `body` once for every worker, all at once; returns when the last has ended.
  public func forEachWorker(_ body: @escaping (Worker) async throws -> Void) async throws {
    _ = try await simulation.concurrently(workers, named: { "worker \($0)" }) { worker in
      try await self.unlessCrashed { try await body(worker) }
    }
  }

  /// Runs a worker's part; one that crashes is simply gone.
  func unlessCrashed(_ body: () async throws -> Void) async throws {
    do { try await body() } catch let failure as JobFailure where failure.cause is Crashed {}
  }

  // MARK: - Sizes, as priced

  /// Bytes of one whole gradient on the wire.
  public var gradientBytes: Int { configuration.workload.gradientBytes }

  /// Bytes of a sparse vector on the wire: 8 for an index and a value, at most those of a dense
  /// one; for a larger priced workload, at the density of the model that learns.
  func wireBytes(entries: Int, of dimension: Int) -> Int {
    let priced = configuration.workload.parameterCount
    let scaled = dimension == priced ? entries : entries * priced / dimension
    return min(8 * scaled, 4 * priced)
  }

  /// Bytes that an optimizer step reads and writes: parameters, gradient and state.
  var updateBytes: Int { gradientBytes * (3 + 2 * configuration.optimizer.stateVectors) }

  /// Memory that a worker needs besides its runtime: parameters, gradient, optimizer state and
  /// received gradient, the activations of a minibatch forward and backward, and its samples.
  var footprintBytes: Int {
    gradientBytes * (3 + configuration.optimizer.stateVectors)
      + configuration.batchSize
      * (2 * configuration.workload.activationBytes + configuration.sampleBytes)
  }
}

/// A modelled failure that ended a job: who failed, when and why.
public struct JobFailure: Error {
  /// Who: `worker 2`, `supervisor`.
  public let worker: String
  /// When.
  public let time: Instant
  /// Why.
  public let cause: any Error
  /// Whether it is part of the model; anything else, such as a cancelled run, is not.
  var isModelled: Bool {
    switch cause {
    case is OutOfMemory, is FunctionTimedOut, is Throttled, is PayloadTooLarge, is Crashed,
      is ServiceUnavailable, is NoSuchKey:
      true
    default: false
    }
  }

  /// A failure of one member of the job.
  public init(worker: String, time: Instant, cause: any Error) {
    self.worker = worker
    self.time = time
    self.cause = cause
  }
}

/// How a job ended.
public struct TrainingOutcome {
  /// The job.
  public let job: TrainingJob
  /// What the standing servers took to start.
  public let provisioning: Duration
  /// From submission to the last worker's end, or to the failure.
  public let time: Duration
  /// What ended it, where something did.
  public let failure: JobFailure?

  /// The phases of the worker that ended last; they sum to `time` of a completed job.
  public var timeline: PhaseTimeline {
    let last = job.workers.max { ($0.end, $1.rank) < ($1.end, $0.rank) }
    return last?.timeline ?? PhaseTimeline(.orchestrate, at: .start)
  }

  /// The final parameters by rank.
  public var replicas: [Replica] { job.workers.map(\.replica) }

  /// The model a user would keep: the average of the replicas.
  public var finalWeights: Weights {
    Weights(
      parameters: averageReplica(replicas.map(\.parameters)),
      statistics: averageReplica(replicas.map(\.statistics)))
  }

  /// Updates applied to a replica.
  public var updates: Int { replicas.map(\.updates).max() ?? 0 }
}

/// The death of a worker that a scenario's fault asked for.
public struct Crashed: Error, CustomStringConvertible {
  /// Whose.
  public let worker: Int
  /// Who died.
  public var description: String { "worker \(worker) crashed" }
}
