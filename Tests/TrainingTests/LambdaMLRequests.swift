import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Requests and bytes of each worker and step, waiting aside, as the papers and the released code
/// have them.
///
/// W workers, S steps, P bytes of a gradient. Requests that find nothing are polls: they move no
/// bytes and are counted apart. What is fetched to learn from lies in other buckets.
@Suite struct LambdaMLRequests {
  static let workers = [1, 2, 4, 8, 16, 33]
  static let variants = [FrameworkDeclaration.published, FrameworkDeclaration.released]
  static let steps = 3

  @Test(
    "AllReduce: two puts, W gets and W + 1 deletes for the master, a put and a get for others",
    arguments: variants, workers)
  func allReduce(variant: String, w: Int) throws {
    let run = try Requests(AllReduce.self, variant: variant, workers: w)
    let s = Self.steps
    let isReleased = variant == FrameworkDeclaration.released
    // A pickled list of tensors is longer by 39 bytes for each: logistic regression has two.
    let p = run.gradientBytes + (isReleased ? 2 * 39 : 0)
    for rank in 0..<w {
      let counts = run.ofWorker(rank)
      let isMaster = rank == 0
      #expect(counts.puts == s * (isMaster ? 2 : 1))
      #expect(counts.gets == s * (isMaster ? w : 1))
      #expect(counts.deletes == (isMaster ? s * w + s - 1 : 0))
      #expect(isMaster ? counts.lists >= 2 * s : counts.lists == 0)
      #expect(counts.bytesUp == s * p * (isMaster ? 2 : 1))
      #expect(counts.bytesDown == s * p * (isMaster ? w : 1))
      try checkSurroundings(of: counts, isReleased: isReleased, lines: isMaster ? 5 : 6, run)
    }
    try checkPolls(run)
  }

  @Test(
    "ScatterReduce: W puts, 2 (W - 1) gets and W - 1 deletes a worker, and W by worker 0",
    arguments: variants, workers)
  func scatterReduce(variant: String, w: Int) throws {
    let run = try Requests(ScatterReduce.self, variant: variant, workers: w)
    let s = Self.steps
    let p = run.gradientBytes
    for rank in 0..<w {
      let counts = run.ofWorker(rank)
      let own = 4 * Vectors.chunk(rank, of: w, count: p / 4).count
      #expect(counts.puts == s * w)
      #expect(counts.gets == s * 2 * (w - 1))
      #expect(counts.deletes == s * (w - 1) + (rank == 0 ? (s - 1) * w : 0))
      #expect(counts.lists >= s * (rank == 0 ? 3 : 2))
      // All chunks but its own go up, and its own once it is merged; 3 W - 2 requests in all.
      #expect(counts.bytesUp == s * p)
      #expect(counts.bytesDown == s * ((w - 1) * own + p - own))
      #expect(counts.puts + counts.gets == s * (3 * w - 2))
      try checkSurroundings(
        of: counts, isReleased: variant == FrameworkDeclaration.released, lines: 6, run)
    }
    try checkPolls(run)
  }

  @Test("A master that reads its result back makes 2 W gets a step of 2 W - 1")
  func readsBack() throws {
    func gets(_ readsBack: Bool) throws -> Int64 {
      let options = FrameworkOptions(["master-reads-back": .flag(readsBack)])
      let outcome = try Trial(AllReduce.self, workers: 1, steps: 3, options: options).run()
      return outcome.job.region.meter.requests("object-store.get")
    }
    #expect(try gets(true) == gets(false) + 3)
  }

  @Test("A listing that is cut off after a thousand keys still comes to its end")
  func truncatedListings() throws {
    // 40 x 39 chunks lie in the bucket at once, if nobody has deleted any.
    let run = try Requests(ScatterReduce.self, variant: "released", workers: 40)
    #expect((0..<40).allSatisfy { run.ofWorker($0).gets == Self.steps * 78 })
  }

