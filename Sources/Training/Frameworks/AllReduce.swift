internal import Cloud
internal import Learning
internal import SimulationKernel

/// AllReduce over a shared store, as in LambdaML: worker 0 aggregates for all.
///
/// This is not MPI's ring all-reduce. Functions cannot talk to each other, so every byte goes
/// through the store, and the waiting is done by polling, which the store bills as requests.
///
/// Source: Jiang et al., "Towards Demystifying Serverless Machine Learning Training",
/// SIGMOD 2021, section 3.2.
public struct AllReduce: TrainingFramework {
  /// How long to wait before asking again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.milliseconds(1)...(.seconds(60))),
    default: .duration(.milliseconds(100)),
    source: "DS3Lab/LambdaML e7d466e, s3_primitive: a missing object is asked for again in 0.1 s",
    "Pause between two polls of the store.")
  static let storage = StoreOptions()
  static let exchange = ExchangeOptions()
  static let aggregation = AggregationOptions()
  static let compression = CompressionOptions()
  static let synchronization = SynchronizationOptions(refusing: [
    "ssp": "workers meet at worker 0 or not at all: bsp or asp would go"
  ])

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "all-reduce",
    summary: "Every worker uploads its gradient; worker 0 averages them and uploads the mean.",
    source: "LambdaML, SIGMOD 2021, arXiv 2105.07806",
    options: [pollInterval] + storage.all + exchange.all + aggregation.all + compression.all
      + synchronization.all)

  /// What does not go together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    aggregation.conflicts(in: arrangement)
      + compression.conflicts(in: arrangement, aggregatedBy: aggregation)
      + exchange.conflicts(in: arrangement, aggregatedBy: aggregation, sentBy: compression)
      + synchronization.conflicts(
        in: arrangement, exchanging: exchange, aggregatedBy: aggregation)
  }

  let job: TrainingJob
  let store: any GradientStore
  private let function: Function
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
    store = try job.gradientStore(named: "gradients", Self.storage)
    exchanges = job.workers.map { Exchange(Self.exchange, sentAs: format, for: $0) }
    aggregator = Self.aggregation.aggregator(options, workers: job.workers.count)
    pollInterval = options.duration(Self.pollInterval)
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    let isAsynchronous = Self.synchronization.isAsynchronous(job.configuration.options)
    try await job.forEachStep(in: function) { step, worker in
      try await take(step, as: worker, isAsynchronous ? meetSharedModel : reduce)
      try worker.finish(step)
    }
  }

  private func take(
    _ step: Step, as worker: Worker, _ meet: ([Float], Minibatch, Worker) async throws -> [Float]
  ) async throws {
    let exchange = exchanges[worker.rank]
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute its gradient.
    let gradient = try await worker.computeGradient(of: minibatch)
    // 3 to 5. Send it, or the model it has changed, and receive what all have become.
    worker.begin(.upload)
    guard let own = try await exchange.contribution(of: gradient, in: step, as: worker) else {
      return
    }
    let common = try await meet(own, minibatch, worker)
    // 6. Every worker updates its local model with it.
    try await exchange.apply(common, as: worker)
  }

  /// Steps 3 to 5 of a synchronous job.
  private func reduce(
    _ own: [Float], _ minibatch: Minibatch, as worker: Worker
  ) async throws -> [Float] {
    let step = minibatch.step
    // 3. Send the gradient to the shared store.
    worker.begin(.upload)
    let sent = Payload(byteCount: sentBytes(own), contents: own)
    try await worker.process(bytes: sent.byteCount)
    try await store.put(sent, at: "gradient/\(step.number)/\(worker.rank)")
    // 4, 5. The master aggregates all gradients into one and sends it back.
    return worker.isMaster
      ? try await aggregate(minibatch, as: worker) : try await download(step, as: worker)
  }

  /// The master: collects W gradients as they arrive, aggregates them and uploads the result.
  private func aggregate(_ minibatch: Minibatch, as master: Worker) async throws -> [Float] {
    let step = minibatch.step
    var gradients = [[Float]](repeating: [], count: job.workers.count)
    var missing = Set(job.workers.indices)
    master.begin(.wait)
    while !missing.isEmpty {
      for key in try await store.list(prefix: "gradient/\(step.number)/") {
        let rank = rankNamed(by: key)
        master.begin(.download)
        let payload = try await store.get(key)
        try await master.process(bytes: payload.byteCount)
        gradients[rank] = payload.floats
        try await aggregator.take(bytes: payload.byteCount, as: master)
        try await store.delete(key)
        missing.remove(rank)
      }
      master.begin(.wait)
      if !missing.isEmpty { try await job.simulation.sleep(for: pollInterval) }
    }
    let mean = try await aggregator.finish(
      gradients, bytes: job.gradientBytes, on: minibatch, as: master)
    master.begin(.upload)
    let merged = Payload(
      byteCount: format.bytes(
        ofAggregated: mean, parameters: job.parameterCount, senders: gradients.count),
      contents: mean)
    try await master.process(bytes: merged.byteCount)
    try await store.put(merged, at: "mean/\(step.number)")
    for key in try await store.list(prefix: "mean/") where key != "mean/\(step.number)" {
      try await store.delete(key)
    }
    return mean
  }

  /// The others: ask for the mean until it is there; every miss is a billed request.
  private func download(_ step: Step, as worker: Worker) async throws -> [Float] {
    while true {
      worker.begin(.download)
      do {
        let mean = try await store.get("mean/\(step.number)")
        try await worker.process(bytes: mean.byteCount)
        return mean.floats
      } catch is NoSuchKey {
        worker.relabel(.wait)
        try await job.simulation.sleep(for: pollInterval)
      }
    }
  }

  /// LambdaML's asynchronous mode: one model for all, of which the last that was written stands.
  private func meetSharedModel(
    _ own: [Float], _ minibatch: Minibatch, as worker: Worker
  ) async throws -> [Float] {
    // 3. Send the model that has just learned to the shared store, over whatever lies there.
    worker.begin(.upload)
    try await worker.process(bytes: job.gradientBytes)
    try await store.put(Payload(byteCount: job.gradientBytes, contents: own), at: "model")
    // 4, 5. Nobody aggregates: take the model that lies there now, which may be another's.
    worker.begin(.download)
    let model = try await store.get("model")
    try await worker.process(bytes: model.byteCount)
    return model.floats
  }

  private func sentBytes(_ values: [Float]) -> Int {
    format.bytes(of: values, parameters: job.parameterCount)
  }
}
