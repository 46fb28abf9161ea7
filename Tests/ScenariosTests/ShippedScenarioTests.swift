import Cloud
import Foundation
import Scenarios
import SimulationKernel
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
      "compare-frameworks.yaml", "faults.yaml", "published-against-released.yaml",
      "learning-rates.yaml", "quickstart.yaml", "recorded-latency.yaml",
      "resnet50-256-workers.yaml",
      "robust-aggregation.yaml", "top-k-over-redis.yaml",
      "what-if-memory.yaml",
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

  @Test func `On a bad day SPIRT goes on, and the others wait until their limit`() throws {
    let results = try run("faults")
    #expect(results.map(\.framework) == ["spirt", "mlless", "scatter-reduce", "all-reduce"])
    let limit = "function-timeout"
    #expect(results.map { $0.failure?.kind } == [nil, limit, limit, limit])
    #expect(results[0].notes.contains { $0.contains("peer 2 was left out by the others") })
    for result in results {
      #expect(result.phases.reduce(.zero) { $0 + $1.value } == result.time)
      #expect(result.failure.map { $0.time <= result.time } ?? true)
    }
  }

  @Test func `Rules that are made for liars outlive them, and the mean does not`() throws {
    for result in try run("robust-aggregation") {
      let accuracy = try #require(result.accuracy)
      let rule = try #require(result.parameters.first?.value)
      #expect(rule == "mean" ? accuracy < 0.3 : accuracy > 0.7, "\(rule): \(accuracy)")
    }
  }

  @Test func `Top-k through Redis moves far fewer bytes, and the model is as good`() throws {
    let results = try run("top-k-over-redis")
    let (whole, sparse) = (results[0], results[1])
    func sent(_ result: RunResult, to service: String) throws -> Double {
      Double(try #require(result.bytes.first { $0.name == "\(service).in" }).value)
    }
    // A hundredth of the entries, each with its index: a fiftieth of the bytes; means are dense.
    let share = try sent(sparse, to: "memory-store") / sent(whole, to: "object-store")
    #expect(share < 0.1, "\(share)")
    #expect(sparse.time < whole.time)
    #expect(try abs(#require(sparse.accuracy) - #require(whole.accuracy)) < 0.05)
  }

  @Test func `Learning rates tried at once take less time, and cost more cold starts`() throws {
    let results = try run("learning-rates")
    let (row, together) = (results[0], results[2])
    #expect(row.framework == "all-reduce" && together.framework == "all-reduce")
    #expect(row.time > together.time * 2 && row.coldStarts * 4 == together.coldStarts)
    #expect(row.bill.total < together.bill.total)
    #expect(row.bestJob == together.bestJob && row.accuracy == together.accuracy)
    #expect(results.allSatisfy { $0.jobs.count == 4 && $0.status == .completed })
  }

  @Test func `LambdaML's pipelines take and cost within a tenth of what was measured`() throws {
    let published: [(seconds: Double, dollars: Double)] = [(96, 0.47), (233, 0.31)]
    for (result, published) in zip(try run("papers/lambdaml-pipelines"), published) {
      let time = (result.provisioning + result.time).inSeconds
      #expect(abs(time / published.seconds - 1) < 0.1, "\(result.framework): \(time) s")
      let cost = Double(result.bill.total.picoUSD) / 1e12
      #expect(abs(cost / published.dollars - 1) < 0.1, "\(result.framework): \(cost) USD")
      #expect(result.jobs.count == 10 && result.bestJob == nil)
    }
  }

  @Test func `A tree has 256 workers wait less than a master has them`() throws {
    let results = try run("resnet50-256-workers")
    #expect(results.map(\.status) == [.completed, .completed])
    #expect(results[1].time * 2 < results[0].time)
    #expect(results.allSatisfy { $0.peakConcurrency == 256 && $0.samples == 2 * 256 * 32 })
  }

  private func run(_ name: String) throws -> [RunResult] {
    let scenario = try ScenarioReader(vocabulary: .program).read(
      file: root.path + "/scenarios/\(name).yaml")
    let options = RunnerOptions(threads: 2)
    var planner = RunPlanner(options: options)
    return try Runner(options: options).run(try planner.plans(for: scenario))
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
