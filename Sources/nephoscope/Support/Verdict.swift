import Results
import Scenarios

/// Whether runs ended as they should: a modelled failure weighs more than an unmet expectation.
struct Verdict {
  let plans: [RunPlan]
  let runs: [RunRecord]

  /// - Throws: `Fault` with what failed or is not met.
  func require() throws {
    try requireCompletion()
    let unmet = zip(plans, runs).flatMap { plan, run in run.unmetExpectations(of: plan) }
    if !unmet.isEmpty { throw Fault(.unmetExpectation, unmet.joined(separator: "\n")) }
  }

  /// - Throws: `Fault` with what failed.
  func requireCompletion() throws {
    let failed = runs.filter { !$0.isCompleted }
    guard failed.isEmpty else {
      let lines = failed.map { "\($0.title) failed: \($0.failure?.kind ?? "")" }
      throw Fault(.modelledFailure, lines.joined(separator: "\n"))
    }
  }
}
