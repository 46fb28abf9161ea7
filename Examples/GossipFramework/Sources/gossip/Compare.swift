import Scenarios
import Training

/// Compares gossip with frameworks that are shipped, in one scenario.
@main enum Compare {
  static let scenario = """
    name: Gossip against the others
    seed: 7
    provider: aws/us-east-1
    frameworks: [gossip, all-reduce, scatter-reduce]
    workers: 8
    function: { memory: 1769 MB }
    training:
      model: lenet5
      dataset: fashion-mnist-fixture
      batch-size: 25
      epochs: 4
      optimizer: { sgd: { learning-rate: 0.05, momentum: 0.9 } }
    """

  static func main() throws {
    var options = RunnerOptions(threads: 2)
    options.frameworks = FrameworkCatalog.all + [Gossip.self]
    let reader = ScenarioReader(vocabulary: .program(with: options.frameworks))
    var planner = RunPlanner(options: options)
    let plans = try planner.plans(for: try reader.read(text: scenario, file: "gossip.yaml"))
    for run in try Runner(options: options).run(plans) {
      print(run.framework, run.time, "\(run.bill.total) USD", "accuracy \(run.accuracy)")
    }
  }
}
