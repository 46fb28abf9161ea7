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
  private let job: TrainingJob
  private let habits: Habits
  private let function: Function
  private let exchanges: [Exchange]
  private let aggregator: Aggregator
  private let format: WireFormat
  private let pollInterval: Duration
  private let listInterval: Duration
  private let patience: Duration
  private let readsBack: Bool
  private let isAsynchronous: Bool
  private let hasStepKeys: Bool
  private let framingBytes: Int

  /// Registers the functions and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    let format = Self.compression.format(options)
    self.format = format
    function = try job.region.functions.register(job.configuration.function)
    let store = try job.gradientStore(named: "gradients", Self.storage)
    habits = try Habits(Self.habits, of: job, around: store)
    exchanges = job.workers.map { Exchange(Self.exchange, sentAs: format, for: $0) }
    aggregator = Self.aggregation.aggregator(options, workers: job.workers.count)
    pollInterval = options.duration(Self.pollInterval)
    listInterval = options.duration(Self.listInterval)
    patience = options.duration(Self.patience)
    readsBack = options.flag(Self.readsBack)
    isAsynchronous = Self.synchronization.isAsynchronous(options)
    hasStepKeys = options.choice(Self.gradientKeys) == "by-step"
    let isPickled = options.choice(Self.serialization) == "pickle"
    framingBytes = isPickled ? 39 * job.configuration.workload.tensorCount : 0
    let master = job.workers[0]
    if !isAsynchronous { job.onCrash(of: .master) { master.crash() } }
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachStep(
      in: function, keptVectors: exchanges[0].keptVectors, begin: habits.begin
    ) { step, worker in
      try await take(step, as: worker)
      try await habits.end(step, fewer: worker.isMaster ? 1 : 0, as: worker)
      try worker.finish(step)
    }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    let exchange = exchanges[worker.rank]
    // 1. Fetch a minibatch.
    let minibatch = try await habits.fetchMinibatch(of: step, for: worker)
    // 2. Compute its gradient.
    let gradient = try await worker.computeGradient(of: minibatch)
    // 3 to 5. Send it, or the model it has changed, and receive what all have become.
    worker.begin(.upload)
    guard let own = try await exchange.contribution(of: gradient, in: step, as: worker) else {
      return
    }
    let common =
      isAsynchronous
      ? try await meetSharedModel(own, as: worker)
      : try await reduce(own, minibatch, as: worker)
    // 6. Every worker updates its local model with it.
    try await exchange.apply(common, as: worker)
  }

  /// Steps 3 to 5 of a synchronous job.
  private func reduce(
    _ own: [Float], _ minibatch: Minibatch, as worker: Worker
  ) async throws -> [Float] {
    // 3. Send the gradient to the shared store.
    worker.begin(.upload)
    let bytes = format.bytes(of: own, parameters: job.parameterCount)
    try await put(own, bytes, at: gradientFolder(minibatch.step) + "\(worker.rank)", as: worker)
    // 4, 5. The master aggregates all gradients into one and sends it back.
    if worker.isMaster {
      let result = try await aggregate(minibatch, as: worker)
      if !readsBack { return result }
    }
    if patience == .zero { return try await download(minibatch.step, as: worker) }
    return try await job.simulation.withTimeout(patience) {
      try await download(minibatch.step, as: worker)
    }
  }

  /// The master: collects W gradients as they arrive, aggregates them and uploads the result.
  private func aggregate(_ minibatch: Minibatch, as master: Worker) async throws -> [Float] {
    let step = minibatch.step
    var gradients = [[Float]](repeating: [], count: job.workers.count)
    var missing = Set(job.workers.indices)
    master.begin(.wait)
    let poller = try await habits.client()
    while !missing.isEmpty {
      for key in try await poller.list(prefix: gradientFolder(step)) {
        let rank = rankNamed(by: key)
        master.begin(.download)
        let payload = try await habits.client().get(key)
        try await master.process(bytes: payload.byteCount)
        gradients[rank] = payload.floats
        try await aggregator.take(bytes: payload.byteCount, as: master)
        try await habits.client().delete(key)
        missing.remove(rank)
      }
      master.begin(.wait)
      if !missing.isEmpty { try await job.simulation.sleep(for: listInterval) }
    }
    let mean = try await aggregator.finish(
      gradients, bytes: job.gradientBytes, on: minibatch, as: master)
    master.begin(.upload)
    let bytes = format.bytes(
      ofAggregated: mean, parameters: job.parameterCount, senders: gradients.count)
    try await put(mean, bytes, at: "mean/\(step.number)", as: master)
    for key in try await habits.client().list(prefix: "mean/") where key != "mean/\(step.number)" {
      try await habits.client().delete(key)
    }
    return mean
  }

  /// The others: ask for the mean until it is there; every miss is a billed request.
  private func download(_ step: Step, as worker: Worker) async throws -> [Float] {
    let poller = try await habits.client()
    worker.begin(.wait)
    let (mean, asked) = try await poller.poll(
      "mean/\(step.number)", every: pollInterval, in: job.simulation)
    worker.begin(.download, at: asked)
    try await worker.process(bytes: mean.byteCount)
    return mean.floats
  }

  /// LambdaML's asynchronous mode: one model for all, of which the last that was written stands.
  private func meetSharedModel(_ own: [Float], as worker: Worker) async throws -> [Float] {
    // 3. Send the model that has just learned to the shared store, over whatever lies there.
    worker.begin(.upload)
    try await put(own, job.gradientBytes, at: "model", as: worker)
    // 4, 5. Nobody aggregates: take the model that lies there now, which may be another's.
    worker.begin(.download)
    let model = try await habits.client().get("model")
    try await worker.process(bytes: model.byteCount)
    return model.floats
  }

  /// Serialises a vector and stores it; nobody makes a new client for that.
  private func put(
    _ vector: [Float], _ bytes: Int, at key: String, as worker: Worker
  ) async throws {
    let payload = Payload(byteCount: bytes + framingBytes, contents: vector)
    try await worker.process(bytes: payload.byteCount)
    try await habits.sameClient.put(payload, at: key)
  }

  private func gradientFolder(_ step: Step) -> String {
    hasStepKeys ? "gradient/\(step.number)/" : "gradient/"
  }
}
