import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What a job reports that failed: its functions run on, and are paid, when one has failed.
@Suite struct FailedRuns {
  static let onFunctions = FrameworkPromise.all.filter { !$0.usesMachines }

  @Test(
    "A failed job ends with its last function, and its failure comes before",
    arguments: onFunctions)
  func endsWithItsLastFunction(promise: FrameworkPromise) throws {
    var trial = try Trial(promise.type, workers: 3)
    trial.configuration.function.timeout = .seconds(60)
    trial.regionOptions.concurrencyLimit = 2
    var last = Instant.start
    let outcome = try trial.run { span, log in
      if log.text(span.operation) == "function/run" { last = max(last, span.end) }
    }
    let failure = try #require(outcome.failure)
    #expect(failure.cause is Throttled)
    #expect(failure.time < last)
    #expect(outcome.end == last)
    #expect(outcome.phaseSum == outcome.time)
  }

  @Test("Who waits until its limit has waited for most of its time", arguments: onFunctions)
  func phasesAreWhole(promise: FrameworkPromise) throws {
    guard promise.death == .othersReachTheLimit else { return }
    var trial = try Trial(promise.type, workers: 3, steps: 300, epochs: 10)
    trial.configuration.function.timeout = .seconds(180)
    trial.configuration.faults = [.crash(.worker(1), .at(.seconds(15)))]
    let outcome = try trial.run()
    #expect(outcome.failure?.cause is FunctionTimedOut)
    #expect(outcome.phaseSum == outcome.time)
    #expect(outcome.timeline[.coldStart] > .seconds(1))
    #expect(outcome.timeline[.compute] > .zero)
    #expect(outcome.timeline[.wait] > .seconds(120))
  }

  @Test(
    "A function leaves a checkpoint in time, however long a step is",
    arguments: [8, 11, 14, 17, 20, 25])
  func longSteps(gigaFLOPs: Int) throws {
    var trial = try Trial(AllReduce.self, workers: 2, steps: 12)
    trial.configuration.function.timeout = .seconds(60)
    trial.configuration.workload.forwardFLOPs = 1e9 * Double(gigaFLOPs)
    trial.configuration.workload.backwardFLOPs = 0
    trial.configuration.subject = nil
    let outcome = try trial.run()
    #expect(outcome.failure == nil)
    #expect(outcome.updates == 12)
    // A step takes more than the fifteenth of the limit that is always left.
    #expect(outcome.timeline[.compute] > .seconds(48))
    #expect(outcome.job.region.functions.invocationCount > 2)
  }

  @Test("A failure keeps its cause when a limit comes before the last function has ended")
  func limitAfterFailure() throws {
    var trial = try Trial(AllReduce.self, workers: 3)
    trial.regionOptions.concurrencyLimit = 2
    trial.limits = Simulation.Limits(virtualTime: .seconds(100))
    let outcome = try trial.run()
    #expect(outcome.failure?.cause is Throttled)
    #expect(outcome.time > .seconds(90) && outcome.phaseSum == outcome.time)
  }
}
