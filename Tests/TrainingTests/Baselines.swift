import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// The baselines learn what the frameworks learn, and take the time that their formulas say.
@Suite struct Baselines {
  @Test(
    "A parameter server ends bit-identical to AllReduce, a ring up to the order of addition",
    arguments: [1, 2, 3, 5], [0, 0.9])
  func agreeWithAllReduce(workers: Int, momentum: Float) throws {
    func parameters(_ type: any TrainingFramework.Type) throws -> [[Float]] {
      try Trial(
        type, workers: workers, model: "mlp",
        optimizer: .sgd(learningRate: 0.05, momentum: momentum), steps: 5
      ).run().replicas.map(\.parameters)
    }
    let star = try parameters(AllReduce.self)
    #expect(try parameters(ParameterServer.self) == star)
    let ring = try parameters(RingAllReduce.self)
    #expect(ring.count == workers)
    #expect(ring.allSatisfy { $0 == ring[0] })
    #expect(largestDifference(ring[0], star[0]) < 1e-5)
  }

  @Test("One machine is what the tests compute by hand, to the bit", arguments: [1, 2, 4])
  func oneMachine(workers: Int) throws {
    let trial = try Trial(OneMachine.self, workers: workers, model: "mlp", steps: 6)
    let outcome = try trial.run()
    #expect(outcome.replicas.map(\.parameters) == [try trial.oneMachine()])
    #expect(outcome.job.samplesSeen == 6 * 16 * workers)
    let gets = outcome.job.region.meter.requests("object-store.get")
    #expect(gets == Int64(6 * workers))
  }

  @Test(
    "A ring takes 2 (W - 1) turns of P / W bytes over the machines' network",
    arguments: [2, 4, 5, 8, 16])
  func ringTime(workers: Int) throws {
    var trial = try Trial(RingAllReduce.self, workers: workers, steps: 1)
    trial.configuration.subject = nil
    trial.configuration.workload.parameterCount = 4_000_000 * workers
    let (latency, bytesPerSecond) = (0.00015, 225e6)
    trial.facts = [
      // No machine gets its minibatch later than another.
      "object-store.get": .duration(.milliseconds(30)),
      "remote-service.connection-setup": .duration(.zero),
      "remote-service.call": .duration(.microseconds(150)),
      "remote-service.connection-bandwidth": .bytesPerSecond(225e6),
    ]
    let outcome = try trial.run()
    let timeline = outcome.timeline
    let chunk = 16e6
    let moving = Double(2 * (workers - 1)) * (chunk / bytesPerSecond + latency)
    let measured = (timeline[.upload] + timeline[.wait]).inSeconds
    #expect(abs(measured - moving) < 1e-3 * moving)
    #expect(outcome.job.region.meter.requests("remote-service.call") == 2 * (workers - 1) * workers)
  }

  @Test("Machines cost by the second from their launch, at least a minute each")
  func machinesCost() throws {
    let outcome = try Trial(RingAllReduce.self, workers: 3).run()
    let standing = (outcome.provisioning + outcome.time).inSeconds
    let billed = outcome.job.region.bill().lines.filter { $0.service == "virtual-machine" }
    #expect(billed.map(\.item) == ["c5.large"])
    let seconds = try #require(billed.first).quantity
    // Each is launched at once and stopped at the end, and its part of a second counts as one.
    #expect(seconds == 3 * Int64(standing.rounded(.up)))
    #expect(!outcome.job.region.bill().lines.contains { $0.service == "function" })
  }

  @Test(
    "A spot machine that is taken back ends the job with a typed failure",
    arguments: [RingAllReduce.self, OneMachine.self, ParameterServer.self]
      as [any TrainingFramework.Type])
  func spotMachinesAreTakenBack(type: any TrainingFramework.Type) throws {
    var trial = try Trial(
      type, workers: 2, steps: 600, epochs: 100,
      options: FrameworkOptions(["purchase": .choice("spot")]))
    trial.facts = ["virtual-machine.spot-interruptions-per-hour": .number(400)]
    let outcome = try trial.run()
    let failure = try #require(outcome.failure)
    #expect(
      failure.cause is VirtualMachine.Interrupted || failure.cause is ServiceUnavailable)
    let items = outcome.job.region.bill().lines.map(\.item)
    #expect(items.contains { $0.hasPrefix("spot-") })
  }

  @Test("With slack s nobody is more than s + 1 pushes ahead; without limit somebody is")
  func slackHolds() throws {
    func lead(_ synchronization: String, slack: Int) throws -> Int {
      var trial = try Trial(
        ParameterServer.self, workers: 3, steps: 12, epochs: 4,
        options: FrameworkOptions([
          "synchronization": .choice(synchronization), "slack": .integer(slack),
          "codec": .choice("raw"),
        ]))
      trial.configuration.faults = [.slow(worker: 1, factor: 40)]
      var pushes: [String: Int] = [:]
      var lead = 0
      let outcome = try trial.run { span, log in
        guard log.text(span.detail) == "push" else { return }
        pushes[log.text(span.actor), default: 0] += 1
        let counts = (0..<3).map { pushes["worker \($0)", default: 0] }
        lead = max(lead, (counts.max() ?? 0) - (counts.min() ?? 0))
      }
      #expect(outcome.failure == nil)
      return lead
    }
    #expect(try lead("bsp", slack: 0) == 1)
    #expect(try lead("ssp", slack: 2) == 3)
    #expect(try lead("ssp", slack: 4) == 5)
    #expect(try lead("asp", slack: 0) > 6)
  }

  @Test("The released hybrid sends 8 bytes a value and polls")
  func releasedHybrid() throws {
    let published = try Trial(ParameterServer.self, workers: 3).run()
    let released = try Trial(
      ParameterServer.self, workers: 3,
      options: FrameworkOptions(variant: FrameworkDeclaration.released)
    ).run()
    func bytes(_ outcome: TrainingOutcome) -> Int64 {
      outcome.job.region.meter.bytes("remote-service.in")
    }
    #expect(bytes(released) == 2 * bytes(published))
    // A push, a question and a pull for each of 3 workers and steps; polls come on top.
    #expect(published.job.region.meter.requests("remote-service.call") == 27)
    #expect(released.job.region.meter.requests("remote-service.call") > 27)
    #expect(released.replicas.map(\.parameters) == published.replicas.map(\.parameters))
  }
}
