public import Cloud
public import Learning
public import SimulationKernel

/// Everything one run reports: what was learned, how long it took and what it cost.
public struct RunResult: Sendable {
  /// How a run ended.
  public enum Status: String, Sendable { case completed, failed }

  /// A modelled failure that ended a run: it is part of the model, not a fault of the program.
  public struct Failure: Sendable, Equatable {
    /// `out-of-memory`, `function-timeout`, `throttled`, `killed`, `livelock`, `deadlock`, ...
    public var kind: String
    /// Who failed, where that is known: `worker 2`, `supervisor`.
    public var worker: String?
    /// When, from job submission.
    public var time: Duration
    /// What happened, in a sentence.
    public var message: String
    /// A modelled failure.
    public init(kind: String, worker: String?, time: Duration, message: String) {
      self.kind = kind
      self.worker = worker
      self.time = time
      self.message = message
    }
  }

  /// One point of the learning curve: evaluated outside time and cost, by an observer.
  public struct CurvePoint: Sendable, Equatable {
    /// Virtual time since job submission.
    public var time: Duration
    /// What the job would cost if it were billed at this moment.
    public var cost: Money
    /// Model updates so far.
    public var step: Int
    /// Mean loss on the test set.
    public var loss: Double
    /// Accuracy on the test set, 0 to 1.
    public var accuracy: Double
    /// A point of the curve.
    public init(time: Duration, cost: Money, step: Int, loss: Double, accuracy: Double) {
      self.time = time
      self.cost = cost
      self.step = step
      self.loss = loss
      self.accuracy = accuracy
    }
  }

  /// How one job of a pipeline went.
  public struct Job: Sendable, Equatable {
    /// The values in which it differs from the others: dotted keys and values as written.
    public var parameters: [Named<String>]
    /// What ended it, where something did; its time counts from the submission of the job.
    public var failure: Failure?
    /// When it was submitted, from the submission of the first job.
    public var submission: Duration
    /// From its submission to its last worker's end.
    public var time: Duration
    /// Test accuracy of its final model, 0 to 1; nil in a time-only run.
    public var accuracy: Double?
    /// Mean test loss of its final model; nil in a time-only run.
    public var loss: Double?
    /// Model updates applied by a worker.
    public var updates: Int
    /// Training samples seen by all its workers together.
    public var samples: Int
    /// How one job of a pipeline went.
    public init(
      parameters: [Named<String>], failure: Failure?, submission: Duration, time: Duration,
      accuracy: Double?, loss: Double?, updates: Int, samples: Int
    ) {
      self.parameters = parameters
      self.failure = failure
      self.submission = submission
      self.time = time
      self.accuracy = accuracy
      self.loss = loss
      self.updates = updates
      self.samples = samples
    }
  }

