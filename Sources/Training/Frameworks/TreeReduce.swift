internal import Cloud
internal import Learning
internal import SimulationKernel

/// Tree reduction over a shared object store: sums go up a tree, the root's mean comes down.
///
/// The workers form groups of `fan-in`. The first of a group adds the gradients of the others to
/// its own, and these leaders form groups again. AllReduce's master reads W - 1 gradients one
/// after the other; here nobody reads more than fan-in - 1 on each of log W levels.
public struct TreeReduce: TrainingFramework {
  /// How many form a group.
  static let fanIn = FrameworkOption(
    "fan-in", .integer(2...1024), default: .integer(2), source: "assumed: pairs",
    "Workers in a group, whose first adds up the gradients of all.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "tree-reduce",
    summary: "Groups of workers add up their gradients, level by level; the root uploads the mean.",
    source: "docs/adding-a-framework.md, which explains how it was written",
    options: [fanIn, AllReduce.pollInterval])

  private let job: TrainingJob
  private let function: Function
  private let store: ObjectStore
  private let fanIn: Int
  private let pollInterval: Duration

  /// Registers the function and opens the store.
  public init(_ job: TrainingJob) throws {
    self.job = job
    function = try job.region.functions.register(job.configuration.function)
    store = try job.region.objectStore("sums", kind: job.configuration.objectStore)
    fanIn = job.configuration.options.integer(Self.fanIn)
    pollInterval = job.configuration.options.duration(AllReduce.pollInterval)
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachStep(in: function) { step, worker in try await take(step, as: worker) }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute its gradient.
    var sum = try await worker.computeGradient(of: minibatch).values
    // 3. On each level that this worker leads, add the sums of its group to its own.
    for member in members(ledBy: worker.rank) {
      let key = "sum/\(step.number)/\(member)"
      let other = try await download(key, as: worker)
      worker.begin(.aggregate)
      try await worker.process(bytes: 3 * job.gradientBytes)
      Vectors.add(other, to: &sum)
      try await store.delete(key)
    }
    // 4. The root publishes the mean; every other worker hands its sum up and waits for it.
    if worker.isMaster {
      Vectors.scale(&sum, by: 1 / Float(job.workers.count))
      try await upload(sum, to: "mean/\(step.number)", as: worker)
      // Whoever has sent a sum of this step has read the mean of the step before.
      if step.number > 0 { try await store.delete("mean/\(step.number - 1)") }
    } else {
      try await upload(sum, to: "sum/\(step.number)/\(worker.rank)", as: worker)
      sum = try await download("mean/\(step.number)", as: worker)
    }
    // 5. Every worker updates its local model with the mean.
    try await worker.updateModel(with: sum)
    try worker.finish(step)
  }

  /// The workers whose sums a worker adds to its own, from the lowest level up.
  private func members(ledBy rank: Int) -> [Int] {
    let count = job.workers.count
    let strides = sequence(first: 1) { $0 * fanIn }.prefix { $0 < count }
    return strides.prefix { rank.isMultiple(of: $0 * fanIn) }.flatMap { stride in
      (1..<fanIn).map { rank + $0 * stride }.filter { $0 < count }
    }
  }

  private func upload(_ vector: [Float], to key: String, as worker: Worker) async throws {
    worker.begin(.upload)
    try await worker.process(bytes: job.gradientBytes)
    try await store.put(Payload(byteCount: job.gradientBytes, contents: vector), at: key)
  }

  /// Asks for a vector until it is there; every miss is a billed request.
  private func download(_ key: String, as worker: Worker) async throws -> [Float] {
    worker.begin(.wait)
    let (vector, asked) = try await store.poll(key, every: pollInterval)
    worker.begin(.download, at: asked)
    try await worker.process(bytes: job.gradientBytes)
    return vector.floats
  }
}
