internal import Cloud
internal import Learning
internal import SimulationKernel

/// ScatterReduce over a shared store, as in LambdaML: every worker aggregates one chunk.
///
/// The work that AllReduce gives its master is spread over all workers, at the price of more
/// and smaller requests: W puts and 2 (W - 1) gets a worker and step.
///
/// Source: Jiang et al., "Towards Demystifying Serverless Machine Learning Training",
/// SIGMOD 2021, section 3.2.
public struct ScatterReduce: TrainingFramework {
  private let job: TrainingJob
  private let function: Function
  private let habits: Habits
  private let exchanges: [Exchange]
  private let aggregator: Aggregator
  private let format: WireFormat
  private let pollInterval: Duration

  /// Registers the functions and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    let format = Self.compression.format(options)
    self.format = format
    function = try job.region.functions.register(job.configuration.function)
    let store = try job.gradientStore(named: "chunks", Self.storage)
    habits = try Habits(Self.habits, of: job, around: store)
    exchanges = job.workers.map { Exchange(Self.exchange, sentAs: format, for: $0) }
    aggregator = Self.aggregation.aggregator(options, workers: job.workers.count)
    pollInterval = options.duration(Self.pollInterval)
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachStep(
      in: function, keptVectors: exchanges[0].keptVectors, begin: habits.begin
    ) { step, worker in
      try await take(step, as: worker)
      try await habits.end(step, as: worker)
      try worker.finish(step)
    }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    let ranks = job.workers.indices
    let exchange = exchanges[worker.rank]
    // 1. Fetch a minibatch.
    let minibatch = try await habits.fetchMinibatch(of: step, for: worker)
    // 2. Compute its gradient.
    let gradient = try await worker.computeGradient(of: minibatch)
    worker.begin(.upload)
    guard let own = try await exchange.contribution(of: gradient, in: step, as: worker) else {
      return
    }
    // 3. Divide it into W chunks and distribute them: chunk i is for worker i.
    worker.begin(.upload)
    try await worker.process(bytes: format.bytes(of: own, parameters: job.parameterCount))
    for owner in ranks where owner != worker.rank {
      try await habits.sameClient.put(
        chunk(of: own, for: owner), at: "chunk/\(step.number)/\(owner)/\(worker.rank)")
    }
    // 4. Fetch the others' share of the assigned chunk and aggregate it.
    var shares = try await collect(
      under: "chunk/\(step.number)/\(worker.rank)/", deleting: true, as: worker)
    shares[worker.rank] = chunk(of: own, for: worker.rank)
    let parameters = chunkParameters(for: worker.rank)
    let mean = try await aggregator.aggregate(
      shares.compactMap { $0?.floats }, bytes: 4 * parameters, on: minibatch, as: worker)
    // 5. Send the aggregated chunk back.
    worker.begin(.upload)
    let merged = Payload(
      byteCount: format.bytes(ofAggregated: mean, parameters: parameters, senders: ranks.count),
      contents: mean)
    try await habits.sameClient.put(merged, at: "merged/\(step.number)/\(worker.rank)")
    // 6. Retrieve all aggregated chunks and concatenate them.
    var chunks = try await collect(
      under: "merged/\(step.number)/", deleting: false, as: worker)
    chunks[worker.rank] = merged
    try await worker.process(bytes: job.gradientBytes)
    let complete = chunks.flatMap { $0?.floats ?? [] }
    // 7. Update the model with the complete gradient.
    try await exchange.apply(complete, as: worker)
    if worker.isMaster {
      worker.begin(.upload)
      try await clear(before: step)
    }
  }

  /// Lists until all other workers have left their objects under `prefix`, and gets each of them.
  ///
  /// - Returns: What was found, by rank; nothing at the worker's own.
  private func collect(
    under prefix: String, deleting: Bool, as worker: Worker
  ) async throws -> [Payload?] {
    var found = [Payload?](repeating: nil, count: job.workers.count)
    var missing = found.count - 1
    worker.begin(.wait)
    let poller = try await habits.client()
    while true {
      for key in try await poller.list(prefix: prefix) {
        let rank = rankNamed(by: key)
        if rank == worker.rank || found[rank] != nil { continue }
        worker.begin(.download)
        let payload = try await habits.client().get(key)
        try await worker.process(bytes: payload.byteCount)
        if deleting { try await habits.client().delete(key) }
        found[rank] = payload
        missing -= 1
      }
      worker.begin(.wait)
      if missing == 0 { return found }
      try await job.simulation.sleep(for: pollInterval)
    }
  }

  /// Worker 0 deletes the merged chunks of earlier steps, which nobody needs any more.
  private func clear(before step: Step) async throws {
    for key in try await habits.client().list(prefix: "merged/")
    where !key.hasPrefix("merged/\(step.number)/") {
      try await habits.client().delete(key)
    }
  }

  private func chunk(of vector: [Float], for owner: Int) -> Payload {
    let range = Vectors.chunk(owner, of: job.workers.count, count: vector.count)
    let values = Array(vector[range])
    return Payload(
      byteCount: format.bytes(of: values, parameters: chunkParameters(for: owner)),
      contents: values)
  }

  private func chunkParameters(for owner: Int) -> Int {
    Vectors.chunk(owner, of: job.workers.count, count: job.parameterCount).count
  }
}
