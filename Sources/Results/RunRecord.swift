/// What is kept of a run and said about it: the same whether it has just ended or was read back
/// from the run store.
public struct RunRecord: Sendable, Equatable {
  /// A name and what belongs to it, in an order that is the same in every run.
  public struct Named<Value: Sendable & Equatable>: Sendable, Equatable {
    /// What it is.
    public var name: String
    /// How much of it.
    public var value: Value
    /// A named value.
    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// A modelled failure: what ended the run.
  public struct Failure: Sendable, Equatable {
    /// `out-of-memory`, `function-timeout`, ...
    public var kind: String
    /// Who failed, where that is known.
    public var worker: String?
    /// When, in nanoseconds from job submission.
    public var nanoseconds: Int64
    /// What happened, in a sentence.
    public var message: String
  }

  /// What was consumed of one thing, in whole base units.
  public struct Usage: Sendable, Equatable {
    /// The service: `function`, `object-store`, ...
    public var service: String
    /// What of it: `compute`, `get`, ...
    public var item: String
    /// How much, in the base units of its price.
    public var quantity: Int64
  }

  /// One line of the bill: what was consumed in one price tier, and its price.
  public struct BillLine: Sendable, Equatable {
    /// The service: `function`, `object-store`, ...
    public var service: String
    /// What of it: `compute`, `get`, ...
    public var item: String
    /// How much, in base units.
    public var quantity: Int64
    /// What is counted.
    public var baseUnit: String
    /// What is priced: `GB-second`, `1000 requests`, ...
    public var unit: String
    /// Base units in one priced unit.
    public var baseUnitsPerUnit: Int64
    /// The price of one unit, in 1e-12 USD.
    public var picoUSDPerUnit: Int64
    /// What the line costs, in 1e-12 USD.
    public var picoUSD: Int64
  }

  /// One point of the learning curve.
  public struct CurvePoint: Sendable, Equatable {
    /// Virtual time since job submission, in nanoseconds.
    public var nanoseconds: Int64
    /// What the job would cost if it were billed at this moment, in 1e-12 USD.
    public var picoUSD: Int64
    /// Model updates so far.
    public var step: Int
    /// Mean loss on the test set; nil where it is not a number.
    public var loss: Double?
    /// Accuracy on the test set, 0 to 1; nil where it is not a number.
    public var accuracy: Double?
  }

  /// How one job of a pipeline went.
  public struct Job: Sendable, Equatable {
    /// The values in which it differs from the others: dotted keys and values as written.
    public var parameters: [Named<String>]
    /// Nil where it completed; its time counts from the submission of the job.
    public var failure: Failure?
    /// When it was submitted, in nanoseconds from the submission of the first job.
    public var submissionNanoseconds: Int64
    /// From its submission to its last worker's end, in nanoseconds.
    public var nanoseconds: Int64
    /// Test accuracy of its final model, 0 to 1; nil where there is none.
    public var accuracy: Double?
    /// Mean test loss of its final model; nil where there is none.
    public var loss: Double?
    /// Model updates applied by a worker.
    public var updates: Int
    /// Training samples seen by all its workers together.
    public var samples: Int

    /// Whether it completed.
    public var isCompleted: Bool { failure == nil }
    /// `completed` or `failed`.
    public var status: String { isCompleted ? "completed" : "failed" }
  }

  /// The hash of everything the result depends on; a finished run is looked up by it.
  public var key: String
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
  /// What the scenario let go wrong, as it tells it.
  public var faults: [String]
  /// Nil where the run completed.
  public var failure: Failure?
  /// Test accuracy of the final model, 0 to 1; nil where there is none, as in a time-only run.
  public var accuracy: Double?
  /// Macro-averaged F1 score on the test set, 0 to 1; nil where there is none.
  public var f1: Double?
  /// The least and greatest accuracy among replicas that differ.
  public var accuracyRange: ClosedRange<Double>?
  /// Mean test loss of the final model; nil where there is none.
  public var loss: Double?
  /// Model updates applied by a worker.
  public var updates: Int
  /// Training samples seen by all workers together.
  public var samples: Int
  /// From job submission to the last worker's end, in nanoseconds.
  public var nanoseconds: Int64
  /// What standing servers took to start before job submission, in nanoseconds.
  public var provisioningNanoseconds: Int64
  /// The total of the bill, in 1e-12 USD.
  public var picoUSD: Int64
  /// The total by the other rule for standing servers, in 1e-12 USD.
  public var alternativePicoUSD: Int64
  /// One line per service, item and price tier.
  public var bill: [BillLine]
  /// What was consumed.
  public var usage: [Usage]
  /// Nanoseconds by phase of the last-finishing worker.
  public var phases: [Named<Int64>]
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
  public var jobs: [Job]
  /// The job whose accuracy, loss and curve are the run's, from 0; nil where there is none.
  public var bestJob: Int?
  /// Accuracy and loss over time and cost.
  public var curve: [CurvePoint]
  /// Assumed values the run relied on, in words.
  public var assumptions: [String]
  /// Anything else a reader must know.
  public var notes: [String]

  /// Whether the run completed; a run that did not is a modelled failure.
  public var isCompleted: Bool { failure == nil }
  /// `completed` or `failed`.
  public var status: String { isCompleted ? "completed" : "failed" }
}
