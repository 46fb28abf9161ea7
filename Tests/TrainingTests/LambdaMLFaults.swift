import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What AllReduce and ScatterReduce do when something goes wrong, as their protocols say.
@Suite struct LambdaMLFaults {
  static let names = ["all-reduce", "scatter-reduce"]

  @Test("Without the master the others ask until their functions are killed, which costs")
  func masterDies() throws {
    var trial = try long(AllReduce.self)
    let healthy = try trial.run()
    trial.configuration.faults = [.crash(.master, .at(.seconds(15)))]
    let outcome = try trial.run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is FunctionTimedOut)
    #expect(failure.worker != "worker 0")
    #expect(outcome.job.workers.map(\.isCrashed) == [true, false, false])
    let gets = { (outcome: TrainingOutcome) in
      outcome.job.region.meter.requests("object-store.get")
    }
    #expect(gets(outcome) > gets(healthy))
    // What the survivors pay for waiting is in the bill.
    #expect(outcome.job.region.bill().total > healthy.job.region.bill().total)
  }

  @Test("LambdaML's own code gives up after a while, and the run fails so much earlier")
  func workersLosePatience() throws {
    var trial = try long(AllReduce.self, options: ["patience": .duration(.seconds(5))])
    #expect(try trial.run().failure == nil)
    trial.configuration.faults = [.crash(.master, .at(.seconds(15)))]
    let outcome = try trial.run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is TimedOut)
    #expect(outcome.time > .seconds(20) && outcome.time < .seconds(25))
  }

  @Test("What error feedback keeps takes memory")
  func residualsTakeMemory() throws {
    func failure(_ compression: String) throws -> JobFailure? {
      var trial = try Trial(
        AllReduce.self, workers: 1,
        options: FrameworkOptions(["compression": .choice(compression)]))
      trial.configuration.subject = nil
      // 400 MB of runtime and four vectors of 100 MB fit 810 MiB; a fifth does not.
      trial.configuration.workload.parameterCount = 25_000_000
      trial.configuration.function.memoryMB = 810
      return try trial.run().failure
    }
    #expect(try failure("qsgd") == nil)
    #expect(try failure("top-k")?.cause is OutOfMemory)
  }

  @Test("ScatterReduce has no master, and says so")
  func noMaster() throws {
    var trial = try Trial(ScatterReduce.self, workers: 2)
    trial.configuration.faults = [.crash(.master, .at(.seconds(1)))]
    let outcome = try trial.run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.notes == ["this framework has no master: its crash changes nothing"])
  }

  @Test("Asynchronous workers do not notice that one is gone")
  func asynchronousSurvive() throws {
    var trial = try long(
      AllReduce.self,
      options: ["synchronization": .choice("asp"), "exchange": .choice("models")])
    trial.configuration.faults = [.crash(.worker(1), .at(.seconds(15)))]
    let outcome = try trial.run()
    #expect(outcome.failure == nil)
    #expect(outcome.replicas.count == 2)
    #expect(outcome.updates == trial.configuration.stepLimit)
  }

  @Test("A storm of refusals delays both, and changes no model", arguments: names)
  func storm(name: String) throws {
    var trial = try long(try #require(FrameworkCatalog.named(name)))
    let calm = try trial.run()
    trial.regionOptions.throttleStorms = [
      ThrottleStorm("object-store.put", from: .seconds(12), lasting: .seconds(3), share: 0.2)
    ]
    let stormy = try trial.run()
    #expect(stormy.failure == nil)
    #expect(stormy.job.region.meter.requests("object-store.put retried") > 0)
    #expect(stormy.time > calm.time)
    #expect(stormy.replicas.map(\.parameters) == calm.replicas.map(\.parameters))
  }

  @Test(
    "Whatever is exchanged, a job goes on in other functions with the same model",
    arguments: [
      ["exchange": .choice("models"), "local-steps": .integer(4)],
      ["exchange": .choice("admm"), "local-steps": .integer(5)],
      ["compression": .choice("top-k")], ["store": .choice("memory-store")],
    ] as [[String: FrameworkOption.Value]])
  func goesOn(options: [String: FrameworkOption.Value]) throws {
    let once = try Trial(
      AllReduce.self, workers: 2, steps: 60, options: FrameworkOptions(options)
    ).run()
    var trial = try Trial(
      AllReduce.self, workers: 2, steps: 60, options: FrameworkOptions(options))
    trial.configuration.function.timeout = .seconds(10)
    let often = try trial.run()
    #expect(often.failure == nil)
    #expect(often.job.region.functions.invocationCount > 2)
    #expect(often.replicas.map(\.parameters) == once.replicas.map(\.parameters))
  }

  @Test("A partition is fetched again by the next function")
  func partitionsAreFetchedAgain() throws {
    var trial = try Trial(AllReduce.self, workers: 2, steps: 60)
    trial.configuration.fetch = .partition
    trial.configuration.function.timeout = .seconds(15)
    var partitions = 0
    let outcome = try trial.run { span, log in
      if log.text(span.detail).hasPrefix("partition/") { partitions += 1 }
    }
    #expect(outcome.failure == nil)
    #expect(partitions == outcome.job.region.functions.invocationCount)
  }

  /// Steps enough for something to go wrong in their midst, in functions of a minute.
  private func long(
    _ type: any TrainingFramework.Type, options: [String: FrameworkOption.Value] = [:]
  ) throws -> Trial {
    var trial = try Trial(
      type, workers: 3, steps: 40, epochs: 10, options: FrameworkOptions(options))
    trial.configuration.function.timeout = .seconds(60)
    return trial
  }
}
