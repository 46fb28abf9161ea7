import Cloud
import Foundation
import Scenarios
import SimulationKernel
import Testing

/// The same scenario and seed give the same digest, whoever computes and however often.
@Suite struct RunnerTests {
  static let files = [
    "compare-frameworks", "faults", "published-against-released", "quickstart", "recorded-latency",
    "resnet50-256-workers", "robust-aggregation", "top-k-over-redis", "what-if-memory",
  ]

  @Test("A shipped scenario replays to its digests, with one thread and with two", arguments: files)
  func replays(file: String) throws {
    let first = try digests(of: file, threads: 1)
    let second = try digests(of: file, threads: 2)
    #expect(!first.isEmpty)
    #expect(first == second)
    #expect(Set(first).count == first.count)
  }

  @Test("Keeping the spans does not change a digest")
  func spansChangeNothing() throws {
    let plans = try plans(of: "quickstart", overrides: ["training.steps": "3"])
    let counted = try Runner(options: RunnerOptions(threads: 1)).run(plans)
    let kept = try Runner(options: RunnerOptions(threads: 1, keepsSpans: true)).run(plans)
    #expect(counted.map(\.digest) == kept.map(\.digest))
    #expect(counted.allSatisfy { $0.spans == nil })
    #expect(kept.allSatisfy { ($0.spans?.spans.count ?? 0) > 20 })
  }

  @Test("Another seed is another run, and replications have seeds of their own")
  func seedsMatter() throws {
    let seven = try plans(of: "quickstart", seed: 7, overrides: ["replications": "3"])
    let eight = try plans(of: "quickstart", seed: 8)
    #expect(seven.prefix(3).map(\.seed).count == 3)
    #expect(Set(seven.map(\.seed)).count == 3)
    #expect(seven[0].seed == 7)
    #expect(seven.allSatisfy { $0.seed < 1 << 53 })
    #expect(seven[0].key != eight[0].key)
    #expect(Set(seven.map(\.key)).count == seven.count)
  }

  @Test("Phases sum to the time, and the total is the sum of its lines")
  func resultsAddUp() throws {
    for result in try run("quickstart", threads: 2) {
      #expect(result.status == .completed)
      #expect(result.phases.reduce(Duration.zero) { $0 + $1.value } == result.time)
      #expect(result.bill.lines.reduce(0) { $0 + $1.amount.picoUSD } == result.bill.total.picoUSD)
      #expect(result.curve.last?.accuracy == result.accuracy)
      #expect(result.samples > 0)
    }
  }

  @Test("Too little memory is a failed run; the others still finish")
  func memoryIsAModelledFailure() throws {
    let plans = try ["256 MB", "1769 MB"].flatMap { memory in
      try self.plans(
        of: "quickstart",
        overrides: ["frameworks": "[all-reduce]", "function.memory": memory])
    }
    let results = try Runner(options: RunnerOptions(threads: 2)).run(plans)
    #expect(results.map(\.status) == [.failed, .completed])
    #expect(results[0].failure?.kind == "out-of-memory")
    #expect(results[0].failure?.worker?.hasPrefix("worker ") == true)
  }

  @Test("A recording that ends, and may not be repeated, ends a run; the others still finish")
  func recordingEnds() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("time_ms\n20\n30\n".utf8).write(to: folder.appending(path: "gets.csv"))
    let scenario = try ScenarioReader(vocabulary: .program).read(
      text: """
        frameworks: [all-reduce, mlless]
        workers: 2
        training: { gradients: none, model: mlp, dataset: fashion-mnist-fixture, steps: 1 }
        all-reduce: { store: memory-store }
        traces:
          memory-store.get: { file: gets.csv, column: time_ms, mode: replay, at-end: error }
        """, file: folder.appending(path: "test.yaml").path)
    var planner = RunPlanner(options: RunnerOptions(threads: 1))
    let results = try Runner(options: RunnerOptions(threads: 1)).run(planner.plans(for: scenario))
    #expect(results.map(\.status) == [.failed, .completed])
    #expect(results[0].failure?.kind == "recording-ended")
    #expect(results[0].failure?.message.contains("2 recorded latencies") == true)
    try FileManager.default.removeItem(at: folder)
  }

  @Test("A runner that is asked to stop stops, and says so")
  func cancels() throws {
    let cancellation = RunnerCancellation()
    cancellation.request()
    #expect(throws: RunsCancelled.self) {
      try Runner(options: RunnerOptions(threads: 1)).run(
        try plans(of: "quickstart"), cancellation: cancellation)
    }
  }

  private func digests(of file: String, threads: Int) throws -> [String] {
    try run(file, threads: threads, overrides: ["training.steps": "3"]).map(\.digest)
  }

  private func run(
    _ file: String, threads: Int, overrides: KeyValuePairs<String, String> = [:]
  ) throws -> [RunResult] {
    try Runner(options: RunnerOptions(threads: threads)).run(
      try plans(of: file, overrides: overrides))
  }

  private func plans(
    of file: String, seed: UInt64? = nil, overrides: KeyValuePairs<String, String> = [:]
  ) throws -> [RunPlan] {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let scenario = try ScenarioReader(vocabulary: .program).read(
      file: root.appending(path: "scenarios/\(file).yaml").path,
      overrides: overrides.map { .init(key: $0.key, text: $0.value) })
    var planner = RunPlanner(options: RunnerOptions(threads: 1))
    return try planner.plans(for: scenario, seed: seed)
  }
}
