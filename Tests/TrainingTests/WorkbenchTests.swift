import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// The options that compose: stores, exchanges, compression and synchronization.
@Suite struct WorkbenchTests {
  static let stores = ["object-store", "memory-store", "key-value-table"]
  static let names = ["all-reduce", "scatter-reduce"]

  @Test(
    "Whatever the store, the model is the same and every request is billed",
    arguments: names, stores)
  func storesAgree(name: String, store: String) throws {
    let type = try #require(FrameworkCatalog.named(name))
    // 7,850 parameters are 31 kB, which a table's item holds.
    let plain = try Trial(type, workers: 3).run()
    let outcome = try Trial(
      type, workers: 3, options: FrameworkOptions(["store": .choice(store)])
    ).run()
    #expect(outcome.failure == nil)
    #expect(outcome.replicas.map(\.parameters) == plain.replicas.map(\.parameters))
    let puts = ["memory-store": "memory-store.set"][store] ?? "\(store).put"
    let gradients = plain.job.region.meter.requests("object-store.put")
    #expect(outcome.job.region.meter.requests(puts) == gradients)
  }

  @Test("A table refuses what is larger than an item, with a typed failure")
  func tableRefusesLargeGradients() throws {
    func run(_ type: any TrainingFramework.Type) throws -> TrainingOutcome {
      var trial = try Trial(
        type, workers: 4, options: FrameworkOptions(["store": .choice("key-value-table")]))
      trial.configuration.workload.parameterCount = 110_000
      return try trial.run()
    }
    let failure = try #require(try run(AllReduce.self).failure)
    let cause = try #require(failure.cause as? PayloadTooLarge)
    #expect((cause.byteCount, cause.limit) == (440_000, 400 * 1024))
    // A quarter of it fits.
    #expect(try run(ScatterReduce.self).failure == nil)
  }

  @Test(
    "Chunks of compressed gradients are those of the whole",
    arguments: ["none", "significance", "top-k", "qsgd"])
  func compressionAgrees(method: String) throws {
    func run(_ type: any TrainingFramework.Type) throws -> TrainingOutcome {
      try Trial(
        type, workers: 3, model: "mlp", steps: 6,
        options: FrameworkOptions(["compression": .choice(method), "density": .real(0.05)])
      ).run()
    }
    let (whole, chunks) = (try run(AllReduce.self), try run(ScatterReduce.self))
    #expect(whole.failure == nil)
    #expect(whole.replicas.map(\.parameters) == chunks.replicas.map(\.parameters))
    #expect(whole.replicas.allSatisfy { $0.parameters == whole.replicas[0].parameters })
  }

  @Test("Top-k sends 8 bytes for each of the entries that it keeps, error feedback the rest later")
  func topKSendsLess() throws {
    let (density, workers, steps) = (0.01, 4, 5)
    func sent(_ method: String) throws -> Int64 {
      var trial = try Trial(
        AllReduce.self, workers: workers, model: "mlp", steps: steps,
        options: FrameworkOptions([
          "compression": .choice(method), "density": .real(density),
          "store": .choice("memory-store"),
        ]))
      trial.configuration.subject = nil
      return try trial.run().job.region.meter.bytes("memory-store.in")
    }
    let parameters = try Trial(AllReduce.self, workers: 1, model: "mlp").configuration.workload
      .parameterCount
    // Up: W times 1 % of the entries, and their union from the master.
    let entries = Int64((density * Double(parameters)).rounded())
    let missing = (0..<workers).reduce(1.0) { missing, _ in missing * (1 - density) }
    let union = Int64(((1 - missing) * Double(parameters)).rounded(.up))
    let expected = Int64(steps) * 8 * (Int64(workers) * entries + union)
    let measured = try sent("top-k")
    #expect(abs(measured - expected) <= Int64(8 * steps * workers))
    #expect(try sent("none") == Int64(4 * parameters * steps * (workers + 1)))
  }

