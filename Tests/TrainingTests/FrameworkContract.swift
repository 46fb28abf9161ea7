import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// What every framework of the catalog keeps, whatever it does inside.
@Suite struct FrameworkContract {
  static let names = FrameworkCatalog.declarations.map(\.name)
  static let promises = FrameworkPromise.all

  @Test("Every framework of the catalog has its promises written down")
  func catalogIsComplete() {
    #expect(Set(Self.names).isSubset(of: Self.promises.map(\.name)))
    #expect(Set(Self.promises.map(\.name)).count == Self.promises.count)
  }

  @Test(
    "Ends, with phases that partition the time of the last worker",
    arguments: promises, [1, 2, 3, 5])
  func ends(promise: FrameworkPromise, workers: Int) throws {
    try ends(Trial(promise.type, workers: workers))
  }

  @Test("Ends whatever its luck", arguments: promises, [1, 2, 3] as [UInt64])
  func endsWithOtherSeeds(promise: FrameworkPromise, seed: UInt64) throws {
    var trial = try Trial(promise.type, workers: 4)
    trial.seed = seed
    trial.configuration.seed = seed
    try ends(trial)
  }

  private func ends(_ trial: Trial) throws {
    let workers = trial.configuration.workers
    let outcome = try trial.run()
    #expect(outcome.failure == nil)
    #expect(outcome.job.samplesSeen == 3 * workers * 16)
    #expect(outcome.time > .zero)
    let phases = Phase.allCases.reduce(Duration.zero) { $0 + outcome.timeline[$1] }
    #expect(phases == outcome.time)
    #expect(outcome.job.curve.points.map(\.updates).first == 0)
    #expect(outcome.job.curve.points.last?.updates == outcome.updates)
  }

  @Test("Replays to the same spans, bill and parameters", arguments: promises)
  func replays(promise: FrameworkPromise) throws {
    func record() throws -> (spans: [String], total: Money, parameters: [[Float]]) {
      var spans: [String] = []
      let outcome = try Trial(promise.type, workers: 3).run { span, log in
        spans.append(
          "\(log.text(span.actor)) \(log.text(span.operation)) \(log.text(span.detail)) "
            + "\(span.start) \(span.end) \(span.bytes)")
      }
      return (spans, outcome.job.region.bill().total, outcome.replicas.map(\.parameters))
    }
    let (first, second) = (try record(), try record())
    #expect(first.spans == second.spans)
    #expect(first.spans.count >= 9)
    #expect(first.total == second.total)
    #expect(first.parameters == second.parameters)
  }

  @Test("No span is of negative length or lies beyond the end", arguments: promises)
  func spansAreSane(promise: FrameworkPromise) throws {
    var last = Instant.start
    var count = 0
    let outcome = try Trial(promise.type, workers: 3).run { span, _ in
      #expect(span.start <= span.end)
      #expect(span.bytes >= 0)
      last = max(last, span.end)
      count += 1
    }
    #expect(count > 0)
    #expect(last <= outcome.job.simulation.now)
  }

  @Test(
    "A place without enough memory is a typed failure that names the worker",
    arguments: promises)
  func runsOutOfMemory(promise: FrameworkPromise) throws {
    var trial = try Trial(promise.type, workers: 2)
    if promise.usesMachines {
      trial.configuration.workload.parameterCount = 5_000_000_000
    } else {
      trial.configuration.function.memoryMB = 128
    }
    let outcome = try trial.run()
    #expect(outcome.phaseSum == outcome.time)
    let failure = try #require(outcome.failure)
    #expect(failure.cause is OutOfMemory)
    #expect(failure.worker == "supervisor" || failure.worker.hasPrefix("worker "))
  }