  /// A named quantity, kept in an order that is the same in every run.
  public struct Named<Value: Sendable & Equatable>: Sendable, Equatable {
    /// What it is.
    public var name: String
    /// How much of it.
    public var value: Value
    /// A named quantity.
    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// The framework's name in the catalog.
  public var framework: String
  /// `published` or `released`.
  public var variant: String
  /// The sweep point: dotted keys of the scenario and their values, as written.
  public var parameters: [Named<String>]
  /// Which replication, from 0.
  public var replication: Int
  /// The seed from which every random stream of the run derives.
  public var seed: UInt64
  /// SHA-256 over inputs, spans, usage, bill, curve and final parameters, in hex.
  public var digest: String
  /// How the run ended.
  public var status: Status
  /// What ended it, where something did.
  public var failure: Failure?
  /// What the scenario let go wrong, as it tells it.
  public var faults: [String]
  /// Test accuracy of the final model (of the averaged replica where replicas differ), 0 to 1; nil
  /// in a time-only run.
  public var accuracy: Double?
  /// Macro-averaged F1 score of the final model on the test set, 0 to 1; nil in a time-only run.
  public var f1: Double?
  /// The least and greatest accuracy among the replicas, where they differ.
  public var accuracyRange: ClosedRange<Double>?
  /// Mean test loss of the final model; nil in a time-only run.
  public var loss: Double?
  /// Model updates applied by a worker.
  public var updates: Int
  /// Training samples seen by all workers together.
  public var samples: Int
  /// From job submission to the last worker's end.
  public var time: Duration
  /// What standing servers took to start, before job submission.
  public var provisioning: Duration
  /// The bill by the scenario's rule for standing servers.
  public var bill: Bill
  /// The total by the other rule (`job` against `shared`).
  public var alternativeTotal: Money
  /// What was consumed, in base units.
  public var usage: [UsageMeter.Usage]
  /// Seconds by phase of the last-finishing worker; they sum to `time`.
  public var phases: [Named<Duration>]
  /// Requests by service and operation.
  public var requests: [Named<Int64>]
  /// Payload bytes by service and direction.
  public var bytes: [Named<Int64>]
  /// Invocations that began in a new execution environment.
  public var coldStarts: Int
  /// The most functions that ran at once.
  public var peakConcurrency: Int
  /// Events of the simulation.
  public var events: Int
  /// The jobs of a pipeline, in the order of the scenario; empty where the run is one job.
  ///
  /// Accuracy, F1, loss, updates, curve and model of the run are then those of the best job; time
  /// is from the first submission to the last end, and all else is of all jobs together.
  public var jobs: [Job] = []
  /// The job of a pipeline that is most accurate, from 0; nil where nothing is learned.
  public var bestJob: Int?
  /// Accuracy and loss over time and cost.
  public var curve: [CurvePoint]
  /// Assumed values the run relied on, in words.
  public var assumptions: [String]
  /// Anything else a reader must know: dropped samples, a workload priced instead of the model.
  public var notes: [String]
  /// What computed the gradients, and so what the digest holds for.
  public var compute: ComputeRecord
  /// Gradients that were not computed, because a run had the same before.
  ///
  /// It depends on which runs are made together, so that no digest covers it.
  public var savedGradients: Int
  /// The spans, where the caller asked to keep them.
  public var spans: SpanRecord?
  /// The final model, where the caller asked to keep it.
  public var model: TrainedModel?
}

extension RunResult {
  /// The number of the best job; nil where nothing is learned.
  ///
  /// It is the most accurate of those that completed, or of all where none did; of equals the one
  /// with the least loss, and of these the first.
  static func best(of jobs: [Job]) -> Int? {
    let completed = jobs.indices.filter { jobs[$0].failure == nil }
    let candidates = completed.isEmpty ? Array(jobs.indices) : completed
    func merit(_ index: Int) -> (Double, Double) {
      (jobs[index].accuracy ?? 0, -(jobs[index].loss.flatMap { $0.isNaN ? nil : $0 } ?? .infinity))
    }
    return candidates.filter { jobs[$0].accuracy != nil }.reduce(nil) { best, index in
      best.map { merit($0) < merit(index) ? index : $0 } ?? index
    }
  }
}

/// A model with the weights that a run has given it: of the averaged replica where replicas differ.
public struct TrainedModel: Sendable {
  /// What was trained.
  public let model: Model
  /// What it has learned.
  public let weights: Weights

  /// Writes the weights as a safetensors file, with the names of PyTorch's `state_dict`.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func write(safetensors path: String) throws(DataError) {
    try weights.write(safetensors: path, for: model)
  }
}

/// The spans of a run with their names, detached from the simulation that made them.
public struct SpanRecord: Sendable {
  /// Texts by the number of a name.
  public var names: [String]
  /// The spans in the order in which they ended.
  public var spans: [EventLog.Span]
  /// The spans of a run, whose names are numbers into `names`.
  public init(names: [String], spans: [EventLog.Span]) {
    self.names = names
    self.spans = spans
  }
}
