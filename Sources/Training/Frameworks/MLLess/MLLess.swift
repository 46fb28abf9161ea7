internal import Cloud
internal import Learning
internal import SimulationKernel

/// MLLess: workers exchange only the significant part of their updates.
///
/// Updates lie in a shared in-memory store, their keys go through a message broker, and a
/// supervisor tells everybody whose updates to expect. What a worker does not send stays in its
/// residual and is sent when it has grown significant; so the replicas differ a little.
///
/// Source: Sarroca and Sánchez-Artigas, "MLLess", Middleware 2021 and arXiv 2206.05786,
/// sections 3 and 4.
public struct MLLess: TrainingFramework {
  /// The threshold v of the filter.
  static let significanceThreshold = FrameworkOption(
    "significance-threshold", .real(0...1000), default: .real(0.7),
    source: "MLLess figure 4 sweeps 0.01 to 0.7; the default 0.7 is assumed",
    "An entry is sent when |accumulated update| > v / sqrt(step) * |parameter|.")
  /// The share of entries that a time-only run sends.
  static let density = FrameworkOption(
    "density", .real(0...1), default: .real(0.02),
    source: "2 % of the entries of LeNet-5 passed v = 0.7 on Fashion-MNIST, measured here",
    "In a time-only run, which has no values to filter: the share of entries that are sent.")
  /// The server of the shared store.
  static let storeNode = FrameworkOption(
    "store-node", .choice(["cache.t3.medium", "cache.m5.large", "cache.r5.large"]),
    default: .choice("cache.m5.large"),
    source: "assumed: the paper's M1.2x16 has 2 vCPU and 16 GB",
    "Node type of the in-memory store that holds the updates.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "mlless",
    summary: "Workers send only significant updates; a supervisor says whose to wait for.",
    source: "MLLess, Middleware 2021, doi 10.1145/3464298.3494884",
    options: [significanceThreshold, density, storeNode])

  private let job: TrainingJob
  private let function: Function
  private let supervisor: Function
  private let updates: MemoryStore
  private let broker: MessageBroker
  private let threshold: Float
  private let density: Double

