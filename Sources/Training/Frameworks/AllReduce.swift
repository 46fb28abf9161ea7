internal import Cloud
internal import Learning
internal import SimulationKernel

/// AllReduce over a shared object store, as in LambdaML: worker 0 aggregates for all.
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

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "all-reduce",
    summary: "Every worker uploads its gradient; worker 0 averages them and uploads the mean.",
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
    store = try job.region.objectStore("gradients", kind: job.configuration.objectStore)
    pollInterval = job.configuration.options.duration(Self.pollInterval)
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachStep(in: function) { step, worker in try await take(step, as: worker) }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute its gradient.
    let gradient = try await worker.computeGradient(of: minibatch)
    // 3. Send the gradient to the shared store.
    worker.begin(.upload)
    try await worker.process(bytes: job.gradientBytes)
    try await store.put(
      Payload(byteCount: job.gradientBytes, contents: gradient.values),
      at: "gradient/\(step.number)/\(worker.rank)")
    // 4, 5. The master aggregates all gradients into one and sends it back.
    let mean =
      worker.isMaster
      ? try await aggregate(step, as: worker) : try await download(step, as: worker)
    // 6. Every worker updates its local model with it.
    try await worker.updateModel(with: mean)
    try worker.finish(step)
  }

  /// The master: collects W gradients as they arrive, averages them and uploads the mean.
  private func aggregate(_ step: Step, as master: Worker) async throws -> [Float] {
    var gradients = [[Float]](repeating: [], count: job.workers.count)
    var missing = Set(job.workers.indices)
    master.begin(.wait)
    while !missing.isEmpty {
      for key in try await store.list(prefix: "gradient/\(step.number)/") {
        let rank = rankNamed(by: key)
        master.begin(.download)
        gradients[rank] = try await store.get(key).floats
        try await master.process(bytes: job.gradientBytes)
        master.begin(.aggregate)
        try await master.process(bytes: 3 * job.gradientBytes)
        try await store.delete(key)
        missing.remove(rank)
      }
      master.begin(.wait)
      if !missing.isEmpty { try await job.simulation.sleep(for: pollInterval) }
    }
    let mean = Vectors.mean(gradients)  // in rank order, whatever the order of arrival
    master.begin(.upload)
    try await master.process(bytes: job.gradientBytes)
    try await store.put(
      Payload(byteCount: job.gradientBytes, contents: mean), at: "mean/\(step.number)")
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
        let mean = try await store.get("mean/\(step.number)").floats
        try await worker.process(bytes: job.gradientBytes)
        return mean
      } catch is NoSuchKey {
        worker.relabel(.wait)
        try await job.simulation.sleep(for: pollInterval)
      }
    }
  }
}
