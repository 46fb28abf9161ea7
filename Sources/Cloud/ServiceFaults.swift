internal import SimulationKernel

/// A time in which a service refuses a share of the requests, as one does that is overloaded.
public struct ThrottleStorm: Hashable, Sendable {
  /// The operations: a service such as `object-store`, or one such as `object-store.get`.
  public let operations: String
  /// When it begins, counted from the region's `faultsBegin`.
  public let start: Duration
  /// How long it lasts.
  public let duration: Duration
  /// The part of the requests that is refused.
  public let share: Double

  /// A storm over `operations` that refuses a `share` of the requests.
  public init(_ operations: String, from start: Duration, lasting duration: Duration, share: Double)
  {
    self.operations = operations
    self.start = start
    self.duration = duration
    self.share = share
  }

  /// Whether it strikes requests of an operation such as `object-store.get`.
  func strikes(_ operation: String) -> Bool {
    operation == operations || operation.hasPrefix("\(operations).")
  }
}

/// The failures that a scenario asks of one operation.
struct OperationFaults {
  private let operation: String
  private let failureRate: Double
  private let storms: [ThrottleStorm]
  private let failure, storm: HostNetwork.Purpose

  init(_ region: Region, operation: String) {
    self.operation = operation
    failureRate = region.options.failureRates[operation] ?? 0
    storms = region.options.throttleStorms.filter { $0.strikes(operation) }
    failure = region.purpose("\(operation)/failure")
    storm = region.purpose("\(operation)/storm")
  }

  /// Whether nothing was asked for.
  var areNone: Bool { failureRate == 0 && storms.isEmpty }

  /// - Throws: `ServiceUnavailable` or `Throttled`, when luck has it.
  func strike(_ caller: HostNetwork, after time: Duration) throws {
    if failureRate > 0, caller.draw(for: failure, { $0.uniform() }) < failureRate {
      throw ServiceUnavailable(operation: operation)
    }
    for storm in storms where time >= storm.start && time < storm.start + storm.duration {
      if caller.draw(for: self.storm, { $0.uniform() }) < storm.share {
        throw Throttled(operation: operation, limit: "a storm of throttling")
      }
    }
  }
}

/// What a scenario's faults do to the messages of one queue or broker.
struct MessageFaults {
  private let lossRate, duplicateRate: Double
  private var loss, duplication: RandomStream

  init(_ region: Region, service: String, name: String, duplicateRate: Double) {
    lossRate = region.options.lossRates[service] ?? 0
    self.duplicateRate = region.options.duplicateRates[service] ?? duplicateRate
    loss = region.simulation.random(for: "\(service)/loss", actor: name)
    duplication = region.simulation.random(for: "\(service)/duplicate", actor: name)
  }

  /// Whether a message that was accepted is lost.
  mutating func isLost() -> Bool { lossRate > 0 && loss.uniform() < lossRate }

  /// Whether a message is handed out once more.
  mutating func isDuplicated() -> Bool {
    duplicateRate > 0 && duplication.uniform() < duplicateRate
  }
}
