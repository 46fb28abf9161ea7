public import Cloud
internal import Learning
internal import SimulationKernel
internal import Training

/// One run to be made: a framework at a point of the sweep, with the seed of a replication.
public struct RunPlan: Sendable {
  /// What is run, with its options.
  public let framework: FrameworkSelection
  /// Which runs it is one of: they differ in their seeds.
  public let choice: RunChoice
  /// Which replication, from 0.
  public let replication: Int
  /// The seed of the run: that of the scenario for replication 0, then derived from it.
  public let seed: UInt64
  /// The scenario at this point.
  public let scenario: Scenario
  /// SHA-256 over everything that decides the result: two runs with one key are the same run.
  public let key: String

  /// What tells this run from the others of its scenario, as `nephoscope run --only` takes it.
  package var selection: RunSelection {
    RunSelection(
      [
        ("framework", framework.name), ("variant", framework.variant),
        ("replication", "\(replication)"),
      ] + parameters.filter { $0.name != "variant" }.map { ($0.name, $0.value) })
  }

  /// What computed the gradients of its result, if anything did.
  package func means(of result: RunResult) -> (instructionSet: String, library: String) {
    if scenario.training.gradients == .none { return ("any", "none: time only") }
    let compute = result.compute
    return (compute.instructionSet, "\(compute.library) \(compute.version)")
  }

  /// The provider, with the rules of the scenario's date.
  public var provider: Provider { jobs[0].inputs.provider }
  /// What the scenario lets go wrong, as it tells it.
  public var faults: [String] { scenario.faults.map(\.text) }
  /// The values in which each job of a pipeline differs from the others; empty without a pipeline.
  public var jobParameters: [[RunResult.Named<String>]] {
    scenario.pipeline == nil ? [] : jobs.map(\.parameters)
  }

  let type: any TrainingFramework.Type
  /// The one job of the run, or those of its pipeline.
  let jobs: [JobPlan]

  /// The values that vary in the sweep, and the options in which equal frameworks differ.
  public var parameters: [RunResult.Named<String>] { choice.parameters.named }
}

/// One job of a run: all of it, or one of a pipeline.
struct JobPlan: Sendable {
  /// The values in which it differs from other jobs of its run.
  let parameters: [RunResult.Named<String>]
  let framework: FrameworkSelection
  let scenario: Scenario
  let seed: UInt64
  let inputs: RunInputs
}

/// The seed of a replication, the same for every framework and every point of a sweep.
///
/// Seeds stay below 2^53, so that every reader of JSON sees the same number.
func replicationSeed(_ seed: UInt64, _ replication: Int) -> UInt64 {
  if replication == 0 { return seed }
  var stream = RandomStream(seed: seed, purpose: "replication", actor: "\(replication)")
  return stream.next() >> 11
}
