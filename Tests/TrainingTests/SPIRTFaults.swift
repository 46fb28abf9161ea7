import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What SPIRT does when peers, databases or messages are lost, and what its released code does.
@Suite struct SPIRTFaults {
  @Test(
    "A peer that dies, or whose database dies, is left out, and the others go on as equals",
    arguments: [Fault.Member.worker(1), .database(2), .worker(0)], [13.0, 20.0, 23.7])
  func goesOn(member: Fault.Member, seconds: Double) throws {
    let outcome = try trial([.crash(member, .at(.milliseconds(Int64(1000 * seconds))))]).run()
    #expect(outcome.failure == nil)
    #expect(outcome.replicas.count == 3, "\(outcome.job.notes)")
    #expect(outcome.updates == 21)
    #expect(outcome.replicas.allSatisfy { $0.parameters == outcome.replicas[0].parameters })
    #expect(outcome.job.notes.contains { $0.contains("left out") })
    #expect(outcome.job.region.bill().total > .zero)
  }

  @Test("A lost message costs one timeout, not the job")
  func lostMessage() throws {
    var lossy = try trial([])
    lossy.regionOptions.lossRates["queue"] = 0.05
    let outcome = try lossy.run()
    #expect(outcome.failure == nil)
    #expect(outcome.replicas.count == 4)
    #expect(outcome.replicas.allSatisfy { $0.parameters == outcome.replicas[0].parameters })
    let peaceful = try trial([]).run()
    #expect(outcome.replicas[0].parameters == peaceful.replicas[0].parameters)
    #expect(outcome.time > peaceful.time + .seconds(10))
  }

  @Test("The released code waits for a dead peer until its functions are killed")
  func releasedHangs() throws {
    var trial = try trial(
      [.crash(.worker(1), .at(.seconds(20)))], ["settle-pause": .duration(.seconds(61))],
      variant: "released")
    trial.configuration.function.timeout = .seconds(120)
    let outcome = try trial.run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is FunctionTimedOut)
    #expect(failure.worker != "worker 1")
    #expect(outcome.job.region.bill().total > .zero)
  }

  @Test("The released code dies of rounds that are shorter than a minute")
  func releasedPurgesTooOften() throws {
    let outcome = try trial([], variant: "released").run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is MessageQueue.PurgeInProgress)
    #expect(failure.worker == "worker 0")
  }

  @Test("Peers that join take the model over, and end as equals", arguments: [1, 2])
  func joining(count: Int) throws {
    let outcome = try trial(
      [], ["joining-peers": .integer(count), "join-at": .duration(.seconds(17))]
    ).run()
    #expect(outcome.failure == nil)
    #expect(outcome.replicas.count == 4)
    #expect(outcome.replicas.allSatisfy { $0.parameters == outcome.replicas[0].parameters })
    #expect(outcome.replicas.allSatisfy { $0.updates == 21 })
    #expect(outcome.job.notes.count { $0.contains("joined in round") } == count)
    #expect(outcome.job.samplesSeen < 40 * 4 * 16)
    #expect(outcome.job.samplesSeen > 40 * (4 - count) * 16)
    let phases = Phase.allCases.reduce(Duration.zero) { $0 + outcome.timeline[$1] }
    #expect(phases == outcome.time)
  }

  @Test("A peer that comes too late, or finds nobody, does not hold the others up")
  func joiningInVain() throws {
    let late = try trial(
      [], ["joining-peers": .integer(1), "join-at": .duration(.seconds(3600))]
    ).run()
    #expect(late.failure == nil)
    // The others' work is over long before.
    #expect(late.time < .seconds(600) && late.job.simulation.now < .start + .seconds(600))
    #expect(late.phaseSum == late.time)
    #expect(late.replicas.count == 3)
    #expect(late.job.notes.contains { $0.contains("too late") })
    let alone = try trial(
      [
        .crash(.database(0), .at(.seconds(5))), .crash(.database(1), .at(.seconds(5))),
        .crash(.database(2), .at(.seconds(5))),
      ],
      ["joining-peers": .integer(1), "join-at": .duration(.seconds(4))]
    ).run()
    #expect(alone.job.notes.contains { $0.contains("peer 3 found nobody to join") })
    let dead = try trial(
      (0..<3).map { .crash(.worker($0), .at(.seconds(20))) },
      ["joining-peers": .integer(1), "join-at": .duration(.seconds(3600))]
    ).run()
    #expect(dead.failure?.cause is Crashed && dead.failure?.worker != "worker 3")
    #expect(dead.time < .seconds(60))
  }

  @Test(
    "A peer that joins when another has died, or dies meanwhile, takes the model of a third",
    arguments: [0, 1, 2], [11, 16, 18])
  func joiningAfterDeath(rank: Int, seconds: Int64) throws {
    let outcome = try trial(
      [.crash(.worker(rank), .at(.seconds(seconds)))],
      ["joining-peers": .integer(1), "join-at": .duration(.seconds(15))]
    ).run()
    #expect(outcome.failure == nil)
    #expect(outcome.time < .seconds(120))
    #expect(outcome.job.notes.contains { $0.contains("peer 3 joined in round") })
    #expect(outcome.replicas.count == 3)
    #expect(outcome.replicas.allSatisfy { $0.parameters == outcome.replicas[0].parameters })
    #expect(outcome.replicas.allSatisfy { $0.updates == 21 })
  }

  @Test("A count that lags costs time, not the job")
  func laggingCount() throws {
    var lagging = try trial([])
    lagging.provider = lagging.provider.map { provider in
      let lag = ProviderEntry.Version(.duration(.seconds(3)), source: "this test", date: "")
      return Provider(
        name: provider.name, region: provider.region, asOf: provider.asOf,
        entries: provider.entries.filter { $0.key != "queue.count-lag" } + [
          ProviderEntry(key: "queue.count-lag", versions: [lag])
        ])
    }
    let (late, prompt) = (try lagging.run(), try trial([]).run())
    #expect(late.failure == nil)
    #expect(late.replicas.map(\.parameters) == prompt.replicas.map(\.parameters))
    #expect(late.time > prompt.time + .seconds(21 * 2))
  }

  private func trial(
    _ faults: [Fault], _ options: [String: FrameworkOption.Value] = [:],
    variant: String = "published"
  ) throws -> Trial {
    var values: [String: FrameworkOption.Value] = [
      "minibatches-per-round": .integer(2), "heartbeat-timeout": .duration(.seconds(20)),
    ]
    values.merge(options) { $1 }
    var trial = try Trial(
      SPIRT.self, workers: 4, steps: 40, epochs: 10,
      options: FrameworkOptions(values, variant: variant))
    trial.configuration.faults = faults
    return trial
  }
}