  @Test("Models are averaged every so many steps, and at the end", arguments: names, [1, 2, 4])
  func modelsAreAveraged(name: String, localSteps: Int) throws {
    let steps = 6
    let outcome = try Trial(
      try #require(FrameworkCatalog.named(name)), workers: 2, steps: steps,
      options: FrameworkOptions([
        "exchange": .choice("models"), "local-steps": .integer(localSteps),
      ])
    ).run()
    #expect(outcome.failure == nil)
    let (a, b) = (outcome.replicas[0].parameters, outcome.replicas[1].parameters)
    #expect(a == b)
    let exchanges = (steps + localSteps - 1) / localSteps
    let putsAnExchange = name == "all-reduce" ? 3 : 4
    #expect(
      outcome.job.region.meter.requests("object-store.put") == Int64(exchanges * putsAnExchange))
  }

  @Test("With plain SGD, models averaged at every step are gradients averaged at every step")
  func averagedModelsAreAveragedGradients() throws {
    func run(_ exchange: String) throws -> [Float] {
      try Trial(
        AllReduce.self, workers: 3, optimizer: .sgd(learningRate: 0.05), steps: 10,
        options: FrameworkOptions(["exchange": .choice(exchange)])
      ).run().finalWeights.parameters
    }
    #expect(largestDifference(try run("models"), try run("gradients")) < 1e-6)
  }

  @Test("ADMM ends near the model of plain SGD, over either protocol", arguments: names)
  func admm(name: String) throws {
    let outcome = try Trial(
      try #require(FrameworkCatalog.named(name)), workers: 4, steps: 60, epochs: 60,
      options: FrameworkOptions([
        "exchange": .choice("admm"), "local-steps": .integer(10), "admm-lambda": .real(0.0001),
      ])
    ).run()
    #expect(outcome.failure == nil)
    #expect(try #require(outcome.job.curve.points.last).result.accuracy > 0.6)
    #expect(outcome.updates == 60)
  }

  @Test("Asynchronous workers never wait: two requests a step each, and no poll")
  func asynchronous() throws {
    let (workers, steps) = (4, 10)
    let outcome = try Trial(
      AllReduce.self, workers: workers, steps: steps, epochs: 10,
      options: FrameworkOptions([
        "synchronization": .choice("asp"), "exchange": .choice("models"),
      ])
    ).run()
    #expect(outcome.failure == nil)
    let meter = outcome.job.region.meter
    #expect(meter.requests("object-store.put") == Int64(workers * steps))
    #expect(meter.requests("object-store.get") == Int64(2 * workers * steps))
    #expect(meter.requests("object-store.list") == 0)
    #expect(outcome.timeline[.wait] == .zero)
    #expect(try #require(outcome.job.curve.points.last).result.accuracy > 0.3)
  }

  @Test(
    "What does not go together is refused with a reason",
    arguments: [
      (["local-steps": .integer(2)], "local-steps"),
      (["exchange": .choice("models"), "compression": .choice("qsgd")], "compression"),
      (["exchange": .choice("models"), "aggregation": .choice("zeno")], "aggregation"),
      (["exchange": .choice("admm"), "aggregation": .choice("median")], "aggregation"),
      (["compression": .choice("top-k"), "aggregation": .choice("median")], "compression"),
      (["synchronization": .choice("asp")], "synchronization"),
    ] as [([String: FrameworkOption.Value], String)])
  func refusals(options: [String: FrameworkOption.Value], option: String) throws {
    let arrangement = Arrangement(
      workers: 8, options: FrameworkOptions(options), optimizer: .sgd(learningRate: 0.1),
      modelName: "logistic-regression")
    let conflicts = AllReduce.conflicts(in: arrangement)
    #expect(conflicts.map(\.option) == [option])
    #expect(conflicts.allSatisfy { !$0.reason.isEmpty })
  }

  @Test("ADMM is refused for a network")
  func admmRefusesNetworks() {
    let arrangement = Arrangement(
      workers: 8, options: FrameworkOptions(["exchange": .choice("admm")]),
      optimizer: .sgd(learningRate: 0.1), modelName: "lenet5")
    #expect(AllReduce.conflicts(in: arrangement).map(\.option) == ["exchange"])
  }
}
