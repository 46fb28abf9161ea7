internal import Cloud
internal import Learning
internal import SimulationKernel

/// MLLess: workers exchange only the significant part of their updates.
///
/// Updates lie in a shared in-memory store, their keys go through a message broker, and a
/// supervisor tells everybody whose updates to expect. What a worker does not send stays in its
/// residual and is sent when it has grown significant; so the replicas differ a little. No
/// function outlives its time limit: a run that would take longer fails there.
///
/// What goes wrong: when a worker or the supervisor dies, or a message is lost, the others wait
/// until their functions are killed (with `ssp` once they are `slack` exchanges ahead, with `asp`
/// never). A message that comes twice changes nothing. `database n` is server n of the shared
/// store: what lay there is lost, and the first request that meets it fails the run.
///
/// Source: Sarroca and Sánchez-Artigas, "MLLess", Middleware 2021 and arXiv 2206.05786,
/// sections 3 to 5.
public struct MLLess: TrainingFramework {
  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "mlless",
    summary: "Workers send only significant updates; a supervisor says whose to wait for.",
    source: "MLLess, Middleware 2021, doi 10.1145/3464298.3494884",
    variants: [FrameworkDeclaration.published, FrameworkDeclaration.released],
    options: options)

  let job: TrainingJob
  let settings: MLLessSettings
  let function: Function
  let supervisor: Function
  let store: any GradientStore
  let broker: MessageBroker
  let progress: MLLessProgress
  private let logs: ObjectStore?

  /// Registers the functions and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    settings = MLLessSettings(job.configuration.options)
    function = try job.region.functions.register(job.configuration.function)
    var configuration = job.configuration.function
    configuration.name = "supervisor"
    supervisor = try job.region.functions.register(configuration)
    store = try job.mllessStore()
    broker = try job.region.broker("mlless")
    progress = MLLessProgress(job)
    logs = settings.logLines > 0 ? try job.region.objectStore("logs") : nil
    broker.declareQueue("supervisor")
    broker.declareQueue("client")
    broker.declareFanout("workers")
    for worker in job.workers {
      broker.declareQueue(inbox(of: worker.rank))
      try broker.bind(queue: inbox(of: worker.rank), to: "workers")
    }
    declareDeaths()
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    let supervisor = job.simulation.spawn("supervisor") { try await supervise() }
    do {
      try await job.forEachWorker { try await work(as: $0) }
    } catch {
      // What ended the supervisor before is why workers waited in vain.
      if let failure = supervisor.failure as? JobFailure { throw failure }
      job.simulation.kill(supervisor, error)
      progress.noteHanging(after: error)
      throw error
    }
    try await dismiss(supervisor)
  }

  private func work(as worker: Worker) async throws {
    try await job.invoke(function, for: worker) { worker in
      var memory = MLLessMemory(worker, settings)
      while let turn = memory.course.turn(of: worker.rank), !memory.mailbox.isOver {
        try await take(turn, as: worker, &memory)
        memory.course.advance()
        if turn.endsExchange { try await part(as: worker, &memory) }
      }
    }
  }

  private func take(
    _ turn: MLLessCourse.Turn, as worker: Worker, _ memory: inout MLLessMemory
  ) async throws {
    // 1. Fetch a minibatch.
    let minibatch = try await worker.fetchMinibatch(of: turn.step, from: turn.shard)
    // 2. Compute the gradient; the worker's share of the update is applied locally at once.
    let gradient = try await worker.computeGradient(of: minibatch)
    try await keep(gradient, as: worker, &memory)
    if turn.endsExchange {
      // 3. Store the significant part of what has accumulated in the shared store.
      let isSent = try await send(turn, as: worker, &memory)
      // 4, 5. Monitor the queue until every update that the supervisor announces has come.
      worker.begin(.wait)
      let report = MLLessReport(
        exchange: turn.exchange, rank: worker.rank, isSent: isSent, loss: memory.takeLoss())
      try await broker.send(.message(.report(report)), to: "supervisor")
      try await awaitUpdates(of: turn.exchange, as: worker, &memory)
      // 6. Fetch the others' updates.
      let updates = try await fetchUpdates(as: worker, &memory)
      // 7. Update the model with them, in rank order.
      try await apply(updates, as: worker, members: memory.course.members.count)
    }
    try await writeLog(as: worker, &memory)
    try worker.finish(turn.step)
  }

  /// Keeps what is to be sent.
  ///
  /// Of an update, the optimizer's own step divided by the number of members is taken at home at
  /// once: what all add up to is the mean step.
  private func keep(
    _ gradient: Gradient, as worker: Worker, _ memory: inout MLLessMemory
  ) async throws {
    memory.note(loss: gradient.loss)
    if settings.exchangesGradients { return memory.accumulate(gradient.values) }
    worker.begin(.update)
    try await worker.process(bytes: job.updateBytes)
    var update = worker.replica.step(for: gradient.values)
    Vectors.scale(&update, by: 1 / Float(memory.course.members.count))
    Vectors.add(update, to: &worker.replica.parameters)
    memory.accumulate(update)
  }

  /// Compresses, stores and announces; returns whether anything was to be sent.
  private func send(
    _ turn: MLLessCourse.Turn, as worker: Worker, _ memory: inout MLLessMemory
  ) async throws -> Bool {
    worker.begin(.upload)
    let readers = memory.course.members.count - (settings.exchangesGradients ? 0 : 1)
    let accumulated = memory.takeAccumulated()
    if readers == 0 { return false }
    try await worker.process(
      bytes: settings.compression.workBytes(vectorBytes: job.gradientBytes))
    let vector =
      job.isTimeOnly
      ? nil
      : memory.compressor.compress(
        accumulated, step: turn.step.number + 1, parameters: worker.replica.parameters)
    let byteCount = job.wireBytes(of: vector, settings)
    if byteCount == 0 { return false }
    try await worker.process(bytes: byteCount)
    try await worker.spend(settings.deflation(of: byteCount))
    let update = MLLessUpdate(vector, byteCount: byteCount, readers: readers)
    try await store.put(
      Payload(byteCount: settings.deflatedBytes(of: byteCount), contents: update),
      at: updateKey(turn.exchange, worker.rank))
    let message = MLLessMessage.update(exchange: turn.exchange, rank: worker.rank)
    try await broker.publish(.message(message), to: "workers")
    return true
  }

  /// Consumes the worker's queue until the announced updates of all exchanges are there but those
  /// of the last `slack`; bounded and unbounded staleness also hear what else has come.
  private func awaitUpdates(
    of exchange: Int, as worker: Worker, _ memory: inout MLLessMemory
  ) async throws {
    let needed = settings.slack.map { exchange + 1 - $0 } ?? 0
    let inbox = inbox(of: worker.rank)
    while memory.mailbox.completeCount < needed
      || (settings.slack != 0 && broker.count(of: inbox) > 0)
    {
      memory.mailbox.note(try await broker.next(from: inbox).message)
    }
  }

  private func fetchUpdates(
    as worker: Worker, _ memory: inout MLLessMemory
  ) async throws -> [MLLessUpdate] {
    worker.begin(.download)
    var updates: [MLLessUpdate] = []
    for (exchange, rank) in memory.mailbox.takeUnread()
    where rank != worker.rank || settings.exchangesGradients {
      let payload = try await store.get(updateKey(exchange, rank))
      let update = payload.mllessUpdate
      try await worker.spend(settings.inflation(of: update.byteCount))
      try await worker.process(bytes: update.byteCount)
      updates.append(update)
    }
    return updates
  }

  /// Adds updates to the parameters; or gives the mean of gradients to the optimizer.
  private func apply(
    _ updates: [MLLessUpdate], as worker: Worker, members: Int
  ) async throws {
    worker.begin(.aggregate)
    var sum =
      settings.exchangesGradients
      ? [Float](repeating: 0, count: worker.replica.parameters.count) : []
    for update in updates {
      try await worker.process(bytes: 2 * update.byteCount)
      guard let vector = update.read() else { continue }
      if settings.exchangesGradients {
        vector.add(to: &sum)
      } else {
        vector.add(to: &worker.replica.parameters)
      }
    }
    if settings.exchangesGradients {
      Vectors.scale(&sum, by: 1 / Float(members))
      try await worker.updateModel(with: sum)
    }
  }

  /// Gets the worker's log object and puts it again, a line longer, for each line.
  private func writeLog(as worker: Worker, _ memory: inout MLLessMemory) async throws {
    guard let logs else { return }
    worker.begin(.upload)
    let key = "mlless/\(worker.rank)"
    for _ in 0..<settings.logLines {
      do { _ = try await logs.get(key) } catch is NoSuchKey {}
      memory.logBytes += MLLessSettings.logLineBytes
      try await logs.put(Payload(byteCount: memory.logBytes), at: key)
    }
  }

  private func updateKey(_ exchange: Int, _ rank: Int) -> String { "update/\(exchange)/\(rank)" }

  func inbox(of rank: Int) -> String { "worker \(rank)" }
}
