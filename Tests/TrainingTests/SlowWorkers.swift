import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What it means that a worker is slow, or lies.
@Suite struct SlowWorkers {
  @Test(
    "Its computing takes `factor` times as long, with the overhead of a batch",
    arguments: [
      (AllReduce.self, [:]), (OneMachine.self, [:]),
      (OneMachine.self, ["instance": .choice("g4dn.xlarge")]),
    ] as [(any TrainingFramework.Type, [String: FrameworkOption.Value])])
  func factor(
    type: any TrainingFramework.Type, options: [String: FrameworkOption.Value]
  ) throws {
    var trial = try Trial(type, workers: 1, options: FrameworkOptions(options))
    let fast = try trial.run()
    trial.configuration.faults = [.slow(worker: 0, factor: 4)]
    let slow = try trial.run()
    for phase in [Phase.compute, .update] {
      let ratio = slow.timeline[phase].inSeconds / fast.timeline[phase].inSeconds
      #expect(abs(ratio - 4) < 1e-3, "\(phase) took \(ratio) times as long")
    }
    #expect(slow.timeline[.fetch] == fast.timeline[.fetch])
    #expect(slow.replicas.map(\.parameters) == fast.replicas.map(\.parameters))
  }

  @Test("One machine has no worker 1, and says so", arguments: [true, false])
  func nobody(isSlow: Bool) throws {
    var trial = try Trial(OneMachine.self, workers: 2)
    trial.configuration.faults = [
      isSlow ? .slow(worker: 1, factor: 4) : .attack(.scaled(factor: 2), workers: [1])
    ]
    #expect(try trial.run().job.notes.contains { $0.contains("no worker 1") })
  }

  @Test("A worker that lies twice turns its labels and scales its gradient")
  func attacks() throws {
    func parameters(_ attacks: [Attack]) throws -> [Float] {
      var trial = try Trial(AllReduce.self, workers: 2)
      trial.configuration.faults = attacks.map { .attack($0, workers: [0]) }
      return try trial.run().replicas[0].parameters
    }
    let both = try parameters([.labelFlip, .scaled(factor: 3)])
    #expect(try both == parameters([.scaled(factor: 3), .labelFlip]))
    #expect(try both != parameters([.labelFlip]))
    #expect(try both != parameters([.scaled(factor: 3)]))
    let scaled = try parameters([.scaled(factor: 3), .scaled(factor: 2)])
    #expect(try scaled == parameters([.scaled(factor: 6)]))
  }

  @Test("The cost of a point of the curve follows the rule for standing servers")
  func costs() throws {
    var trial = try Trial(SPIRT.self, workers: 2, epochs: 1)
    for standing in StandingCharge.allCases {
      trial.regionOptions.standing = standing
      let job = try trial.run().job
      let (last, total) = (try #require(job.curve.points.last), job.region.bill(standing: standing))
      #expect(last.cost <= total.total)
      #expect(2 * last.cost.picoUSD > total.total.picoUSD)
    }
  }
}
