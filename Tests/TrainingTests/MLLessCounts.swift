import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Requests and bytes a step of MLLess, as the paper and the public code make them.
///
/// Nobody polls: the broker pushes. So every get is one that finds something, but for the first
/// of a worker's log.
@Suite struct MLLessCounts {
  static let workers = [1, 2, 4, 8, 16, 33]
  static let steps = 3

  @Test(
    "Published: U sets, U (W - 1) gets, U + W + 1 publishes, U W + 2 W deliveries a step",
    arguments: workers, [0, 0.25, 1])
  func published(w: Int, density: Double) throws {
    let n = 1000
    let counts = try run(workers: w, parameters: n, ["density": .real(density)])
    let s = Self.steps
    // A worker without anybody to send to, or anything to send, sends nothing.
    let u = w == 1 || density == 0 ? 0 : w
    #expect(counts["object-store/get"] == s * w)
    #expect(counts["object-store/put"] == nil)
    #expect(counts["object-store/list"] == nil)
    #expect(counts["object-store/delete"] == nil)
    #expect(counts["memory-store/set", default: 0] == s * u)
    #expect(counts["memory-store/get", default: 0] == s * u * (w - 1))
    #expect(counts["memory-store/delete"] == nil)
    #expect(counts["broker/publish"] == s * (u + w + 1))
    // Everybody hears of every update and of the set to expect; the supervisor of every report.
    #expect(counts["broker/deliver"] == s * (u * w + w + w))
    // 8 bytes an entry, or 4 an entry of the dense vector.
    let update = min(8 * Int(density * Double(n)), 4 * n)
    #expect(counts["bytes memory-store.in", default: 0] == s * u * update)
    #expect(counts["bytes memory-store.out", default: 0] == s * u * (w - 1) * update)
  }

