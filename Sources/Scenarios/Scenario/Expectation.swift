/// A number a run reports, which an `expect` can bound.
public enum Metric: String, Sendable, Hashable, CaseIterable {
  /// Accuracy on the test set, 0 to 1.
  case accuracy
  /// Loss on the test set.
  case loss
  /// Virtual time from submission to the last worker's end.
  case time
  /// Virtual time until the standing servers are up.
  case provisioning
  /// Both together: from the order of the standing servers to the last worker's end.
  case totalTime = "total-time"
  /// The total of the bill.
  case cost
  /// Updates of the model.
  case updates
  /// Updates in a second of virtual time, from the end of the cold start.
  case updateRate = "update-rate"
  /// Samples seen by all workers together.
  case samples
  /// Invocations that met no warm environment.
  case coldStarts = "cold-starts"
  /// The most functions that ran at once.
  case peakConcurrency = "peak-concurrency"

  /// What a bound of the metric may be.
  var form: Form {
    switch self {
    case .accuracy: .number(.closed(0...1))
    case .loss: .number(.closed(0...1e6))
    case .time, .provisioning, .totalTime: .quantity(.duration, 0...Int64.max)
    case .cost: .quantity(.money, 0...Int64.max)
    case .updateRate: .quantity(.frequency, 0...Int64.max)
    case .updates, .samples, .coldStarts, .peakConcurrency: .count(0...Int.max)
    }
  }

  /// What the metric is, in a sentence.
  var summary: String {
    switch self {
    case .accuracy: "Accuracy on the test set."
    case .loss: "Loss on the test set."
    case .time: "Virtual time from submission to the last worker's end."
    case .provisioning: "Virtual time until the standing servers are up."
    case .totalTime: "Provisioning and time, to the last worker's end."
    case .cost: "The total of the bill."
    case .updates: "Updates of the model."
    case .updateRate: "Updates in a second of virtual time, from the end of the cold start."
    case .samples: "Samples seen by all workers together."
    case .coldStarts: "Invocations that met no warm environment."
    case .peakConcurrency: "The most functions that ran at once."
    }
  }
}

extension Metric {
  /// Whether only a run that computes gradients has it.
  var isLearned: Bool { self == .accuracy || self == .loss }
}

/// The value of a metric, or a bound of it.
public enum MetricValue: Sendable, Hashable {
  /// A number without unit: accuracy, loss.
  case real(Double)
  /// Whole base units: nanoseconds, picodollars, counts, updates in a thousand million hours.
  case whole(Int64)
}

/// What a scenario says must hold at the end of each run.
public struct Expectation: Sendable, Hashable {
  /// The framework it is about; nil for all.
  public let framework: String?
  /// What is measured.
  public let metric: Metric
  /// How it is compared.
  public let comparison: Comparison
  /// What it is compared with.
  public let bound: MetricValue
  /// The comparison as written, as in `>= 0.75`.
  public let text: String
  /// Where the scenario says so.
  public let place: SourcePlace

  /// Whether `value` is as expected; a run that has no value, because it failed, never is.
  public func isMet(by value: MetricValue?) -> Bool {
    switch (value, bound) {
    case (.real(let value), .real(let bound)): comparison.holds(value, bound)
    case (.whole(let value), .whole(let bound)): comparison.holds(value, bound)
    case (nil, _): false
    default: preconditionFailure("\(metric.rawValue) is measured in another unit than its bound")
    }
  }
}

extension Scenario {
  /// The expectations that a run of `framework` with these `metrics` does not meet.
  public func unmetExpectations(
    of framework: String, metrics: [Metric: MetricValue]
  ) -> [Expectation] {
    expectations.filter { expectation in
      (expectation.framework ?? framework) == framework
        && !expectation.isMet(by: metrics[expectation.metric])
    }
  }
}