  /// Registers the functions and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    threshold = Float(options.real(Self.significanceThreshold))
    density = options.real(Self.density)
    function = try job.region.functions.register(job.configuration.function)
    var configuration = job.configuration.function
    configuration.name = "supervisor"
    supervisor = try job.region.functions.register(configuration)
    updates = try job.region.memoryStore(
      "updates", on: .elasticache(options.choice(Self.storeNode)))
    broker = try job.region.broker("mlless")
    broker.declareQueue("supervisor")
    broker.declareFanout("workers")
    for worker in job.workers {
      broker.declareQueue(inbox(of: worker.rank))
      try broker.bind(queue: inbox(of: worker.rank), to: "workers")
    }
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    let supervisor = job.simulation.spawn("supervisor") { try await supervise() }
    do {
      try await job.forEachWorker { try await work(as: $0) }
      try await job.simulation.join(supervisor)
    } catch {
      job.simulation.kill(supervisor, error)
      throw error
    }
  }

  private func work(as worker: Worker) async throws {
    try await job.invoke(function, for: worker) { worker in
      var filter = SignificanceFilter(
        threshold: threshold, parameterCount: worker.replica.parameters.count)
      for step in job.steps { try await take(step, as: worker, filter: &filter) }
    }
  }

  private func take(
    _ step: Step, as worker: Worker, filter: inout SignificanceFilter
  ) async throws {
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: step)
    // 2. Compute the gradient; the worker's share of the update is applied locally at once.
    let gradient = try await worker.computeGradient(of: minibatch)
    try await applyOwnUpdate(for: gradient, as: worker, filter: &filter)
    // 3. Store the significant part of what has accumulated in the shared store.
    let isSent = try await storeSignificant(step, as: worker, filter: &filter)
    // 4, 5. Monitor the queue until every update that the supervisor announces has come.
    worker.begin(.wait)
    try await broker.send(.message(.report(rank: worker.rank, isSent: isSent)), to: "supervisor")
    let senders = try await awaitUpdates(of: step, as: worker)
    // 6. Fetch the others' updates.
    worker.begin(.download)
    var received: [(update: SparseVector, byteCount: Int)] = []
    for sender in senders where sender != worker.rank {
      let payload = try await updates.get(key(of: step, sender))
      try await worker.process(bytes: payload.byteCount)
      received.append((payload.broadcast.read(), payload.byteCount))
    }
    // 7. Update the model with them, in rank order.
    worker.begin(.aggregate)
    for (update, byteCount) in received {
      try await worker.process(bytes: 2 * byteCount)
      update.add(to: &worker.replica.parameters)
    }
    try worker.finish(step)
  }

  /// The optimizer's own step divided by W: what all workers add up to is the mean step.
  private func applyOwnUpdate(
    for gradient: Gradient, as worker: Worker, filter: inout SignificanceFilter
  ) async throws {
    worker.begin(.update)
    try await worker.process(bytes: job.updateBytes)
    var update = worker.replica.step(for: gradient.values)
    Vectors.scale(&update, by: 1 / Float(job.workers.count))
    Vectors.add(update, to: &worker.replica.parameters)
    filter.accumulate(update)
  }

  /// Filters, stores and announces; returns whether anything was significant.
  private func storeSignificant(
    _ step: Step, as worker: Worker, filter: inout SignificanceFilter
  ) async throws -> Bool {
    worker.begin(.upload)
    if job.workers.count == 1 { return false }
    try await worker.process(bytes: 3 * job.gradientBytes)
    let update = filter.select(step: step.number + 1, parameters: worker.replica.parameters)
    let byteCount = wireBytes(of: update)
    if byteCount == 0 { return false }
    try await worker.process(bytes: byteCount)
    let broadcast = Broadcast(update, readers: job.workers.count - 1)
    try await updates.set(
      Payload(byteCount: byteCount, contents: broadcast), at: key(of: step, worker.rank))
    try await broker.publish(.message(.update(step.number, rank: worker.rank)), to: "workers")
    return true
  }

  /// Consumes the worker's queue until the announced set of updates is complete.
  private func awaitUpdates(of step: Step, as worker: Worker) async throws -> [Int] {
    var stored: Set<Int> = []
    var expected: [Int]?
    while true {
      switch try await broker.next(from: inbox(of: worker.rank)).message {
      case .update(let number, let rank) where number == step.number: stored.insert(rank)
      case .expect(let number, let ranks) where number == step.number: expected = ranks
      default: preconditionFailure("no worker is ahead of the supervisor's barrier")
      }
      if let expected, stored.isSuperset(of: expected) { return expected }
    }
  }

  /// The supervisor: after all W reports of a step, tells everybody whose updates to expect.
  private func supervise() async throws {
    do {
      try await job.region.functions.invoke(supervisor, named: "supervisor") { _ in
        for step in job.steps {
          var senders: [Int] = []
          for _ in job.workers {
            let message = try await broker.next(from: "supervisor").message
            if case .report(let rank, isSent: true) = message { senders.append(rank) }
          }
          try await broker.publish(
            .message(.expect(step.number, ranks: senders.sorted())), to: "workers")
        }
      }
    } catch {
      throw JobFailure(worker: "supervisor", time: job.simulation.now, cause: error)
    }
  }

  private func key(of step: Step, _ rank: Int) -> String { "update/\(step.number)/\(rank)" }

  private func inbox(of rank: Int) -> String { "worker \(rank)" }

  /// An entry is an index and a value, 8 bytes; a dense update is sent as such.
  private func wireBytes(of update: SparseVector) -> Int {
    job.isTimeOnly
      ? job.wireBytes(density: density)
      : job.wireBytes(entries: update.indices.count, of: update.dimension)
  }
}

/// What goes through the broker.
private enum Message {
  /// To all: a worker has stored its update of a step.
  case update(Int, rank: Int)
  /// To the supervisor: a worker has done its step.
  case report(rank: Int, isSent: Bool)
  /// To all: these workers have sent an update in a step.
  case expect(Int, ranks: [Int])
}

extension Payload {
  /// A message of about the size of the released code's pickled tuples.
  fileprivate static func message(_ message: Message) -> Payload {
    Payload(byteCount: 100, contents: message)
  }

  fileprivate var message: Message {
    guard let message = contents as? Message else { preconditionFailure("not a message") }
    return message
  }

  fileprivate var broadcast: Broadcast {
    guard let broadcast = contents as? Broadcast else { preconditionFailure("not an update") }
    return broadcast
  }
}

/// An update that everybody else reads once.
///
/// The protocol deletes nothing, and the simulated store keeps its bytes; but the simulator need
/// not keep every update of a long run in memory once the last reader has it.
private final class Broadcast {
  private var update: SparseVector
  private var readers: Int

  init(_ update: SparseVector, readers: Int) {
    self.update = update
    self.readers = readers
  }

  func read() -> SparseVector {
    let update = self.update
    readers -= 1
    if readers == 0 {
      self.update = SparseVector(indices: [], values: [], dimension: update.dimension)
    }
    return update
  }
}
