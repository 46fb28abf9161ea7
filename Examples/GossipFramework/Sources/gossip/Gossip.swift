import Cloud
import Learning
import SimulationKernel
import Training

/// Gossip: every worker averages its model with that of one other, and nobody waits for all.
///
/// At step t a worker hears from the one that is 2^(t mod log2 W) places before it. So what one of
/// them has learned has reached everybody after log2 W steps, and the replicas stay close together.
///
/// Source: Assran et al., "Stochastic Gradient Push for Distributed Deep Learning", ICML 2019,
/// arXiv 1811.10792, on the one-peer exponential graph.
struct Gossip: TrainingFramework {
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.milliseconds(1)...(.seconds(60))),
    default: .duration(.milliseconds(20)), source: "assumed",
    "Pause between two polls of the store.")

  static let declaration = FrameworkDeclaration(
    name: "gossip",
    summary: "Every worker averages its model with that of one other, another at each step.",
    source: "Stochastic Gradient Push, ICML 2019, arXiv 1811.10792",
    options: [pollInterval])

  private let job: TrainingJob
  private let function: Function
  private let store: MemoryStore
  private let pollInterval: Duration

  init(_ job: TrainingJob) throws {
    self.job = job
    function = try job.region.functions.register(job.configuration.function)
    store = try job.region.memoryStore("models", on: .ec2("m5.large"))
    pollInterval = job.configuration.options.duration(Self.pollInterval)
  }

  func train() async throws {
    try await job.forEachStep(in: function) { step, worker in try await take(step, as: worker) }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    // 1. Learn from a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    let gradient = try await worker.computeGradient(of: minibatch)
    try await worker.updateModel(with: gradient.values)
    // 2. Leave the model for the one who listens.
    let count = job.workers.count
    if count > 1 {
      worker.begin(.upload)
      try await worker.process(bytes: job.gradientBytes)
      try await store.set(
        Payload(byteCount: job.gradientBytes, contents: worker.replica.parameters),
        at: "model/\(step.number)/\(worker.rank)")
      // 3. Hear from another, and meet in the middle.
      let levels = Int.bitWidth - (count - 1).leadingZeroBitCount
      let other = (worker.rank + count - (1 << (step.number % levels))) % count
      let model = try await download("model/\(step.number)/\(other)", as: worker)
      worker.begin(.aggregate)
      try await worker.process(bytes: 3 * job.gradientBytes)
      worker.replica.parameters = Vectors.mean([worker.replica.parameters, model])
    }
    try worker.finish(step)
  }

  /// Asks for a model until it is there, and removes it: nobody else will read it.
  private func download(_ key: String, as worker: Worker) async throws -> [Float] {
    while true {
      worker.begin(.download)
      do {
        let model = try await store.get(key).floats
        try await worker.process(bytes: job.gradientBytes)
        try await store.delete(keys: [key])
        return model
      } catch is NoSuchKey { worker.relabel(.wait) }
      try await job.simulation.sleep(for: pollInterval)
    }
  }
}
