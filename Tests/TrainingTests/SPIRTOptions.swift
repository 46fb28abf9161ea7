import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What SPIRT's options change, and what they leave alone.
@Suite struct SPIRTOptions {
  @Test("Where averages and updates are computed changes the time, not the model")
  func fetchUpdateStore() throws {
    let inside = try trial([:]).run()
    let outside = try trial(["update": .choice("fetch-update-store")]).run()
    #expect(outside.failure == nil)
    #expect(outside.replicas.map(\.parameters) == inside.replicas.map(\.parameters))
    let read = { (outcome: TrainingOutcome) in outcome.job.region.meter.bytes("memory-store.out") }
    let vector = Int64(inside.job.gradientBytes)
    // Three peers, two rounds: four gradients and the aggregate, the model and the momentum.
    #expect(read(outside) - read(inside) == 3 * 2 * (4 + 1 + 2) * vector)
  }

  @Test("JSON is 5.85 times as long, and the released average comes back 5 times as long")
  func json() throws {
    let (binary, json) = (
      try trial([:]).run(), try trial(["gradient-encoding": .choice("json")]).run()
    )
    let returned = try trial([
      "gradient-encoding": .choice("json"), "average-reply": .flag(true),
    ]).run()
    func written(_ outcome: TrainingOutcome) -> Int64 {
      outcome.job.region.meter.bytes("memory-store.in")
    }
    func read(_ outcome: TrainingOutcome) -> Int64 {
      outcome.job.region.meter.bytes("memory-store.out")
    }
    let vector = Int64(binary.job.gradientBytes)
    #expect(written(json) - written(binary) == 3 * 2 * 4 * (Int64(5.85 * Double(vector)) - vector))
    #expect(written(returned) - written(json) == 3 * 2 * vector)
    #expect(read(returned) - read(json) == 3 * 2 * 5 * vector)
    #expect(json.replicas.map(\.parameters) == binary.replicas.map(\.parameters))
    #expect(json.time > binary.time)
  }

  @Test("Peers stop together when the validation loss no longer falls")
  func stopsEarly() throws {
    var early = try trial([
      "convergence-check": .choice("early-stop"), "patience": .integer(3),
      "min-delta": .real(0.05), "minibatches-per-round": .integer(1),
    ])
    early.configuration.stepLimit = 200
    early.configuration.epochs = 20
    let outcome = try early.run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.notes.count { $0.hasPrefix("stopped after round") } == 1)
    #expect(outcome.updates > 3)
    #expect(outcome.updates < 200)
    #expect(outcome.replicas.allSatisfy { $0.updates == outcome.updates })
    #expect(outcome.job.curve.points.last?.updates == outcome.updates)
    var timing = early
    timing.configuration.subject = nil
    #expect(try timing.run().updates == 200)
  }

  @Test("Looking without consequence costs time alone")
  func noEffect() throws {
    let plain = try trial([:]).run()
    let looking = try trial(["convergence-check": .choice("no-effect")]).run()
    #expect(looking.replicas.map(\.parameters) == plain.replicas.map(\.parameters))
    #expect(looking.time > plain.time)
    let gets = { (outcome: TrainingOutcome) in outcome.job.region.meter.requests("object-store.get")
    }
    #expect(gets(looking) == gets(plain) + 3 * 2)
  }

  @Test(
    "A robust rule outlives a peer that turns its gradients round, the mean does not",
    arguments: ["median", "trimmed-mean", "krum", "multi-krum", "meamed", "zeno"])
  func robust(rule: String) throws {
    func accuracy(_ rule: String) throws -> Double {
      var trial = try trial(
        ["aggregation": .choice(rule), "minibatches-per-round": .integer(2)], workers: 5)
      trial.configuration.faults = [.attack(.signFlip(factor: 10), workers: [3])]
      trial.configuration.stepLimit = 40
      trial.configuration.epochs = 4
      let outcome = try trial.run()
      #expect(outcome.failure == nil)
      return try #require(outcome.job.curve.points.last).result.accuracy
    }
    let (robust, mean) = (try accuracy(rule), try accuracy("mean"))
    #expect(robust > 0.5)
    #expect(mean < 0.3)
  }

  @Test("A rule that too few peers are left for gives way to the median, and the report says so")
  func tooFewForTheRule() throws {
    var trial = try trial(
      ["aggregation": .choice("krum"), "heartbeat-timeout": .duration(.seconds(20))], workers: 5)
    trial.configuration.faults = [.crash(.worker(4), .at(.seconds(14)))]
    let outcome = try trial.run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.notes.contains { $0.contains("by the median") })
    #expect(outcome.replicas.count == 4)
    #expect(outcome.replicas.allSatisfy { $0.parameters == outcome.replicas[0].parameters })
  }

  @Test(
    "What makes no sense is refused with a reason",
    arguments: [
      ["joining-peers": FrameworkOption.Value.integer(3)], ["local-steps": .integer(2)],
      ["joining-peers": .integer(1), "barrier": .choice("purge")],
      ["aggregation": .choice("krum")],
    ])
  func refused(options: [String: FrameworkOption.Value]) throws {
    let trial = try trial(options)
    let conflicts = SPIRT.conflicts(in: trial.configuration.arrangement)
    #expect(conflicts.count == 1)
    #expect(options.keys.contains(try #require(conflicts.first).option))
  }

  @Test("Who would be killed before it may leave a dead peer out is told so")
  func outwaitsFunctions() throws {
    func trial(_ heartbeat: Int, limit: Int?, _ deadPeers: String = "leave-out") throws -> Trial {
      var trial = try self.trial([
        "heartbeat-timeout": .duration(.seconds(heartbeat)), "dead-peers": .choice(deadPeers),
      ])
      trial.configuration.function.timeout = limit.map { .seconds($0) }
      return trial
    }
    func conflicts(_ trial: Trial) -> [String] {
      var trial = trial
      trial.configuration.faults = [.crash(.worker(1), .at(.seconds(20)))]
      return SPIRT.conflicts(in: trial.configuration.arrangement).map(\.option)
    }
    #expect(try conflicts(trial(120, limit: 120)) == ["heartbeat-timeout"])
    #expect(try conflicts(trial(119, limit: 120)).isEmpty)
    #expect(try conflicts(trial(120, limit: nil)).isEmpty)
    #expect(try conflicts(trial(120, limit: 120, "fail")).isEmpty)
    // Where nobody is to die, it is a note: a message may still be lost.
    let peaceful = try trial(120, limit: 120)
    #expect(SPIRT.conflicts(in: peaceful.configuration.arrangement).isEmpty)
    let outcome = try peaceful.run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.notes.contains { $0.hasPrefix("heartbeat-timeout: ") })
    #expect(try self.trial([:]).run().job.notes.isEmpty)
  }

  private func trial(
    _ options: [String: FrameworkOption.Value], workers: Int = 3
  ) throws -> Trial {
    try Trial(
      SPIRT.self, workers: workers, steps: 8, options: FrameworkOptions(options))
  }
}
