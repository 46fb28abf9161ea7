internal import Cloud
public import Learning
public import SimulationKernel

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
      is ServiceUnavailable, is NoSuchKey, is VirtualMachine.Interrupted, is TimedOut,
      is MessageQueue.PurgeInProgress, is ReplayExhausted:
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
  /// From submission to the last worker's end; of a job that failed, to its last function's.
  public let time: Duration
  /// What ended it, where something did.
  public let failure: JobFailure?
  /// The phases of the worker that ended last; they sum to `time`.
  public let timeline: PhaseTimeline
  /// When the last worker, or after a failure the last function, ended.
  public var end: Instant { job.submission + time }

  /// The final parameters by rank, without those of workers that crashed.
  public var replicas: [Replica] { job.livingWorkers.map(\.replica) }

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
