import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What it means that a worker is slow.
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
}
