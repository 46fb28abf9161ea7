import Scenarios
import Training

/// Gossip and frameworks that are shipped, in one scenario.
enum Comparison {
  static let scenario = """
    name: Gossip against the others
    seed: 7
    provider: aws/us-east-1
    frameworks: [gossip, all-reduce, scatter-reduce]
    workers: 8
    function: { memory: 1769 MB }
    training:
      model: mlp
      dataset: fashion-mnist-fixture
      batch-size: 25
      epochs: 4
      optimizer: { sgd: { learning-rate: 0.05, momentum: 0.9 } }
    """

  /// Runs the scenario, in which gossip is a framework like any other.
  static func runs() throws -> [RunResult] {
    var options = RunnerOptions(threads: 2)
    options.frameworks = FrameworkCatalog.all + [Gossip.self]
    let reader = ScenarioReader(vocabulary: .program(with: options.frameworks))
    var planner = RunPlanner(options: options)
    let plans = try planner.plans(for: try reader.read(text: scenario, file: "gossip.yaml"))
    return try Runner(options: options).run(plans)
  }
}
