import Scenarios
import Testing

/// What a scenario says that others have measured.
@Suite struct PublishedTests {
  /// A scenario of eight kinds of runs, with one published point: line 8, whose text begins in
  /// column 9.
  private static func scenario(_ point: String, gradients: String = "computed") -> String {
    """
    frameworks: [spirt, all-reduce, { mlless: { sparse: true } }, { mlless: { sparse: false } }]
    training: { model: mlp, dataset: fashion-mnist, gradients: \(gradients) }
    sweep: { workers: [2, 4] }
    published:
      - source: A paper, table 1
        obtained: table
        points:
          - \(point)
    """
  }

  private func point(_ text: String) throws -> PublishedPoint {
    try #require(try read(Self.scenario(text)).published.first?.points.first)
  }

  private func workers(_ count: Int) -> SweepPoint.Parameter {
    .init(key: "workers", value: "\(count)")
  }

  @Test func `A value is about the runs of one framework at one point of the sweep`() throws {
    let scenario = try read(Self.scenario("{ time: 90 s, for: { framework: spirt, workers: 4 } }"))
    let source = try #require(scenario.published.first)
    #expect(source.source == "A paper, table 1" && source.origin == .table)
    let point = try #require(source.points.first)
    #expect(point.measure == .metric(.time) && point.claim == .value)
    #expect(point.value == 90e9 && point.text == "90 s" && !point.calibrates)
    #expect(
      point.runs
        == RunChoice(framework: "spirt", variant: "published", parameters: [workers(4)]))
    #expect(scenario.points.allSatisfy { $0.scenario.published.isEmpty })
  }

  @Test(
    arguments: [
      ("cost: 0.25 USD", .metric(.cost), 0.25e12),
      ("accuracy: 0.75", .metric(.accuracy), 0.75),
      ("update-rate: 2 /s", .metric(.updateRate), 7.2e12),
      ("updates: 12", .metric(.updates), 12),
      ("total-time: 2 min", .metric(.totalTime), 120e9),
      (
        "phase-time: 3 s, phases: [cold start, fetch]",
        .phases(["cold start", "fetch"], perUpdate: false), 3e9
      ),
      ("phase-time-per-update: 3 ms, phases: [wait]", .phases(["wait"], perUpdate: true), 3e6),
    ] as [(String, PublishedPoint.Measure, Double)])
  func `Each quantity has its unit`(
    text: String, measure: PublishedPoint.Measure, value: Double
  ) throws {
    let point = try point("{ \(text), for: { framework: all-reduce, workers: 2 } }")
    #expect(point.measure == measure)
    #expect(point.value == value)
  }

  @Test func `A ratio compares with runs that differ in what it says`() throws {
    let faster = try point(
      "{ speed-up: 1.8, for: { mlless.sparse: true, workers: 4 }, against: { workers: 2 } }")
    let sparse = SweepPoint.Parameter(key: "mlless.sparse", value: "true")
    #expect(faster.measure == .metric(.time) && faster.value == 1.8)
    #expect(faster.runs.parameters == [workers(4), sparse])
    #expect(
      faster.claim
        == .speedUp(
          over: RunChoice(
            framework: "mlless", variant: "published", parameters: [workers(2), sparse])))
    // Another framework has none of the options of the first.
    let saving = try point(
      "{ saving: 0.82, of: cost, for: { mlless.sparse: true, workers: 4 }, "
        + "against: { framework: spirt }, calibrates: true }")
    #expect(saving.measure == .metric(.cost) && saving.calibrates)
    #expect(
      saving.claim
        == .saving(
          against: RunChoice(
            framework: "spirt", variant: "published", parameters: [workers(4)])))
  }

  @Test(
    arguments: [
      (
        "{ time: 90 s, for: { framwork: spirt } }",
        "8:40: published[0].points[0].for: the runs do not differ in 'framwork' (allowed: "
          + "framework, variant, workers, mlless.sparse); did you mean 'framework'?"
      ),
      (
        "{ time: 90 s, for: { framework: all-reduc, workers: 8 } }",
        "8:41: published[0].points[0].for.framework: no run has 'all-reduc' (allowed: spirt, "
          + "all-reduce, mlless); did you mean 'all-reduce'?\n"
          + "test.yaml:8:61: published[0].points[0].for.workers: no run has '8' (allowed: 2, 4)"
      ),
      (
        "{ time: 90 s, for: { framework: spirt } }",
        "8:28: published[0].points[0].for: is about 2 kinds of runs: say which workers"
      ),
      (
        "time: 90 s",
        "8:9: published[0].points[0].for: is about 8 kinds of runs: say which framework, "
          + "workers, mlless.sparse"
      ),
      (
        "{ time: 90 s, for: { framework: spirt, mlless.sparse: true } }",
        "8:28: published[0].points[0].for: no run has all of this"
      ),
      (
        "{ for: { framework: spirt, workers: 2 } }",
        "8:9: published[0].points[0]: does not say what was measured (allowed: accuracy, loss, "
          + "time, provisioning, total-time, cost, updates, update-rate, samples, cold-starts, "
          + "peak-concurrency, phase-time, phase-time-per-update, speed-up, saving)"
      ),
      (
        "{ time: 90 s, cost: 1 USD, for: { framework: spirt, workers: 2 } }",
        "8:23: published[0].points[0]: 'time' and 'cost' exclude each other: give one of them"
      ),
      (
        "{ time: 90, for: { framework: spirt, workers: 2 } }",
        "8:17: published[0].points[0].time: '90' needs a unit: ns, us, ms, s, min or h"
      ),
      (
        "{ time: 0 s, for: { framework: spirt, workers: 2 } }",
        "8:17: published[0].points[0].time: is nothing that errors are a part of"
      ),
      (
        "{ phase-time: 1 s, for: { framework: spirt, workers: 2 } }",
        "8:9: published[0].points[0].phases: is missing: the phases whose time was measured"
      ),
      (
        "{ time: 1 s, phases: [wait], for: { framework: spirt, workers: 2 } }",
        "8:30: published[0].points[0].phases: 'time' is of all phases"
      ),
      (
        "{ time: 1 s, of: cost, for: { framework: spirt, workers: 2 } }",
        "8:26: published[0].points[0].of: 'time' is no ratio: 'of' goes with speed-up and saving"
      ),
      (
        "{ speed-up: 2, for: { framework: spirt, workers: 2 } }",
        "8:9: published[0].points[0].against: is missing: 'speed-up' compares with other runs"
      ),
      (
        "{ speed-up: 2, for: { framework: spirt, workers: 2 }, against: { workers: 2 } }",
        "8:72: published[0].points[0].against: compares the runs with themselves"
      ),
      (
        "{ saving: 82, for: { framework: spirt, workers: 2 }, against: { workers: 4 } }",
        "8:19: published[0].points[0].saving: 82 is out of range (allowed: greater than 0, at most "
          + "1)"
      ),
    ])
  func `A mistake is told with its place and what would be right`(
    point: String, report: String
  ) {
    #expect(issues(in: Self.scenario(point)).joined(separator: "\n") == "test.yaml:" + report)
  }

  @Test func `All mistakes are told at once`() {
    let text = Self.scenario("{ time: 90 s, for: { workers: 3 } }")
      .replacing("obtained: table", with: "obtained: tabel")
      .replacing("points:", with: "pionts:")
    #expect(
      issues(in: text) == [
        "test.yaml:5:5: published[0].points: is missing: The measurements, one mapping each.",
        "test.yaml:6:15: published[0].obtained: there is no origin 'tabel' (allowed: text, table, "
          + "label, digitised); did you mean 'table'?",
        "test.yaml:7:5: published[0]: there is no setting 'pionts' (allowed: source, obtained, "
          + "points); did you mean 'points'?",
      ])
  }

  @Test func `Nothing that is learned can be compared where nothing learns`() {
    let text = Self.scenario(
      "{ accuracy: 0.8, for: { framework: spirt, workers: 2 } }", gradients: "none")
    #expect(
      issues(in: text) == [
        "test.yaml:8:9: published[0].points[0].accuracy: has no value with 'gradients: none', "
          + "where nothing is learned"
      ])
  }

  @Test func `Settings of the command line leave nothing to compare, and nothing to refuse`() throws
  {
    let text = Self.scenario("{ time: 90 s, for: { framework: spirt, workers: 4 } }")
    #expect(try read(text, set: [("workers", "3")]).published.isEmpty)
    #expect(issues(in: text + "\nfunction: { memory: 2 GB }").isEmpty)
  }
}
