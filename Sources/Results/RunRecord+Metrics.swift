package import Scenarios

extension RunRecord {
  /// The run among others of its scenario: `spirt workers=4, replication 0`.
  package var title: String {
    let point = parameters.map { " \($0.name)=\($0.value)" }.joined()
    return "\(framework)\(point), replication \(replication)"
  }

  /// What the scenario of `plan` expected and this run has not kept, one sentence each.
  package func unmetExpectations(of plan: RunPlan) -> [String] {
    plan.scenario.unmetExpectations(of: framework, metrics: metrics).map { expectation in
      "\(title): expected \(expectation.metric.rawValue) \(expectation.text)"
        + " (\(expectation.place.file):\(expectation.place.line))"
    }
  }

  /// A measure in its base units; nil where the run has none.
  func value(of measure: PublishedPoint.Measure) -> Double? {
    switch measure {
    case .metric(let metric):
      switch metrics[metric] {
      case .real(let value): return value
      case .whole(let value): return Double(value)
      case nil: return nil
      }
    case .phases(let names, let perUpdate):
      let sum = phases.filter { names.contains($0.name) }.reduce(0) { $0 + Double($1.value) }
      if perUpdate { return updates > 0 ? sum / Double(updates) : nil }
      return sum
    }
  }

  /// What an expectation can bound, and others can have measured.
  private var metrics: [Metric: MetricValue] {
    var metrics: [Metric: MetricValue] = [
      .time: .whole(nanoseconds), .provisioning: .whole(provisioningNanoseconds),
      .totalTime: .whole(provisioningNanoseconds + nanoseconds),
      .cost: .whole(picoUSD), .updates: .whole(Int64(updates)), .samples: .whole(Int64(samples)),
      .coldStarts: .whole(Int64(coldStarts)), .peakConcurrency: .whole(Int64(peakConcurrency)),
    ]
    let working = nanoseconds - (phases.value(of: "cold start") ?? 0)
    if working > 0 {
      let nanosecondsInUnit = 3.6e21
      let rate = (Double(updates) / Double(working) * nanosecondsInUnit).rounded()
      metrics[.updateRate] = .whole(Int64(rate))
    }
    if let accuracy { metrics[.accuracy] = .real(accuracy) }
    if let loss { metrics[.loss] = .real(loss) }
    return metrics
  }

  /// Whether it is one of these runs.
  func isOf(_ choice: RunChoice) -> Bool {
    framework == choice.framework && variant == choice.variant
      && parameters.map(\.name) == choice.parameters.map(\.key)
      && parameters.map(\.value) == choice.parameters.map(\.value)
  }
}
