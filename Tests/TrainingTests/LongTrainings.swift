import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Trainings of more steps than fit into memory.
@Suite struct LongTrainings {
  private static let epochs = 1_000_000_000_000

  @Test("Steps are made when they are asked for, in the order of the epochs")
  func steps() throws {
    func job(epochs: Int, limit: Int?) throws -> TrainingJob {
      var configuration = try Trial(AllReduce.self, workers: 4, epochs: epochs).configuration
      configuration.stepLimit = limit
      let region = try Region(Simulation(seed: 7), provider: Trial.provider.get())
      return try TrainingJob(configuration, in: region, pool: GradientPool(threads: 1))
    }
    let short = try job(epochs: 3, limit: nil).steps
    let perEpoch = 2000 / 4 / 16
    #expect(short.count == 3 * perEpoch)
    #expect(short.map(\.number) == Array(0..<3 * perEpoch))
    #expect(short.allSatisfy { $0.number == $0.epoch * perEpoch + $0.index })
    #expect(short.filter(\.isLastOfEpoch).map(\.index) == [30, 30, 30])
    #expect(try job(epochs: 3, limit: 40).steps.map(\.number) == Array(0..<40))
    #expect(try job(epochs: 3, limit: 1000).steps.count == 3 * perEpoch)
    let long = try job(epochs: Self.epochs, limit: nil).steps
    #expect(long.count == Self.epochs * perEpoch)
    #expect(long.last?.epoch == Self.epochs - 1)
  }

  @Test(
    "A training of any length begins at once, and ends at its limits",
    arguments: FrameworkPromise.all)
  func limits(promise: FrameworkPromise) throws {
    var trial = try Trial(promise.type, workers: 2, epochs: Self.epochs)
    trial.configuration.stepLimit = nil
    trial.configuration.subject = nil
    trial.configuration.workload.forwardFLOPs = 1e9
    trial.limits = Simulation.Limits(virtualTime: .seconds(900))
    let outcome = try trial.run()
    #expect(outcome.failure?.cause is LimitExceeded)
    #expect(outcome.job.samplesSeen > 0)
    #expect(outcome.phaseSum == outcome.time)
  }
}
