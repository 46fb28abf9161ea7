import Foundation
import Scenarios
import Testing

/// The root of the package, where the shipped scenarios lie.
private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

private func shippedScenarios() throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: root.path + "/scenarios").sorted()
    .filter { $0.hasSuffix(".yaml") }.map { root.path + "/scenarios/" + $0 }
}

@Suite struct ShippedScenarioTests {
  @Test func `At least one scenario for each purpose comes with the program`() throws {
    let names = try shippedScenarios().map { URL(fileURLWithPath: $0).lastPathComponent }
    let wanted: Set = [
      "compare-frameworks.yaml", "quickstart.yaml", "recorded-latency.yaml", "what-if-memory.yaml",
    ]
    #expect(wanted.subtracting(names).isEmpty)
  }

  @Test(arguments: try shippedScenarios())
  func `Each shipped scenario is without a mistake, and so is all it refers to`(
    path: String
  ) throws {
    let scenario = try ScenarioReader(vocabulary: .program).read(file: path)
    let library = TraceLibrary(beside: path)
    try ScenarioReferences.check(scenario, library: library)
    let references = try ScenarioReferences(of: scenario, library: library)
    #expect(references.latencies.count == scenario.traces.count)
    #expect(!scenario.points.isEmpty)
  }

  @Test func `The comparison is of the four frameworks as the documentation has it`() throws {
    let path = root.path + "/scenarios/compare-frameworks.yaml"
    let scenario = try ScenarioReader(vocabulary: .program).read(file: path)
    #expect(
      scenario.frameworks.map(\.name) == ["spirt", "mlless", "scatter-reduce", "all-reduce"])
    #expect(scenario.training.dataset == .named("fashion-mnist"))
    #expect(scenario.expectations.map(\.text) == [">= 0.75"])
  }

  @Test(
    arguments: [
      ("schema.json", ScenarioSchema.json(vocabulary: .program)),
      ("settings.md", ScenarioManual.markdown(vocabulary: .program)),
    ])
  func `The committed schema and manual are those the forms make`(
    name: String, made: String
  ) throws {
    let path = root.path + "/scenarios/" + name
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try Data(made.utf8).write(to: URL(fileURLWithPath: path))
    }
    let committed = try String(contentsOfFile: path, encoding: .utf8)
    #expect(committed == made, "RECORD=1 swift test --filter ShippedScenarioTests writes it anew")
  }
}
