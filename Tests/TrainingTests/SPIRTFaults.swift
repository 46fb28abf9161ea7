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