  @Test("When a worker dies, the others do what is written", arguments: promises)
  func survivorsDoWhatIsWritten(promise: FrameworkPromise) throws {
    var trial = try Trial(promise.type, workers: 3)
    // Longer than a peer of SPIRT waits for another.
    trial.configuration.function.timeout = .seconds(180)
    // Machines have booted when the job is submitted; functions start cold.
    let death = Duration.seconds(promise.usesMachines ? 1 : 15)
    trial.configuration.faults = [.crash(.worker(1), .at(death))]
    trial.configuration.stepLimit = 300
    trial.configuration.epochs = 10
    let outcome = try trial.run()
    #expect(outcome.job.region.bill().total > .zero)
    #expect(outcome.phaseSum == outcome.time)
    if promise.death == .othersGoOn { return #expect(outcome.failure == nil) }
    let failure = try #require(outcome.failure)
    #expect(failure.worker != "worker 1")
    switch promise.death {
    case .othersReachTheLimit: #expect(failure.cause is FunctionTimedOut)
    default: #expect(failure.cause is TimedOut)
    }
  }

  @Test("When nobody is left, that is how the job ends", arguments: promises)
  func nobodyIsLeft(promise: FrameworkPromise) throws {
    var trial = try Trial(promise.type, workers: 1)
    trial.configuration.function.timeout = .seconds(60)
    let death = Duration.seconds(promise.usesMachines ? 1 : 15)
    trial.configuration.faults = [.crash(.worker(0), .at(death))]
    trial.configuration.stepLimit = 100
    trial.configuration.epochs = 10
    let outcome = try trial.run()
    #expect(outcome.phaseSum == outcome.time)
    let failure = try #require(outcome.failure)
    // MLLess's supervisor outlives its workers, and waits for their reports.
    #expect(failure.cause is Crashed || failure.cause is FunctionTimedOut)
  }

  @Test(
    "A function near its time limit goes on in another, with the same model",
    arguments: promises.filter(\.goesOnAfterTheLimit))
  func goesOnAfterTheLimit(promise: FrameworkPromise) throws {
    var long = try Trial(promise.type, workers: 2)
    long.configuration.stepLimit = 60
    let once = try long.run()
    #expect(once.job.region.functions.invocationCount == 2)
    var short = long
    short.configuration.function.timeout = .rounded(seconds: 0.6 * once.time.inSeconds)
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

  @Test("Replicas and model compare as is written", arguments: promises, [1, 2, 3])
  func modelsCompare(promise: FrameworkPromise, workers: Int) throws {
    let replicas = try Trial(promise.type, workers: workers, model: "mlp", steps: 4)
      .run().replicas.map(\.parameters)
    let reference = try Trial(AllReduce.self, workers: workers, model: "mlp", steps: 4)
      .run().replicas[0].parameters
    for replica in replicas {
      switch promise.replicas {
      case .equal: #expect(replica == replicas[0])
      case .near: #expect(largestDifference(replica, replicas[0]) < 0.2)
      }
      switch promise.model {
      case .toTheBit: #expect(replica == reference)
      case .toTheOrderOfAddition: #expect(largestDifference(replica, reference) < 1e-5)
      case .another: #expect(replica.count == reference.count)
      }
    }
  }

  @Test("Leaves in stores and queues what is written", arguments: promises, [1, 3])
  func leavesWhatIsWritten(promise: FrameworkPromise, workers: Int) throws {
    let outcome = try Trial(promise.type, workers: workers, steps: 4).run()
    let left = outcome.job.region.holdings.filter { $0.name != "training-data" }
    #expect(left.map(\.description) == promise.remains(workers, 4))
  }

  @Test("Every request that costs is on the bill, and nothing else", arguments: promises, [1, 3])
  func everyRequestIsBilled(promise: FrameworkPromise, workers: Int) throws {
    let region = try Trial(promise.type, workers: workers, steps: 4).run().job.region
    let quantities = region.bill().lines.reduce(into: [String: Int64]()) { quantities, line in
      quantities["\(line.service).\(line.item)", default: 0] += line.quantity
    }
    let requests = region.meter.requests.reduce(into: [String: Int64]()) { requests, request in
      requests[billedItem(of: request.operation), default: 0] += request.count
    }
    for (item, count) in requests where !item.isEmpty {
      #expect(quantities[item] == count, "\(item)")
    }
    #expect(requests.contains { $0.key == "object-store.get" && $0.value > 0 })
  }

  /// What a request is billed as; empty where it costs nothing of its own.
  private func billedItem(of operation: String) -> String {
    let service = operation.prefix { $0 != "." }
    if operation.hasSuffix(" retried") { return "" }
    return switch service {
    case "function": "function.request"
    case "object-store": operation
    case "queue": "queue.request"
    case "workflow": operation == "workflow.transition" ? operation : ""
    default: ""
    }
  }

  @Test("A run that can never end is stopped, and the report names who polls")
  func livelockIsReported() throws {
    var trial = try Trial(AllReduce.self, workers: 2)
    trial.limits = Simulation.Limits(virtualTime: .seconds(5))
    let failure = try #require(try trial.run().failure)
    #expect(failure.cause is LimitExceeded)
    #expect(!failure.worker.isEmpty)
  }
}
