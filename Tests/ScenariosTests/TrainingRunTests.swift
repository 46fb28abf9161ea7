import Foundation
import Learning
import Scenarios
import Testing

/// Runs of one worker on forty drawn rows, each step on all of them.
@Suite struct TrainingRunTests {
  private static let options = RunnerOptions(threads: 1, keepsModels: true)

  private func plans(
    _ training: String, frameworks: String = "all-reduce", workers: Int = 1,
    options: RunnerOptions = options
  ) throws -> [RunPlan] {
    let data = "{ kind: { dense: { features: 6 } }, samples: 40, test-samples: 20 }"
    let scenario = try ScenarioReader(vocabulary: .program).read(
      text: """
        frameworks: [\(frameworks)]
        workers: \(workers)
        training: { dataset: { synthetic: \(data) }, batch-size: \(40 / workers), \(training) }
        """, file: "test.yaml")
    var planner = RunPlanner(options: options)
    return try planner.plans(for: scenario)
  }

  private func result(_ training: String) throws -> RunResult {
    try Runner(options: Self.options).run(plans(training))[0]
  }

  private func start(seed: UInt64) throws -> [Float] {
    let data = try DatasetCatalog.load(
      .synthetic(.dense(features: 6), samples: 40, testSamples: 20, seed: 1))
    return try Model.named("logistic-regression", for: data.train).initialParameters(seed: seed)
  }

  /// Schedules with the factors of their first four steps.
  private static let paces: [(pace: String, factors: [Double])] = [
    ("schedule: constant", [1, 1, 1, 1]),
    ("schedule: { step: { every: 2, factor: 0.1 } }", [1, 1, 0.1, 0.1]),
    ("schedule: { cosine: { updates: 4 } }", [1, 0.853_553, 0.5, 0.146_447]),
    ("schedule: inverse-square-root", [1, 0.707_107, 0.577_350, 0.5]),
    ("warm-up: 4", [0.25, 0.5, 0.75, 1]),
  ]

  @Test(arguments: paces)
  func `Clipped steps in one direction add up to what the schedule says`(
    pace: String, factors: [Double]
  ) throws {
    // All steps are short and on the same rows: their directions are the same.
    let result = try result(
      "model: logistic-regression, epochs: 4, "
        + "optimizer: { sgd: { learning-rate: 1, clip: { norm: 0.001 }, \(pace) } }")
    let final = try #require(result.model).weights.parameters
    let squares = zip(final, try start(seed: result.seed)).map {
      Double($0 - $1) * Double($0 - $1)
    }
    let length = squares.reduce(0, +).squareRoot()
    #expect(abs(length / (0.001 * factors.reduce(0, +)) - 1) < 0.01, "moved by \(length)")
  }

  @Test func `A model that has diverged is told from one that has learnt nothing`() throws {
    func notes(_ rate: String) throws -> [String] {
      try result(
        "model: mlp, epochs: 400, optimizer: { sgd: { learning-rate: \(rate), weight-decay: 0.5 } }"
      ).notes
    }
    #expect(try notes("100").contains { $0.contains("diverged: from update ") })
    #expect(try !notes("0.1").contains { $0.contains("diverged") })
  }

  @Test func `A run that begins with saved weights begins where the other ended`() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/nephoscope-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer {
      do { try FileManager.default.removeItem(atPath: folder) } catch {
        print("left behind: \(folder)")
      }
    }
    let first = try result("model: mlp, epochs: 3")
    let (path, copy) = (folder + "/mlp.safetensors", folder + "/copy.safetensors")
    try #require(first.model).write(safetensors: path)
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    let second = try result("model: mlp, epochs: 1, initial-weights: \(path)")
    #expect(second.curve.first?.loss == first.loss)
    #expect(second.curve.first?.accuracy == first.accuracy)
    #expect(second.digest != first.digest)
    // The key is of what the file holds, not of its name.
    let keys = try ["", ", initial-weights: \(path)", ", initial-weights: \(copy)"].map {
      try plans("model: mlp, epochs: 1" + $0)[0].key
    }
    #expect(keys[0] != keys[1] && keys[1] == keys[2])
    #expect(throws: DataError.self) {
      try plans("model: logistic-regression, initial-weights: \(path)")
    }
  }

  @Test func `A schedule and a clipping are part of the key`() throws {
    let paces = ["", "schedule: inverse-square-root", "warm-up: 3", "clip: { norm: 1 }"]
    let keys = try paces.map {
      try plans("model: mlp, optimizer: { sgd: { \($0) } }")[0].key
    }
    #expect(Set(keys).count == paces.count)
  }

  @Test func `Gradients that another run had are saved, and no digest shows it`() throws {
    let training = "model: mlp, epochs: 3"
    let both = try plans(training, frameworks: "scatter-reduce, all-reduce", workers: 2)
    let together = try Runner(options: Self.options).run(both)
    let alone = try both.flatMap { try Runner(options: Self.options).run([$0]) }
    #expect(together.map(\.digest) == alone.map(\.digest))
    #expect(alone.map(\.savedGradients) == [0, 0])
    // Both begin alike; how their sums round later is theirs.
    #expect(together[0].savedGradients == 0)
    #expect((2...6).contains(together[1].savedGradients))
    #expect(together.allSatisfy { $0.compute == GradientPool(threads: 1).record })
    #expect(together.allSatisfy { $0.f1.map((0...1).contains) == true })
  }

  @Test func `Data that does not fill one step is an error, not a run of no steps`() throws {
    let table = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv")
    try Data(("a,b\n" + (0..<10).map { "\($0),\($0 % 2)\n" }.joined()).utf8).write(to: table)
    defer { unlink(table.path) }
    let error = #expect(throws: DataError.self) {
      try ScenarioReader(vocabulary: .program).read(
        text: """
          frameworks: [all-reduce]
          workers: 3
          training: { model: mlp, dataset: { csv: { path: \(table.path) } }, batch-size: 3 }
          """, file: "test.yaml"
      ).plan()
    }
    #expect(
      error?.description.hasSuffix(
        "has 8 samples to learn from, but one step of 3 workers takes 9") == true)
  }

  @Test(arguments: ["no-such-python", "true"])
  func `A Python that is missing or says nothing is an error before any run`(
    interpreter: String
  ) throws {
    let error = #expect(throws: LearningError.self) {
      try plans(
        "model: { python: /dev/null, class: Net, interpreter: \(interpreter) }")
    }
    #expect(error?.description.isEmpty == false)
  }
}

extension Scenario {
  fileprivate func plan() throws {
    var planner = RunPlanner(options: RunnerOptions(threads: 1))
    _ = try planner.plans(for: self)
  }
}
