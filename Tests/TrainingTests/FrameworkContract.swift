import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What every framework of the catalog keeps, whatever it does inside.
@Suite struct FrameworkContract {
  static let names = FrameworkCatalog.declarations.map(\.name)

  @Test(
    "Ends, with phases that partition the time of the last worker",
    arguments: names, [1, 2, 3, 5])
  func ends(name: String, workers: Int) throws {
    let outcome = try trial(name, workers: workers).run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.samplesSeen == 3 * workers * 16)
    #expect(outcome.time > .zero)
    let phases = Phase.allCases.reduce(Duration.zero) { $0 + outcome.timeline[$1] }
    #expect(phases == outcome.time)
    #expect(outcome.job.curve.points.map(\.updates).first == 0)
    #expect(outcome.job.curve.points.last?.updates == outcome.updates)
  }

  @Test("Replays to the same spans, bill and parameters", arguments: names)
  func replays(name: String) throws {
    func record() throws -> (spans: [String], total: Money, parameters: [[Float]]) {
      var spans: [String] = []
      let outcome = try trial(name, workers: 3).run { span, log in
        spans.append(
          "\(log.text(span.actor)) \(log.text(span.operation)) \(log.text(span.detail)) "
            + "\(span.start) \(span.end) \(span.bytes)")
      }
      return (spans, outcome.job.region.bill().total, outcome.replicas.map(\.parameters))
    }
    let (first, second) = (try record(), try record())
    #expect(first.spans == second.spans)
    #expect(first.spans.count > 20)
    #expect(first.total == second.total)
    #expect(first.parameters == second.parameters)
  }

  @Test("No span is of negative length or lies beyond the end", arguments: names)
  func spansAreSane(name: String) throws {
    var last = Instant.start
    var count = 0
    let outcome = try trial(name, workers: 3).run { span, _ in
      #expect(span.start <= span.end)
      #expect(span.bytes >= 0)
      last = max(last, span.end)
      count += 1
    }
    #expect(count > 0)
    #expect(last <= outcome.job.simulation.now)
  }

  @Test(
    "A function without enough memory is a typed failure that names the worker",
    arguments: names)
  func runsOutOfMemory(name: String) throws {
    var trial = try trial(name, workers: 2)
    trial.configuration.function.memoryMB = 128
    let failure = try #require(try trial.run().failure)
    #expect(failure.cause is OutOfMemory)
    #expect(failure.worker == "supervisor" || failure.worker.hasPrefix("worker "))
  }

  @Test(
    "When a worker dies, the others wait until their functions are killed; not so in SPIRT",
    arguments: names.filter { $0 != "spirt" })
  func survivorsHitTheLimit(name: String) throws {
    var trial = try trial(name, workers: 3)
    trial.configuration.function.timeout = .seconds(60)
    trial.configuration.faults = [.crash(.worker(1), .at(.seconds(15)))]
    trial.configuration.stepLimit = 60
    trial.configuration.epochs = 10
    let outcome = try trial.run()
    let failure = try #require(outcome.failure)
    #expect(failure.cause is FunctionTimedOut)
    #expect(failure.worker != "worker 1")
    #expect(outcome.job.region.bill().total > .zero)
  }

  @Test(
    "A function near its time limit goes on in another, with the same model",
    arguments: ["all-reduce", "scatter-reduce"])
  func goesOnAfterTheLimit(name: String) throws {
    var long = try trial(name, workers: 2)
    long.configuration.stepLimit = 60
    let once = try long.run()
    #expect(once.job.region.functions.invocationCount == 2)
    var short = long
    short.configuration.function.timeout = .seconds(30)
    let often = try short.run()
    #expect(often.failure == nil)
    let invocations = often.job.region.functions.invocationCount
    #expect(invocations > 2)
    func puts(_ outcome: TrainingOutcome) -> Int64 {
      outcome.job.region.meter.requests("object-store.put")
    }
    #expect(puts(often) == puts(once) + Int64(invocations - 2))
    #expect(often.replicas.map(\.parameters) == once.replicas.map(\.parameters))
    let phases = Phase.allCases.reduce(Duration.zero) { $0 + often.timeline[$1] }
    #expect(phases == often.time)
  }

  @Test("A run that can never end is stopped, and the report names who polls")
  func livelockIsReported() throws {
    var trial = try trial("all-reduce", workers: 2)
    trial.limits = Simulation.Limits(virtualTime: .seconds(5))
    let failure = try #require(try trial.run().failure)
    #expect(failure.cause is LimitExceeded)
    #expect(!failure.worker.isEmpty)
  }

  private func trial(_ name: String, workers: Int) throws -> Trial {
    try Trial(try #require(FrameworkCatalog.named(name)), workers: workers)
  }
}
