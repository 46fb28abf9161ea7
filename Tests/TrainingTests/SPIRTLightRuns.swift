import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// SPIRT without workflow and databases, as the authors' repository had it.
@Suite struct SPIRTLightRuns {
  @Test(
    "A round of k minibatches: k + 2 puts, W gets, a listing and a message of every worker",
    arguments: [1, 2, 4, 8, 16, 33])
  func requests(w: Int) throws {
    // Six minibatches are a round of four and one of two.
    var counts: [String: Int] = [:]
    let trial = try Trial(SPIRTLight.self, workers: w, steps: 6)
    let outcome = try trial.run { span, log in counts[log.text(span.operation), default: 0] += 1 }
    #expect(outcome.failure == nil && outcome.updates == 2)
    #expect(counts["object-store/put"] == w * (6 + 2 * 2))
    #expect(counts["object-store/get"] == w * 6 + 2 * w * w)
    #expect(counts["object-store/list"] == 2 * w)
    #expect(counts["object-store/delete"] == nil)
    #expect(counts["broker/publish"] == 2 * w)
    #expect(counts["broker/count", default: 0] >= 2 * w)
    #expect(Int64(counts["broker/count", default: 0]) == requests(outcome, "broker.count"))
    #expect(counts["broker/purge"] == nil)
  }

  @Test("Released: nine lines of log a round, and a purge by worker 0", arguments: [1, 2, 4])
  func releasedRequests(w: Int) throws {
    // Everybody looks at the queue so often that nobody misses what worker 0 removes.
    let trial = try trial(
      workers: w, steps: 8, ["poll-interval": .duration(.milliseconds(1))], variant: "released")
    let outcome = try trial.run()
    #expect(outcome.failure == nil && outcome.job.notes.isEmpty)
    let replicas = outcome.replicas.map(\.parameters)
    #expect(replicas.allSatisfy { $0 == replicas[0] })
    // The first line, written before the first round, is one more.
    #expect(requests(outcome, "object-store.put") == Int64(w * (8 + 2 * 2) + w * (2 * 9 + 1)))
    #expect(requests(outcome, "broker.purge") == 2)
  }

  @Test(
    "With one minibatch a round it ends as AllReduce does, to the bit", arguments: [1, 2, 3, 4])
  func agrees(workers: Int) throws {
    func parameters(_ type: any TrainingFramework.Type, _ options: FrameworkOptions) throws
      -> [[Float]]
    {
      try Trial(type, workers: workers, model: "mlp", steps: 5, options: options)
        .run().replicas.map(\.parameters)
    }
    let one = FrameworkOptions(["minibatches-per-round": .integer(1)])
    let light = try parameters(SPIRTLight.self, one)
    #expect(try light == parameters(AllReduce.self, FrameworkOptions()))
    #expect(try light == parameters(SPIRT.self, one))
  }

  @Test("Who looks after worker 0 has emptied the queue waits, and goes on alone")
  func releasedRace() throws {
    let patience = Duration.seconds(100)
    let outcome = try trial(
      workers: 4, steps: 16, ["patience": .duration(patience)], variant: "released"
    ).run()
    #expect(outcome.failure == nil)
    #expect(outcome.time > patience)
    #expect(outcome.job.notes.contains { $0.contains("models differ") })
    let replicas = outcome.replicas.map(\.parameters)
    #expect(!replicas.allSatisfy { $0 == replicas[0] })
  }

  @Test("When a worker has died, the others wait for it each round and go on alone")
  func death() throws {
    let patience = Duration.seconds(30)
    var trial = try trial(workers: 3, steps: 12, ["patience": .duration(patience)])
    let whole = try trial.run()
    trial.configuration.faults = [.crash(.worker(1), .at(whole.time / 2))]
    let outcome = try trial.run()
    #expect(outcome.failure == nil)
    #expect(outcome.time >= whole.time / 2 + patience)
    #expect(outcome.job.notes.contains { $0.contains("models differ") })
    #expect(outcome.replicas.count == 2)
    #expect(outcome.replicas[0].parameters != outcome.replicas[1].parameters)
  }

  private func requests(_ outcome: TrainingOutcome, _ operation: String) -> Int64 {
    outcome.job.region.meter.requests(operation)
  }

  private func trial(
    workers: Int, steps: Int, _ options: [String: FrameworkOption.Value],
    variant: String = "published"
  ) throws -> Trial {
    try Trial(
      SPIRTLight.self, workers: workers, steps: steps, epochs: 9,
      options: FrameworkOptions(options, variant: variant))
  }
}
