import Scenarios
import SimulationKernel
import Testing

/// What a framework of the program refuses, with the place in the file.
@Suite struct WorkbenchSettingsTests {
  private func issues(_ frameworks: String, workers: Int = 4) -> [String] {
    issues(inText: "frameworks: [\(frameworks)]\nworkers: \(workers)")
  }

  private func issues(inText text: String) -> [String] {
    let training = "training: { model: mlp, dataset: fashion-mnist-fixture, batch-size: 10 }"
    do {
      _ = try ScenarioReader(vocabulary: .program).read(
        text: "\(text)\n\(training)\n", file: "test.yaml")
      return []
    } catch {
      return error.issues.map(\.description)
    }
  }

  private static let refusals = [
    (
      "{ scatter-reduce: { aggregation: krum } }",
      "test.yaml:1:47: frameworks[0].scatter-reduce.aggregation: 'krum' is not for this framework: "
        + "a worker sees one chunk of each gradient"
    ),
    (
      "{ all-reduce: { synchronization: ssp } }",
      "test.yaml:1:47: frameworks[0].all-reduce.synchronization: 'ssp' is not for this framework: "
        + "workers meet at worker 0 or not at all"
    ),
    (
      "{ all-reduce: { synchronization: asp } }",
      "test.yaml:1:47: all-reduce.synchronization: asp shares one model among all"
    ),
    (
      "{ all-reduce: { aggregation: median, compression: top-k } }",
      "test.yaml:1:64: all-reduce.compression: of vectors that are zero almost everywhere"
    ),
    (
      "{ all-reduce: { exchange: admm } }",
      "test.yaml:1:40: all-reduce.exchange: ADMM is for convex models"
    ),
    (
      "{ all-reduce: { local-steps: 5 } }",
      "test.yaml:1:43: all-reduce.local-steps: gradients are exchanged at every step"
    ),
  ]

  @Test(arguments: refusals)
  func `What does not go together is refused at its place, with a reason`(
    frameworks: String, report: String
  ) {
    let found = issues(frameworks)
    #expect(found.contains { $0.hasPrefix(report) }, "\(found)")
  }

  @Test(
    arguments: [
      ("{ all-reduce: { density: 0.01 } }", "density: changes nothing with 'compression: none' "),
      ("{ all-reduce: { compression: qsgd, density: 0.5 } }", "density: changes nothing with 'c"),
      ("{ all-reduce: { compression: top-k, levels: 3 } }", "levels: changes nothing with 'comp"),
      ("{ mlless: { variant: released, density: 0.1 } }", "density: changes nothing with"),
    ])
  func `An option that the compression does not read is refused`(
    frameworks: String, report: String
  ) {
    let found = issues(frameworks)
    #expect(found.count == 1 && found[0].contains(report), "\(found)")
    #expect(found.allSatisfy { $0.contains("(allowed: with compression: ") })
  }

  @Test(
    arguments: [
      ("[all-reduce, { all-reduce: { compression: top-k } }]", ""),
      ("[all-reduce]", "sweep: { all-reduce.compression: [none, top-k] }"),
      ("[all-reduce]", "pipeline: { jobs: { all-reduce.compression: [none, top-k] } }"),
    ])
  func `An option that one of the runs reads is not refused`(frameworks: String, line: String) {
    let block = "\nall-reduce: { density: 0.1 }\n"
    #expect(issues(inText: "frameworks: \(frameworks)" + block + line) == [])
    #expect(issues(inText: "frameworks: [all-reduce]" + block + "workers: 4").count == 1)
  }

  @Test func `A rule that the number of workers does not allow is refused where it is given`() {
    let krum = "{ all-reduce: { aggregation: krum } }"
    #expect(issues(krum, workers: 5).isEmpty)
    let found = issues(krum, workers: 4)
    #expect(found.count == 1 && found[0].hasPrefix("test.yaml:1:43: all-reduce.aggregation: "))
  }

  @Test func `Four lines build a system of several`() {
    #expect(
      issues("{ scatter-reduce: { store: memory-store, compression: top-k, density: 0.01 } }")
        .isEmpty)
  }

  @Test func `An account that allows fewer functions at once than workers throttles them`() throws {
    func run(concurrency: Int) throws -> RunResult {
      let scenario = try ScenarioReader(vocabulary: .program).read(
        text: """
          frameworks: [all-reduce]
          workers: 8
          limits: { concurrency: \(concurrency) }
          training: { gradients: none, model: mlp, dataset: fashion-mnist, batch-size: 8, steps: 1 }
          """, file: "test.yaml")
      let options = RunnerOptions(threads: 1)
      var planner = RunPlanner(options: options)
      return try Runner(options: options).run(planner.plans(for: scenario))[0]
    }
    #expect(try run(concurrency: 4).failure?.kind == "throttled")
    let wide = try run(concurrency: 8)
    #expect(wide.status == .completed && wide.peakConcurrency == 8)
  }
}