  @Test(
    "Released: W puts, W + W^2 gets, 2 W + 2 publishes, W^2 + W deliveries a step, 14 W for logs",
    arguments: workers)
  func released(w: Int) throws {
    let n = 1000
    let counts = try run(workers: w, parameters: n, [:], variant: "released")
    let s = Self.steps
    let logs = 7 * s * w
    #expect(counts["object-store/get"] == s * (w + w * w) + logs)
    #expect(counts["object-store/put"] == s * w + logs)
    #expect(counts["object-store/list"] == nil)
    #expect(counts["object-store/delete"] == nil)
    #expect(counts["memory-store/set"] == nil)
    #expect(counts["broker/publish"] == s * (2 * w + 2))
    // To the workers W^2 + W, and the reports to the supervisor.
    #expect(counts["broker/deliver"] == s * (w * w + w + w))
    // Dense, 0.93 of 4 bytes an entry; and a log that grows by a line of 100 bytes.
    let update = 3720
    let lines = (1...7 * s).reduce(0) { $0 + 100 * $1 }
    #expect(counts["bytes object-store.in"] == s * w * update + w * lines)
    let samples = 16 * 100
    let readLines = (1..<7 * s).reduce(0) { $0 + 100 * $1 }
    #expect(
      counts["bytes object-store.out"] == s * w * samples + s * w * w * update + w * readLines)
  }

  @Test("The original's tuples are longer, and zlib makes them shorter", arguments: [16, 20])
  func originalFormat(entryBytes: Int) throws {
    let options: [String: FrameworkOption.Value] = [
      "density": .real(0.8), "entry-bytes": .integer(entryBytes),
    ]
    let raw = try run(workers: 2, parameters: 1000, options)
    #expect(raw["bytes memory-store.in"] == Self.steps * 2 * entryBytes * 800)
    var short = options
    short["zlib"] = .flag(true)
    short["zlib-ratio"] = .real(0.5)
    let packed = try run(workers: 2, parameters: 1000, short)
    #expect(packed["bytes memory-store.in"] == Self.steps * entryBytes * 800)
  }

  @Test("zlib costs 40 ns a byte there and 5 ns a byte back")
  func zlibTakesTime() throws {
    func time(_ options: [String: FrameworkOption.Value]) throws -> Duration {
      var trial = try trial(workers: 1, parameters: 1_000_000, options)
      trial.configuration.options = FrameworkOptions(options, variant: "released")
      return try trial.run().time
    }
    // At a ratio of 1 the bytes are the same: what is left is the processor's time for 4 MB.
    let with = try time(["zlib-ratio": .real(1)])
    let without = try time(["zlib": .flag(false)])
    let expected = Double(Self.steps) * 4e6 * (1 / 25e6 + 1 / 200e6)
    #expect(abs((with - without).inSeconds / expected - 1) < 0.15)
  }

  @Test("Worker w's updates lie on server w modulo n", arguments: [1, 2, 3])
  func storeNodes(nodes: Int) throws {
    var trial = try trial(
      workers: 6, parameters: 1000, ["store-nodes": .integer(nodes), "density": .real(1)])
    trial.regionOptions.freeTier = false
    let outcome = try trial.run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.region.meter.requests("memory-store.set") == Int64(Self.steps * 6))
    let store = try outcome.job.region.memoryStore("updates")
    #expect(store.nodeCount == nodes)
    #expect((0..<6).map { store.nodeIndex(of: "update/2/\($0)") } == (0..<6).map { $0 % nodes })
  }

  @Test("An exchange every k steps needs a k-th of the messages", arguments: [1, 2, 3, 4, 7])
  func localSteps(k: Int) throws {
    let w = 4
    let steps = 7
    let counts = try run(
      workers: w, parameters: 1000, ["local-steps": .integer(k), "density": .real(1)],
      steps: steps)
    let exchanges = (steps + k - 1) / k
    #expect(counts["object-store/get"] == steps * w)
    #expect(counts["memory-store/set"] == exchanges * w)
    #expect(counts["memory-store/get"] == exchanges * w * (w - 1))
    #expect(counts["broker/publish"] == exchanges * (2 * w + 1))
  }

  // MARK: - Runs

  private func trial(
    workers: Int, parameters: Int, _ options: [String: FrameworkOption.Value],
    variant: String = "published", steps: Int = steps
  ) throws -> Trial {
    try Trial.timing(
      MLLess.self, workers: workers, parameters: parameters, steps: steps,
      options: FrameworkOptions(options, variant: variant))
  }

  /// Spans by operation, and bytes by direction.
  private func run(
    workers: Int, parameters: Int, _ options: [String: FrameworkOption.Value],
    variant: String = "published", steps: Int = steps
  ) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    let trial = try trial(
      workers: workers, parameters: parameters, options, variant: variant, steps: steps)
    let outcome = try trial.run { span, log in
      counts[log.text(span.operation), default: 0] += 1
    }
    #expect(outcome.failure == nil)
    for (direction, bytes) in outcome.job.region.meter.bytes {
      counts["bytes \(direction)"] = Int(bytes)
    }
    return counts
  }
}

extension Trial {
  /// A time-only run of a workload of so many parameters, with 16 samples of 100 bytes a step.
  static func timing(
    _ type: any TrainingFramework.Type, workers: Int, parameters: Int, steps: Int,
    options: FrameworkOptions
  ) throws -> Trial {
    var trial = try Trial(type, workers: 1, steps: steps, options: options)
    let workload = ModelCost(
      parameterCount: parameters, tensorCount: 1, forwardFLOPs: 1e6, backwardFLOPs: 2e6,
      activationBytes: 1000)
    trial.configuration = TrainingConfiguration(
      workers: workers, batchSize: 16, epochs: 1, sampleCount: 16 * workers * steps,
      sampleBytes: 100, workload: workload, optimizer: .sgd(learningRate: 0.1),
      function: FunctionConfiguration(name: "worker"), seed: 7)
    trial.configuration.options = options
    return trial
  }
}