  @Test("The released code adds where the paper's divides by W, and scatters the mean")
  func sumsAndMeans() throws {
    func moved(_ type: any TrainingFramework.Type, _ variant: String) throws -> [Float] {
      let trial = try Trial(
        type, workers: 4, optimizer: .sgd(learningRate: 1), steps: 1,
        options: FrameworkOptions(variant: variant))
      let start = try #require(trial.configuration.subject).model.initialParameters(seed: 7)
      return zip(try trial.run().finalWeights.parameters, start).map { $0 - $1 }
    }
    let mean = try moved(AllReduce.self, "published")
    let sum = try moved(AllReduce.self, "released")
    #expect(largestDifference(sum, mean.map { 4 * $0 }) < 1e-5)
    #expect(try moved(ScatterReduce.self, "released") == mean)
  }

  /// What the released code does beside its protocol: logs and the archive of the data.
  private func checkSurroundings(
    of counts: Requests.Counts, isReleased: Bool, lines: Int, _ run: Requests
  ) throws {
    let s = Self.steps
    guard isReleased else {
      #expect(counts.minibatches == s)
      #expect(counts.logPuts + counts.logGets + run.archiveGets == 0)
      return
    }
    #expect(counts.minibatches == 0)
    // A line is a get of the whole log and a put of a longer one; the first get finds none.
    #expect(counts.logPuts == 1 + s * lines)
    #expect(counts.logGets == counts.logPuts - 1)
    let total = counts.logPuts * (counts.logPuts + 1) / 2
    #expect(counts.logBytesUp == 100 * total)
    let data = run.outcome.job.configuration
    let parts = (data.sampleCount * data.sampleBytes + (8 << 20) - 1) / (8 << 20)
    #expect(run.archiveGets == data.workers * parts)
  }

  /// Every request of the log was billed, polls included, and no other.
  private func checkPolls(_ run: Requests) throws {
    let meter = run.outcome.job.region.meter
    for operation in ["put", "get", "list", "delete"] {
      #expect(Int(meter.requests("object-store.\(operation)")) == run.spans[operation, default: 0])
    }
  }
}

/// The requests of a time-only run, by worker.
private struct Requests {
  struct Counts {
    var puts = 0, gets = 0, lists = 0, deletes = 0, polls = 0
    var bytesUp = 0, bytesDown = 0
    var minibatches = 0, logPuts = 0, logGets = 0, logBytesUp = 0
  }

  let outcome: TrainingOutcome
  let gradientBytes: Int
  /// Of all workers; the parts of a download are processes of their own.
  private(set) var archiveGets = 0
  private(set) var spans: [String: Int] = [:]
  private var counts: [String: Counts] = [:]

  init(_ type: any TrainingFramework.Type, variant: String, workers: Int) throws {
    var trial = try Trial(
      type, workers: workers, steps: LambdaMLRequests.steps,
      options: FrameworkOptions(variant: variant))
    trial.configuration.subject = nil
    trial.configuration.sampleCount = workers * 16 * LambdaMLRequests.steps
    var spans: [String: Int] = [:]
    var counts: [String: Counts] = [:]
    var archiveGets = 0
    outcome = try trial.run { span, log in
      let operation = log.text(span.operation)
      guard operation.hasPrefix("object-store/") else { return }
      let verb = String(operation.dropFirst("object-store/".count))
      spans[verb, default: 0] += 1
      if log.text(span.detail) == "archive" { archiveGets += 1 }
      counts[log.text(span.actor), default: Counts()].count(
        verb, log.text(span.detail), Int(span.bytes))
    }
    #expect(outcome.failure == nil)
    gradientBytes = trial.configuration.workload.gradientBytes
    self.spans = spans
    self.counts = counts
    self.archiveGets = archiveGets
  }

  func ofWorker(_ rank: Int) -> Counts { counts["worker \(rank)", default: Counts()] }
}

extension Requests.Counts {
  mutating func count(_ verb: String, _ key: String, _ bytes: Int) {
    let bucket = key.prefix { $0 != "/" }
    switch (verb, bucket) {
    case ("get", _) where bytes == 0: polls += 1
    case ("get", "minibatch"): minibatches += 1
    case ("get", "log"): logGets += 1
    case ("put", "log"):
      logPuts += 1
      logBytesUp += bytes
    case ("get", _):
      gets += 1
      bytesDown += bytes
    case ("put", _):
      puts += 1
      bytesUp += bytes
    case ("list", _): lists += 1
    default: deletes += 1
    }
  }
}
