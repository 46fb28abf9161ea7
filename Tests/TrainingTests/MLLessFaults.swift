import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What goes wrong in MLLess, and what the protocol makes of it.
@Suite struct MLLessFaults {
  private func trial(
    faults: [Fault] = [], synchronization: String = "bsp", variant: String = "published",
    steps: Int = 60
  ) throws -> Trial {
    var trial = try Trial(
      MLLess.self, workers: 3, steps: steps, epochs: 10,
      options: FrameworkOptions(
        ["synchronization": .choice(synchronization)], variant: variant))
    trial.configuration.function.timeout = .seconds(60)
    trial.configuration.faults = faults
    return trial
  }

  @Test("When a worker dies the others hang until their limit; the report says what it cost")
  func workerDies() throws {
    let outcome = try trial(faults: [.crash(.worker(1), .at(.seconds(15)))]).run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is FunctionTimedOut)
    let note = try #require(outcome.job.notes.last)
    #expect(note.contains("waited until its limit for worker 1"))
    #expect(note.contains("USD"))
  }

  @Test("When the supervisor dies the others hang until their limit", arguments: [0, 5, 15])
  func supervisorDies(after seconds: Int) throws {
    let outcome = try trial(faults: [.crash(.supervisor, .at(.seconds(seconds)))]).run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is FunctionTimedOut)
    #expect(failure.worker.hasPrefix("worker "))
    #expect(outcome.job.notes.last?.contains("for the supervisor") == true)
  }

  @Test("Without a barrier the others go on without the dead, worker or supervisor")
  func asynchronousGoesOn() throws {
    for member in [Fault.Member.worker(1), .supervisor] {
      let outcome = try trial(
        faults: [.crash(member, .at(.seconds(15)))], synchronization: "asp"
      ).run()
      #expect(outcome.failure == nil)
      #expect(outcome.updates == 60)
    }
  }

  @Test("When the store dies the next request that meets it fails the run")
  func storeDies() throws {
    let outcome = try trial(faults: [.crash(.database(0), .at(.seconds(15)))]).run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is ServiceUnavailable)
  }

  @Test("A bucket has no server that could die")
  func bucketDoesNotDie() throws {
    let outcome = try trial(
      faults: [.crash(.database(0), .at(.seconds(15)))], variant: "released", steps: 20
    ).run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.notes.contains { $0.contains("database 0") })
  }

  @Test("A message that comes twice changes nothing", arguments: ["bsp", "ssp", "asp"])
  func duplicates(synchronization: String) throws {
    let once = try trial(synchronization: synchronization, steps: 20)
    var twice = once
    twice.regionOptions.duplicateRates = ["broker": 1]
    let (expected, outcome) = (try once.run(), try twice.run())
    #expect(outcome.failure == nil)
    let sets = { (outcome: TrainingOutcome, operation: String) in
      outcome.job.region.meter.requests(operation)
    }
    #expect(sets(outcome, "memory-store.set") == sets(expected, "memory-store.set"))
    #expect(outcome.updates == expected.updates)
    if synchronization == "bsp" {
      #expect(sets(outcome, "memory-store.get") == sets(expected, "memory-store.get"))
      #expect(outcome.replicas.map(\.parameters) == expected.replicas.map(\.parameters))
    }
  }

  @Test("A lost message hangs all until a limit; without a barrier, only the supervisor")
  func losses() throws {
    var trial = try trial()
    trial.regionOptions.lossRates = ["broker": 0.05]
    let outcome = try trial.run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is FunctionTimedOut)
    #expect(outcome.job.notes.last?.contains("waited until its limit:") == true)

    var free = try self.trial(synchronization: "asp")
    free.regionOptions.lossRates = ["broker": 0.05]
    let finished = try free.run()
    #expect(finished.failure == nil)
    #expect(finished.updates == 60)
    #expect(finished.job.notes.last?.contains("supervisor waited until its limit") == true)
  }

  @Test("A supervisor that cannot start is why the workers wait in vain")
  func refusedSupervisor() throws {
    var trial = try trial()
    trial.regionOptions.concurrencyLimit = trial.configuration.workers
    trial.configuration.function.timeout = .seconds(60)
    let outcome = try trial.run()
    let failure = try #require(outcome.failure)
    #expect(failure.worker == "supervisor")
    #expect(failure.cause is Throttled)
    #expect(failure.time - outcome.job.submission < .seconds(10))
    #expect(outcome.time > .seconds(60) && outcome.phaseSum == outcome.time)
  }

  @Test("A run that would outlive its functions fails typed: MLLess has no re-invocation")
  func limit() throws {
    var trial = try trial(steps: 60)
    trial.configuration.function.timeout = .seconds(10)
    trial.configuration.workload.forwardFLOPs = 1e9
    let failure = try #require(try trial.run().failure)
    #expect(failure.cause is FunctionTimedOut)
  }
}
