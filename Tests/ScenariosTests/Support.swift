import Scenarios
import SimulationKernel
import Training

/// Names as the program declares them, small enough to check by eye.
let vocabulary = Vocabulary(
  frameworks: [
    FrameworkDeclaration(
      name: "spirt", summary: "Peers.", source: "a paper", variants: ["published", "released"],
      options: [
        FrameworkOption(
          "minibatches-per-round", .integer(1...1000), default: .integer(4), source: "a paper",
          "Minibatches between two updates."),
        FrameworkOption(
          "poll-interval", .duration(.milliseconds(1)...(.seconds(60))),
          default: .duration(.milliseconds(100)), source: "assumed", "Time between two polls."),
      ]),
    FrameworkDeclaration(
      name: "mlless", summary: "Significant updates.", source: "a paper",
      options: [
        FrameworkOption(
          "significance-threshold", .real(0...10), default: .real(0.7), source: "assumed",
          "How far an entry must move to be sent."),
        FrameworkOption(
          "synchronization", .choice(["bsp", "ssp"]), default: .choice("bsp"), source: "a paper",
          "How workers wait."),
        FrameworkOption("sparse", .flag, default: .flag(true), source: "a paper", "Pack."),
      ]),
    FrameworkDeclaration(
      name: "all-reduce", summary: "A master adds.", source: "a paper", options: []),
  ],
  models: ["logistic-regression", "mlp", "lenet5"],
  datasets: ["fashion-mnist", "fashion-mnist-fixture"],
  workloads: ["mobilenet", "resnet50"],
  providers: ["aws/us-east-1", "aws/eu-west-3"])

/// The scenario that `text` describes, in a file called `test.yaml`.
func read(_ text: String, set overrides: [(String, String)] = []) throws -> Scenario {
  try ScenarioReader(vocabulary: vocabulary).read(
    text: text, file: "test.yaml",
    overrides: overrides.map { ScenarioReader.Override(key: $0.0, text: $0.1) })
}

/// The lines that reading `text` reports.
func issues(in text: String) -> [String] {
  do {
    _ = try read(text)
    return []
  } catch let error as ScenarioErrors {
    return error.issues.map(\.description)
  } catch {
    return ["another error: \(error)"]
  }
}
