import Results
import Scenarios

/// Whether runs ended as they should: a modelled failure weighs more than an unmet expectation.
struct Verdict {
  let plans: [RunPlan]
  let runs: [RunRecord]

  /// - Throws: `Fault` with what failed or is not met.
  func require() throws {
    try requireCompletion()
    let unmet = zip(plans, runs).flatMap { plan, run in
      plan.scenario.unmetExpectations(of: run.framework, metrics: run.metrics).map { expectation in
        "\(name(of: run)): expected \(expectation.metric.rawValue) \(expectation.text)"
          + " (\(expectation.place.file):\(expectation.place.line))"
      }
    }
    if !unmet.isEmpty { throw Fault(.unmetExpectation, unmet.joined(separator: "\n")) }
  }

  /// - Throws: `Fault` with what failed.
  func requireCompletion() throws {
    let failed = runs.filter { !$0.isCompleted }
    guard failed.isEmpty else {
      let lines = failed.map { run in
        "\(name(of: run)) failed: \(run.failure?.kind ?? "")"
      }
      throw Fault(.modelledFailure, lines.joined(separator: "\n"))
    }
  }

  private func name(of run: RunRecord) -> String {
    let point = run.parameters.map { " \($0.name)=\($0.value)" }.joined()
    return "\(run.framework)\(point), replication \(run.replication)"
  }
}
