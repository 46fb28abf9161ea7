import Cloud
import Learning
import Scenarios
import SimulationKernel
import Training

extension Benchmark {
  /// Whole trainings with gradients of 1 MB and no arithmetic; an item is a request to a service.
  ///
  /// - Parameter workers: How many in each; nil for as many as each is meant for.
  static func scale(workers: Int?) -> [Benchmark] {
    [
      training("all-reduce", workers: workers ?? 1_000, steps: 10),
      training("scatter-reduce", workers: workers ?? 256, steps: 10),
      // A round of four minibatches.
      training("spirt", workers: workers ?? 1_000, steps: 12),
      training("mlless", workers: workers ?? 1_000, steps: 10),
    ]
  }

  private static func training(_ name: String, workers: Int, steps: Int) -> Benchmark {
    Benchmark(measuring: "scale-\(name)") {
      try ScaleRun(name, workers: workers, steps: steps).run()
    }
  }
}

/// One training, and what its requests were for.
private struct ScaleRun {
  let framework: any TrainingFramework.Type
  let configuration: TrainingConfiguration

  struct NotCompleted: Error {
    let reason: String
  }

  init(_ name: String, workers: Int, steps: Int) throws {
    guard let framework = FrameworkCatalog.named(name) else {
      throw NotCompleted(reason: "there is no framework \(name)")
    }
    self.framework = framework
    let workload = ModelCost(
      parameterCount: 250_000, tensorCount: 10, forwardFLOPs: 10e6, backwardFLOPs: 20e6,
      activationBytes: 100_000)
    configuration = TrainingConfiguration(
      workers: workers, batchSize: 32, epochs: 1, sampleCount: 32 * workers * steps,
      sampleBytes: 3_072, workload: workload, optimizer: .sgd(learningRate: 0.1),
      function: FunctionConfiguration(name: "worker"), seed: 1)
  }

  func run() throws -> Benchmark.Work {
    let log = EventLog(.counted)
    var polls = PollCount(log)
    log.observer = { span, detail in polls.count(span, on: detail) }
    let simulation = Simulation(seed: 1, log: log)
    var options = RegionOptions()
    options.concurrencyLimit = 100_000
    let region = try Region(simulation, provider: try ScaleRun.provider(), options: options)
    let job = try TrainingJob(configuration, in: region, pool: GradientPool(threads: 1))
    var outcome: Result<TrainingOutcome, any Error>?
    simulation.spawn("job") {
      do { outcome = .success(try await job.run(framework)) } catch { outcome = .failure(error) }
    }
    try simulation.run()
    log.observer = nil
    if let failure = try outcome?.get().failure { throw NotCompleted(reason: "\(failure)") }
    let requests = region.meter.requests.reduce(0) { $0 + Int($1.count) }
    return Benchmark.Work(
      items: requests,
      figures: [
        ("workers", Double(configuration.workers)),
        ("poll_share", Double(polls.polls) / Double(requests)),
        ("events_per_request", Double(simulation.eventCount) / Double(requests)),
        ("simulated_seconds", simulation.now.seconds),
      ])
  }

  /// The shipped region, but for the limits that so many workers would meet.
  private static func provider() throws -> Provider {
    var provider = try Benchmark.provider.get()
    let raised: [(String, ProviderValue)] = [
      ("function.timeout-max", .duration(.seconds(7 * 24 * 3600))),
      ("function.scaling-burst", .number(100_000)),
      ("object-store.reads-per-second", .number(1e6)),
      ("object-store.writes-per-second", .number(1e6)),
    ]
    for (key, value) in raised {
      provider.override(
        ProviderEntry(
          key: key, versions: [.init(value, source: "raised for scale", date: "2026-11-23")]))
    }
    return provider
  }
}

/// Counts the requests that only ask again: gets that find nothing, and listings or counts that an
/// actor repeats.
private struct PollCount {
  private(set) var polls = 0
  private let gets: [EventLog.Name]
  private let lists: [EventLog.Name]
  private var last: [String?] = []

  init(_ log: EventLog) {
    gets = ["object-store/get", "memory-store/get"].map(log.name)
    lists = ["object-store/list", "queue/count"].map(log.name)
  }

  mutating func count(_ span: EventLog.Span, on detail: String) {
    if gets.contains(span.operation) {
      if span.bytes == 0 { polls += 1 }
    } else if lists.contains(span.operation) {
      let actor = Int(span.actor.index)
      while last.count <= actor { last.append(nil) }
      if last[actor] == detail { polls += 1 }
      last[actor] = detail
    }
  }
}
