internal import Cloud
internal import Learning
internal import SimulationKernel

/// ScatterReduce over a shared object store, as in LambdaML: every worker aggregates one chunk.
///
/// The work that AllReduce gives its master is spread over all workers, at the price of more
/// and smaller requests: W puts and 2 (W - 1) gets a worker and step.
///
/// Source: Jiang et al., "Towards Demystifying Serverless Machine Learning Training",
/// SIGMOD 2021, section 3.2.
public struct ScatterReduce: TrainingFramework {
  /// How long to wait before listing again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.milliseconds(1)...(.seconds(60))),
    default: .duration(.milliseconds(100)),
    source: "assumed: as AllReduce's; the released code lists without a pause",
    "Pause between two listings of the store.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "scatter-reduce",
    summary: "Every worker averages one chunk of the gradient for all the others.",
    source: "LambdaML, SIGMOD 2021, arXiv 2105.07806",
    options: [pollInterval])

  private let job: TrainingJob
  private let function: Function
  private let store: ObjectStore
  private let pollInterval: Duration

  /// Registers the functions and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    function = try job.region.functions.register(job.configuration.function)
    store = try job.region.objectStore("chunks", kind: job.configuration.objectStore)
    pollInterval = job.configuration.options.duration(Self.pollInterval)
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachStep(in: function) { step, worker in try await take(step, as: worker) }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    let ranks = job.workers.indices
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute its gradient.
    let gradient = try await worker.computeGradient(of: minibatch).values
    // 3. Divide it into W chunks and distribute them: chunk i is for worker i.
    worker.begin(.upload)
    try await worker.process(bytes: job.gradientBytes)
    for owner in ranks where owner != worker.rank {
      try await store.put(
        chunk(of: gradient, for: owner), at: "chunk/\(step.number)/\(owner)/\(worker.rank)")
    }
    // 4. Fetch the others' share of the assigned chunk and aggregate it.
    var shares = try await collect(
      from: ranks.count - 1, under: "chunk/\(step.number)/\(worker.rank)/", deleting: true,
      as: worker)
    shares[worker.rank] = chunk(of: gradient, for: worker.rank)
    worker.begin(.aggregate)
    try await worker.process(bytes: 3 * chunkBytes(for: worker.rank) * (ranks.count - 1))
    let mean = Vectors.mean(ranks.compactMap { shares[$0]?.floats })
    // 5. Send the aggregated chunk back.
    worker.begin(.upload)
    let merged = Payload(byteCount: chunkBytes(for: worker.rank), contents: mean)
    try await store.put(merged, at: "merged/\(step.number)/\(worker.rank)")
    // 6. Retrieve all aggregated chunks and concatenate them.
    var chunks = try await collect(
      from: ranks.count - 1, under: "merged/\(step.number)/", deleting: false, as: worker)
    chunks[worker.rank] = merged
    try await worker.process(bytes: job.gradientBytes)
    let complete = ranks.flatMap { chunks[$0]?.floats ?? [] }
    // 7. Update the model with the complete gradient.
    try await worker.updateModel(with: complete)
    if worker.isMaster {
      worker.begin(.upload)
      try await clear(before: step)
    }
    try worker.finish(step)
  }

  /// Lists until `count` workers have left their objects under `prefix`, and gets each of them.
  private func collect(
    from count: Int, under prefix: String, deleting: Bool, as worker: Worker
  ) async throws -> [Int: Payload] {
    var found: [Int: Payload] = [:]
    worker.begin(.wait)
    while true {
      for key in try await store.list(prefix: prefix) {
        let rank = rankNamed(by: key)
        if rank == worker.rank || found[rank] != nil { continue }
        worker.begin(.download)
        let payload = try await store.get(key)
        try await worker.process(bytes: payload.byteCount)
        if deleting { try await store.delete(key) }
        found[rank] = payload
      }
      worker.begin(.wait)
      if found.count == count { return found }
      try await job.simulation.sleep(for: pollInterval)
    }
  }

  /// Worker 0 deletes the merged chunks of earlier steps, which nobody needs any more.
  private func clear(before step: Step) async throws {
    for key in try await store.list(prefix: "merged/")
    where !key.hasPrefix("merged/\(step.number)/") {
      try await store.delete(key)
    }
  }

  private func chunk(of gradient: [Float], for owner: Int) -> Payload {
    let range = Vectors.chunk(owner, of: job.workers.count, count: gradient.count)
    return Payload(byteCount: chunkBytes(for: owner), contents: Array(gradient[range]))
  }

  private func chunkBytes(for owner: Int) -> Int {
    let parameters = job.configuration.workload.parameterCount
    return 4 * Vectors.chunk(owner, of: job.workers.count, count: parameters).count
  }
}
