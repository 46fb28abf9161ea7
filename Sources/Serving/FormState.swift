import Scenarios
import Training

/// What the form of the page shows of a scenario.
struct FormState: Encodable, Equatable {
  /// A framework that can be chosen.
  struct Framework: Encodable, Equatable {
    let name: String
    let summary: String
    let isChosen: Bool
  }

  /// The settings of the form by dotted key, as they would stand in the file.
  let values: [String: String]
  /// Every framework there is.
  let frameworks: [Framework]
  /// The settings that the sweep or the jobs of a pipeline vary: the form cannot change those.
  let varied: [String]

  /// The form of `scenario`.
  init(_ scenario: Scenario) {
    let training = scenario.training
    var values = [
      "seed": String(scenario.seed), "replications": String(scenario.replications),
      "workers": String(scenario.workers), "function.memory": "\(scenario.function.memoryMB) MB",
      "training.epochs": String(training.epochs),
      "training.gradients": training.gradients.rawValue,
    ]
    if training.isGlobalBatch {
      values["training.global-batch-size"] = String(training.batchSize * scenario.workers)
    } else {
      values["training.batch-size"] = String(training.batchSize)
    }
    self.values = values
    let chosen = Set(scenario.frameworks.map(\.name))
    frameworks = FrameworkCatalog.declarations.map {
      Framework(name: $0.name, summary: $0.summary, isChosen: chosen.contains($0.name))
    }
    let swept = scenario.points.first?.parameters.map(\.key) ?? []
    varied = swept + (scenario.pipeline?.jobs.first?.parameters.map(\.key) ?? [])
  }
}

/// A change that the form asks for: of one setting, or of the choice of frameworks.
struct FormChange: Decodable {
  /// The dotted key.
  let key: String
  /// The new value, as it would stand in the file.
  var value: String?
  /// The names that a list is to hold, in its place.
  var names: [String]?

  /// Makes the change.
  func apply(to text: inout ScenarioText) throws(ScenarioErrors) {
    if let value { try text.set(key, to: value) }
    if let names { try text.choose(names, in: key) }
  }
}
