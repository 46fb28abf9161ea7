internal import Cloud
internal import SimulationKernel

/// What the code of a framework does beside its protocol; in the `published` variant, nothing.
final class Habits {
  private let job: TrainingJob
  private let store: any GradientStore
  private let clientSetup: Duration
  private let logLines: Int
  private let log: ObjectStore?
  private var logBytes: [Int]
  private let archive: ObjectStore?

  /// A line of a log: a name and a number (assumed).
  private static let lineBytes = 100
  /// The part size of boto3's managed transfers.
  private static let partBytes = 8 << 20

  /// - Throws: `ProviderError` where the provider has no object store.
  init(_ declared: HabitOptions, of job: TrainingJob, around store: any GradientStore) throws {
    let options = job.configuration.options
    self.job = job
    let listsAll = options.choice(declared.listing) == HabitOptions.wholeBucket
    self.store = listsAll ? FirstPageStore(base: store) : store
    clientSetup = options.duration(declared.clientSetup)
    logLines = options.integer(declared.logLines)
    log = logLines > 0 ? try job.region.objectStore("logs") : nil
    logBytes = [Int](repeating: 0, count: job.workers.count)
    archive = options.flag(declared.archive) ? try job.region.objectStore("archive") : nil
    let bytes = job.configuration.sampleCount * job.configuration.sampleBytes
    archive?.publish(Payload(byteCount: 0), at: "head")
    archive?.publish(Payload(byteCount: bytes), at: "archive")
  }

  /// The store through a client, which those who make a new one each time must wait for.
  func client() async throws -> any GradientStore {
    if clientSetup > .zero { try await job.simulation.sleep(for: clientSetup) }
    return store
  }

  /// The store through the client that is there.
  var sameClient: any GradientStore { store }

  /// What a function does before its first step.
  func begin(as worker: Worker) async throws {
    guard let archive else { return }
    worker.begin(.fetch)
    // A HEAD tells the size: a request of the price and the time of a GET that brings nothing.
    _ = try await archive.get("head")
    let bytes = archive["archive"]?.byteCount ?? 0
    _ = try await archive.get("archive", ranges: (bytes + Self.partBytes - 1) / Self.partBytes)
    try await worker.process(bytes: bytes)
    try await writeLog(lines: 1, as: worker)
  }

  /// Fetches the minibatch of a step; whoever has the archive has it already.
  func fetchMinibatch(of step: Step, for worker: Worker) async throws -> Minibatch {
    guard archive != nil else { return try await worker.fetchMinibatch(of: step) }
    worker.begin(.fetch)
    return job.dataset.minibatch(of: step, from: [worker.rank])
  }

  /// Ends a step: worker 0 of a protocol with a master writes `fewer` lines than the others.
  func end(_ step: Step, fewer: Int = 0, as worker: Worker) async throws {
    try await writeLog(lines: max(0, logLines - fewer), as: worker)
  }

  /// Reads the worker's whole log and writes it again, a line longer, for every line.
  private func writeLog(lines: Int, as worker: Worker) async throws {
    guard let log else { return }
    worker.begin(.upload)
    let key = "log/\(worker.rank)"
    for _ in 0..<lines {
      do { _ = try await log.get(key) } catch is NoSuchKey {}  // the first line begins it
      logBytes[worker.rank] += Self.lineBytes
      try await log.put(Payload(byteCount: logBytes[worker.rank]), at: key)
    }
  }
}

/// A store as code sees it that lists a whole bucket, takes the first page for all of it, and
/// looks for its keys there.
private struct FirstPageStore: GradientStore {
  let base: any GradientStore

  func put(_ payload: Payload, at key: String) async throws {
    try await base.put(payload, at: key)
  }

  func get(_ key: String) async throws -> Payload { try await base.get(key) }

  /// What code has in two buckets lies in two folders of one.
  func list(prefix: String) async throws -> [String] {
    let bucket = prefix.prefix { $0 != "/" }
    return try await base.firstPage(prefix: "\(bucket)/").filter { $0.hasPrefix(prefix) }
  }

  func delete(_ key: String) async throws { try await base.delete(key) }
}
