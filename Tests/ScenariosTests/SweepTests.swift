import Scenarios
import SimulationKernel
import Testing

@Suite struct SweepTests {
  @Test func `Points are the product in file order, the last key fastest`() throws {
    let scenario = try read(
      minimal + "sweep: { workers: [2, 4], function.memory: [1024 MB, 2 GB, 3008 MB] }")
    let parameters = scenario.points.map { $0.parameters.map(\.value) }
    #expect(
      parameters == [
        ["2", "1024 MB"], ["2", "2 GB"], ["2", "3008 MB"], ["4", "1024 MB"], ["4", "2 GB"],
        ["4", "3008 MB"],
      ])
    #expect(scenario.points.map(\.scenario.workers) == [2, 2, 2, 4, 4, 4])
    #expect(
      scenario.points.map(\.scenario.function.memoryMB) == [1024, 2048, 3008, 1024, 2048, 3008])
    #expect(scenario.points.map { $0.parameters.map(\.key) }[0] == ["workers", "function.memory"])
    #expect(scenario.workers == 4)
  }

  @Test func `An option of a framework can be swept`() throws {
    let scenario = try read(minimal + "sweep: { spirt.minibatches-per-round: [1, 8] }")
    let rounds = scenario.points.map { $0.scenario.frameworks[0].options }
    #expect(rounds[0] != rounds[1])
    #expect(
      rounds[0] == (try read(minimal + "spirt: { minibatches-per-round: 1 }")).frameworks[0].options
    )
  }

  @Test func `A setting with cases can be swept whole or by part`() throws {
    let whole = try read(
      minimal + "sweep: { training.partition: [iid, { dirichlet: 0.5 }] }")
    #expect(whole.points.map(\.scenario.training.partition) == [.iid, .dirichlet(alpha: 0.5)])
    #expect(whole.points[1].parameters.map(\.value) == ["{dirichlet: 0.5}"])
    let part = try read(
      minimal + "sweep: { training.optimizer.sgd.learning-rate: [0.1, 0.2] }")
    let rates = part.points.map { point -> Double in
      guard case .sgd(let rate, _, _, _) = point.scenario.training.optimizer else { return 0 }
      return rate
    }
    #expect(rates == [0.1, 0.2])
  }

  @Test(
    arguments: [
      ("workers: [2, 2]", "23: sweep.workers: '2' is listed twice"),
      (
        "function.memory: [1 GB, 1024 MB]",
        "34: sweep.function.memory: '1024 MB' is listed twice, as '1 GB'"
      ),
    ])
  func `A value that is there twice is refused`(axis: String, report: String) {
    #expect(issues(in: minimal + "sweep: { \(axis) }") == ["test.yaml:3:" + report])
  }

  @Test func `A setting that is absent can be swept`() throws {
    let scenario = try read(
      minimal + "sweep: { training.steps: [3, 5], compute.overhead: [10 ms] }")
    #expect(scenario.points.map(\.scenario.training.steps) == [3, 5])
    #expect(scenario.points[0].scenario.compute.overhead == .milliseconds(10))
  }

  @Test func `Points are checked where settings meet`() {
    let found = issues(
      in: """
        frameworks: [spirt]
        training: { model: mlp, dataset: fashion-mnist, global-batch-size: 64 }
        sweep: { workers: [2, 3, 4, 5] }
        """)
    #expect(
      found == [
        "test.yaml:2:68: training.global-batch-size: 64 samples cannot be divided among 3 workers "
          + "equally",
        "test.yaml:2:68: training.global-batch-size: 64 samples cannot be divided among 5 workers "
          + "equally",
      ])
  }

  @Test func `Values that the sweep replaces are not checked where settings meet`() throws {
    let scenario = try read(
      """
      frameworks: [spirt]
      training: { model: mlp, dataset: fashion-mnist, global-batch-size: 30 }
      sweep: { workers: [2, 3] }
      """)
    #expect(scenario.points.map(\.scenario.training.batchSize) == [15, 10])
  }

  @Test func `A product that nobody waits for is refused`() {
    let values = (1...200).map(String.init).joined(separator: ", ")
    let found = issues(in: minimal + "sweep: { workers: [\(values)], seed: [\(values)] }")
    #expect(found.count == 1)
    #expect(found[0].hasSuffix("sweep: the product has more than 10000 points"))
  }

  @Test func `A setting of the command line replaces the file's, its sweep included`() throws {
    let scenario = try read(
      minimal + "workers: 2\nsweep: { workers: [2, 4], seed: [1, 2] }",
      set: [("workers", "8"), ("function.memory", "1 GB"), ("replications", "3")])
    #expect(scenario.workers == 8)
    #expect(scenario.replications == 3)
    #expect(scenario.points.map(\.scenario.workers) == [8, 8])
    #expect(scenario.points.map { $0.parameters.map(\.key) } == [["seed"], ["seed"]])
    #expect(scenario.function.memoryMB == 1024)
  }

  @Test(
    arguments: [
      ("wokers", "8", "--set wokers=8:1:1: there is no setting 'wokers'; did you mean 'workers'?"),
      ("workers", "0", "--set workers=0:1:1: workers: 0 is out of range (allowed: 1 to 10000)"),
      ("workers", "", "--set workers=:1:1: is empty"),
      ("training.optimizer.adam.beta1", "0.5", "the scenario says 'sgd' there"),
    ])
  func `A bad setting of the command line is named`(key: String, text: String, expected: String) {
    let error = #expect(throws: ScenarioErrors.self) { try read(minimal, set: [(key, text)]) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }
}

