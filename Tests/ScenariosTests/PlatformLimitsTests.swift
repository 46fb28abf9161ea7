import Scenarios
import SimulationKernel
import Testing

@Suite struct PlatformLimitsTests {
  private func scenario(_ text: String) throws -> Scenario {
    try ScenarioReader(vocabulary: .program).read(text: text, file: "test.yaml")
  }

  private func results(_ text: String) throws -> [RunResult] {
    let options = RunnerOptions(threads: 2)
    var planner = RunPlanner(options: options)
    return try Runner(options: options).run(try planner.plans(for: try scenario(text)))
  }

  private static let large = """
    frameworks: [all-reduce]
    workers: 1200
    training: { gradients: none, samples: 1e6, batch-size: 10, steps: 1,
                priced-as: { parameters: 1000, forward: 1 MFLOP, sample-size: 1 kB } }
    all-reduce: { poll-interval: 10 s, list-interval: 1 s }

    """

  @Test func `More than a thousand functions need a larger account and a larger burst`() throws {
    let limits = ["", "concurrency: 2000", "concurrency: 2000, scaling-burst: 2000"]
    let runs = try limits.flatMap { try results(Self.large + "limits: { \($0) }") }
    #expect(runs.map { $0.failure?.kind } == ["throttled", "throttled", nil])
    #expect(runs[0].failure?.message.contains("concurrent executions") == true)
    #expect(runs[1].failure?.message.contains("new environments per second") == true)
    #expect(runs[2].peakConcurrency == 1200 && runs[2].coldStarts == 1200)
    #expect(
      runs[2].notes.prefix(2) == [
        "limits.concurrency is 2000, but 1000 by aws/us-east-1",
        "limits.scaling-burst is 2000, but 1000 by aws/us-east-1",
      ])
    #expect(!runs[0].notes.contains { $0.hasPrefix("limits.") })
  }

  private static let long = """
    frameworks: [all-reduce]
    workers: 1
    training: { gradients: none, samples: 100, batch-size: 10, steps: 2,
                priced-as: { parameters: 1000, forward: 1 MFLOP, sample-size: 1 kB } }
    compute: { overhead: 20 min }

    """

  @Test func `A step of twenty minutes needs functions that may run longer`() throws {
    let short = try results(Self.long)[0]
    #expect(short.failure?.kind == "function-timeout")
    let long = try results(Self.long + "limits: { function-timeout: 1 h }")[0]
    #expect(long.status == .completed && long.time > .seconds(2400) && long.coldStarts == 1)
    #expect(long.notes.first == "limits.function-timeout is 1 h, but 15 min by aws/us-east-1")
    let chosen = try results(
      Self.long + "limits: { function-timeout: 1 h }\nfunction: { timeout: 21 min }")[0]
    #expect(chosen.failure?.kind == "function-timeout" || chosen.coldStarts > 1)
  }

  @Test(
    arguments: [
      ("16 min", "aws/us-east-1", "16 min is longer than a function may run", "15 min"),
      ("11 min", "azure/eastus", "11 min is longer than a function may run", "10 min"),
    ])
  func `A time that no function may run is an error at its place`(
    time: String, provider: String, message: String, limit: String
  ) throws {
    let text =
      "frameworks: [spirt]\ntraining: { model: mlp, dataset: fashion-mnist-fixture }\n"
      + "function: { timeout: \(time) }\nprovider: \(provider)\n"
    let library = TraceLibrary(beside: "test.yaml")
    let error = try #require(throws: ScenarioErrors.self) {
      try ScenarioReferences.check(scenario(text), library: library)
    }
    #expect(
      error.description == "test.yaml:3:22: function.timeout: \(message) (limits.function-timeout, "
        + "or else \(provider)) (allowed: 1 s to \(limit))")
    let raised = try scenario(text + "limits: { function-timeout: 1 h }")
    try ScenarioReferences.check(raised, library: library)
    #expect(raised.platform.functionTimeout == .seconds(3600))
  }

  @Test func `Functions run as long as the raised limit unless they have one of their own`() throws
  {
    let text = "frameworks: [spirt]\ntraining: { model: mlp, dataset: fashion-mnist-fixture }\n"
    #expect(try scenario(text).function.timeout == .seconds(900))
    let raised = text + "limits: { function-timeout: 2 h }\n"
    #expect(try scenario(raised).function.timeout == .seconds(7200))
    #expect(try scenario(raised + "function: { timeout: 30 s }").function.timeout == .seconds(30))
  }

  @Test(arguments: [("aws/us-east-1", "15 min"), ("azure/eastus", "10 min")])
  func `Functions run as long as the provider lets them, and 15 min at most`(
    provider: String, time: String
  ) throws {
    let text = Self.large + "provider: \(provider)\nfunction: { memory: 1 GB"
    func key(_ rest: String) throws -> String {
      var planner = RunPlanner(options: RunnerOptions(threads: 1))
      return try planner.plans(for: scenario(text + rest))[0].key
    }
    #expect(try key(" }") == key(", timeout: \(time) }"))
    #expect(try key(" }") != key(", timeout: 9 min }"))
  }

  @Test func `Limits of the provider's own leave the key as it was`() throws {
    func key(_ text: String) throws -> String {
      var planner = RunPlanner(options: RunnerOptions(threads: 1))
      return try planner.plans(for: scenario(Self.large + text))[0].key
    }
    let keys = try [
      "", "limits: { scaling-burst: 1500 }", "limits: { scaling-per-second: 200 }",
      "limits: { function-timeout: 30 min }",
    ].map(key)
    #expect(Set(keys).count == 4)
    #expect(try key("limits: {}") == keys[0])
  }
}
