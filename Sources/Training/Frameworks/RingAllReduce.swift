internal import Cloud
internal import Learning
internal import SimulationKernel

/// Ring all-reduce among virtual machines, as PyTorch and Horovod train on a cluster.
///
/// Each of the W machines cuts its gradient into W chunks. In W - 1 steps every chunk goes around
/// the ring and grows into the sum of all; in W - 1 further steps the sums go around. So each
/// machine sends 2 (W - 1) / W of a gradient, whatever W, and nobody is the bottleneck.
///
/// Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of
/// workstations", JPDC 69(2), 2009; as a baseline, LambdaML, SIGMOD 2021, section 5.
public struct RingAllReduce: TrainingFramework {
  /// The machines.
  static let instance = MachineOptions.type(
    "instance", default: "c5.large",
    source: "LambdaML, SIGMOD 2021, table 6 measures clusters of t2.medium and c5.large",
    "Instance type of the machines; one with a graphics processor computes gradients on it.")
  /// How long a machine waits for its neighbour.
  static let peerTimeout = FrameworkOption(
    "peer-timeout", .duration(.seconds(1)...(.seconds(86_400))), default: .duration(.seconds(1800)),
    source: "PyTorch: process groups time out after 30 minutes unless told otherwise",
    "How long a machine waits for its neighbour before the job fails.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "ring-all-reduce",
    summary: "A cluster of virtual machines passes chunks of gradients around a ring.",
    source: "Patarasuk and Yuan, JPDC 69(2), 2009, doi 10.1016/j.jpdc.2008.09.002",
    options: [instance, MachineOptions.purchase, peerTimeout])

  /// A machine, the program on it that takes chunks from the neighbour, and what has come.
  private struct Node {
    let machine: VirtualMachine
    let receiver: RemoteService
    let inbox: Store<[Float]>
  }

  private let job: TrainingJob
  private let ring: [Node]
  private let peerTimeout: Duration

  /// Orders a machine for every worker.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    peerTimeout = options.duration(Self.peerTimeout)
    ring = try job.workers.map { worker in
      let machine = try job.region.virtualMachine(
        "machine \(worker.rank)", type: options.choice(Self.instance), purchase: options.purchase)
      return Node(
        machine: machine,
        receiver: try job.region.remoteService("ring \(worker.rank)", on: machine),
        inbox: Store(job.simulation, name: "a chunk for worker \(worker.rank)"))
    }
  }

  /// Trains, and stops the machines when the last has ended or one has failed.
  public func train() async throws {
    defer { for node in ring { node.machine.stop() } }
    try await job.forEachWorker { worker in
      try await job.occupy(ring[worker.rank].machine, for: worker) { worker in
        for step in job.steps { try await take(step, as: worker) }
      }
    }
  }

  private func take(_ step: Step, as worker: Worker) async throws {
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute its gradient.
    var gradient = try await worker.computeGradient(of: minibatch).values
    // 3. Reduce-scatter: after W - 1 turns this worker has the sum of the chunk after its own.
    let count = ring.count
    for turn in 0..<count - 1 {
      try await send(chunk: worker.rank - turn, of: gradient, as: worker)
      let received = try await receive(as: worker)
      try await add(received, to: &gradient, chunk: worker.rank - turn - 1, as: worker)
    }
    // 4. All-gather: the sums go around once more, and take the place of the chunks.
    for turn in 0..<count - 1 {
      try await send(chunk: worker.rank - turn + 1, of: gradient, as: worker)
      let range = range(ofChunk: worker.rank - turn, count: gradient.count)
      gradient.replaceSubrange(range, with: try await receive(as: worker))
    }
    // 5. Update the model with the mean.
    Vectors.scale(&gradient, by: 1 / Float(count))
    try await worker.updateModel(with: gradient)
    try worker.finish(step)
  }

  /// Passes a chunk to the next machine of the ring.
  private func send(chunk: Int, of gradient: [Float], as worker: Worker) async throws {
    worker.begin(.upload)
    let next = ring[(worker.rank + 1) % ring.count]
    let values = Array(gradient[range(ofChunk: chunk, count: gradient.count)])
    try await next.receiver.call("chunk", sending: bytes(ofChunk: chunk)) {
      next.inbox.put(values)
    }
  }

  /// Takes the chunk that the machine before has sent.
  private func receive(as worker: Worker) async throws -> [Float] {
    worker.begin(.wait)
    let inbox = ring[worker.rank].inbox
    return try await job.simulation.withTimeout(peerTimeout) { try await inbox.get() }
  }

  private func add(
    _ received: [Float], to gradient: inout [Float], chunk: Int, as worker: Worker
  ) async throws {
    worker.begin(.aggregate)
    try await worker.process(bytes: 3 * bytes(ofChunk: chunk))
    let range = range(ofChunk: chunk, count: gradient.count)
    for (index, value) in zip(range, received) { gradient[index] += value }
  }

  private func range(ofChunk chunk: Int, count: Int) -> Range<Int> {
    Vectors.chunk((chunk + ring.count) % ring.count, of: ring.count, count: count)
  }

  private func bytes(ofChunk chunk: Int) -> Int {
    4 * range(ofChunk: chunk, count: job.configuration.workload.parameterCount).count
  }
}