@Suite struct FrameworkSelectionTests {
  private func frameworks(_ list: String, _ blocks: String = "") throws -> [FrameworkSelection] {
    try read(
      "frameworks: \(list)\ntraining: { model: mlp, dataset: fashion-mnist }\n" + blocks
    ).frameworks
  }

  @Test func `Options of the list win over those of the block, and those over the defaults`() throws
  {
    let listed = try frameworks(
      "[{ mlless: { significance-threshold: 0.1 } }]",
      "mlless: { significance-threshold: 0.2, synchronization: ssp }")
    let same = try frameworks(
      "[mlless]", "mlless: { significance-threshold: 0.1, synchronization: ssp, sparse: true }")
    #expect(listed == same)
    #expect(try frameworks("[mlless]") != same)
  }

  @Test func `A framework may be compared with itself in another variant`() throws {
    let both = try frameworks("[spirt, { spirt: { variant: released } }]")
    #expect(both.map(\.variant) == ["published", "released"])
    #expect(both[0].options != both[1].options)
  }
}

@Suite struct ExpectationTests {
  private func expectations(_ text: String) throws -> Scenario {
    try read(
      "frameworks: [spirt, mlless]\ntraining: { model: mlp, dataset: fashion-mnist }\n"
        + "expect: \(text)")
  }

  @Test(
    arguments: [
      (">= 0.75", 0.75, true), (">= 0.75", 0.7499, false), ("> 0.75", 0.75, false),
      ("<= 0.75", 0.75, true), ("< 0.75", 0.75, false), ("== 0.75", 0.75, true),
    ])
  func `Each comparison holds as it reads`(text: String, accuracy: Double, isMet: Bool) throws {
    let scenario = try expectations("{ accuracy: \"\(text)\" }")
    let unmet = scenario.unmetExpectations(of: "spirt", metrics: [.accuracy: .real(accuracy)])
    #expect(unmet.isEmpty == isMet)
  }

  @Test func `Money and time are compared in whole base units`() throws {
    let scenario = try expectations("{ cost: \"< 0.10 USD\", time: \"<= 2 min\" }")
    func unmet(_ picodollars: Int64, _ nanoseconds: Int64) -> [Metric] {
      scenario.unmetExpectations(
        of: "spirt", metrics: [.cost: .whole(picodollars), .time: .whole(nanoseconds)]
      ).map(\.metric)
    }
    #expect(unmet(99_999_999_999, 120_000_000_000) == [])
    #expect(unmet(100_000_000_000, 120_000_000_001) == [.time, .cost])
  }

  @Test func `An expectation of one framework says nothing of another`() throws {
    let scenario = try expectations("{ mlless: { accuracy: \">= 0.9\" } }")
    let metrics: [Metric: MetricValue] = [.accuracy: .real(0.5)]
    #expect(scenario.unmetExpectations(of: "spirt", metrics: metrics).isEmpty)
    #expect(scenario.unmetExpectations(of: "mlless", metrics: metrics).count == 1)
  }

  @Test func `A run without a value does not meet what is expected of it`() throws {
    let scenario = try expectations("{ accuracy: \">= 0\" }")
    #expect(scenario.unmetExpectations(of: "spirt", metrics: [:]).count == 1)
  }
}
