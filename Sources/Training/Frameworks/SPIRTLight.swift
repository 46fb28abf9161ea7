internal import Cloud
internal import Learning
internal import SimulationKernel

/// SPIRT without its workflow and its databases: one function a worker, an object store between
/// them, and a queue of a broker to meet at.
///
/// The authors' repository had it before the architecture of the paper. A worker averages the
/// gradients of a few minibatches, which it computes one after the other, before it exchanges
/// anything; no function outlives its time limit.
///
/// What goes wrong: who does not hear of all averages within `patience` goes on with its own. So
/// do all others, round by round, when a worker has died, and their models differ from then on.
///
/// Source: AmineBarrak/TrainingML_P2P_Serverless 35c2fa4, SPIRT_light; it stands in no paper.
public struct SPIRTLight: TrainingFramework {
  private static let queue = "synchronization"

  private let job: TrainingJob
  private let habits: Habits
  private let function: Function
  private let broker: MessageBroker
  private let rounds: Rounds
  private let aggregator: Aggregator
  private let pollInterval: Duration
  private let patience: Duration
  private let reusesRound: Bool

  /// Registers the function and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    function = try job.region.functions.register(job.configuration.function)
    let store = try job.region.objectStore("averages", kind: job.configuration.objectStore)
    habits = try Habits(Self.habits, of: job, around: store)
    broker = try job.region.broker("spirt-light")
    broker.declareQueue(Self.queue)
    rounds = Rounds(job.steps, of: options.integer(Self.minibatchesPerRound))
    aggregator = Self.aggregation.aggregator(options, workers: job.workers.count)
    pollInterval = options.duration(Self.pollInterval)
    patience = options.duration(Self.patience)
    reusesRound = options.choice(Self.names) == "reused"
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachWorker { worker in
      try await job.invoke(function, for: worker) { worker in
        try worker.allocate(bytes: job.gradientBytes)  // the sum of a round's gradients
        defer { worker.free(bytes: job.gradientBytes) }
        try await habits.begin(as: worker)
        for round in rounds { try await take(round, as: worker) }
      }
    }
  }

  private func take(_ round: Round, as worker: Worker) async throws {
    // 1 to 3. Average the gradients of the round's minibatches.
    let average = try await averageGradients(of: round, as: worker)
    // 4. Send the average to the object store.
    try await put(average, at: averageFolder(round) + "\(worker.rank)", as: worker)
    // 5. Notify completion through the synchronization queue.
    worker.begin(.wait)
    try await broker.send(Payload(byteCount: 100), to: Self.queue)
    // 6 to 8. When all are there, retrieve the averages of all workers and aggregate them.
    let isInTime = try await meet(after: round)
    if !isInTime { job.note("a worker went on with its own average: from then on, models differ") }
    let aggregate = isInTime ? try await collect(round, as: worker) : average
    try await put(aggregate, at: "merged/\(round.number)/\(worker.rank)", as: worker)
    // 9. Update the local model.
    try await worker.updateModel(with: aggregate)
    if reusesRound, worker.isMaster {
      worker.begin(.wait)
      try await broker.purge(Self.queue)
    }
    try await habits.end(round.steps[0], as: worker)
    for step in round.steps { try worker.finish(step) }
  }

  /// Steps 1 to 3, one minibatch after the other.
  private func averageGradients(of round: Round, as worker: Worker) async throws -> [Float] {
    var gradients = GradientAccumulator()
    for step in round.steps {
      // 1. Fetch a minibatch.
      let minibatch = try await habits.fetchMinibatch(of: step, for: worker)
      // 2. Compute its gradient, and store it, though nobody reads it again.
      let gradient = try await worker.computeGradient(of: minibatch).values
      try await put(gradient, at: "gradient/\(step.number)/\(worker.rank)", as: worker)
      // 3. Add it to the others of the round.
      worker.begin(.aggregate)
      try await worker.process(bytes: 3 * job.gradientBytes)
      gradients.add(gradient)
    }
    return gradients.takeMean()
  }

  /// Step 6: polls the queue until it has a message of every worker; nobody takes one out.
  ///
  /// - Returns: Whether all came in time.
  private func meet(after round: Round) async throws -> Bool {
    let expected = job.workers.count * (reusesRound ? 1 : round.number + 1)
    let deadline = job.simulation.now + patience
    while try await broker.messageCount(of: Self.queue) < expected {
      if job.simulation.now >= deadline { return false }
      try await job.simulation.sleep(for: pollInterval)
    }
    return true
  }

  /// Steps 7 and 8; who has died is missing here, though others have sent enough messages.
  private func collect(_ round: Round, as worker: Worker) async throws -> [Float] {
    worker.begin(.download)
    var averages = [[Float]?](repeating: nil, count: job.workers.count)
    for key in try await habits.client().list(prefix: averageFolder(round)) {
      // 7. Retrieve the average of a worker, its own as well.
      worker.begin(.download)
      let payload = try await habits.client().get(key)
      try await worker.process(bytes: payload.byteCount)
      averages[rankNamed(by: key)] = payload.floats
      try await aggregator.take(bytes: payload.byteCount, as: worker)
    }
    // 8. Aggregate them.
    let nothing = Minibatch(step: round.steps[0], count: 0, samples: [])
    return try await aggregator.finish(
      averages.compactMap(\.self), bytes: job.gradientBytes, on: nothing, as: worker)
  }

  private func put(_ vector: [Float], at key: String, as worker: Worker) async throws {
    worker.begin(.upload)
    try await worker.process(bytes: job.gradientBytes)
    let payload = Payload(byteCount: job.gradientBytes, contents: vector)
    try await habits.sameClient.put(payload, at: key)
  }

  private func averageFolder(_ round: Round) -> String {
    reusesRound ? "average/" : "average/\(round.number)/"
  }
}

/// What a scenario may say about it.
extension SPIRTLight {
  private static let code = "AmineBarrak/TrainingML_P2P_Serverless 35c2fa4, SPIRT_light"

  /// How many minibatches make a round.
  static let minibatchesPerRound = FrameworkOption(
    "minibatches-per-round", .integer(1...1000), default: .integer(4), source: code,
    "How many gradients a worker averages before an exchange.")
  /// How long to wait before asking again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.zero ... .seconds(60)), default: .duration(.seconds(1)),
    source: code, "Pause between two looks at the synchronization queue.")
  /// How long a worker waits for the others.
  static let patience = FrameworkOption(
    "patience", .duration(.zero ... .seconds(86_400)), default: .duration(.seconds(500)),
    source: code, "How long a worker waits for the others before it goes on with its own average.")
  /// Whether rounds have keys and messages of their own.
  static let names = FrameworkOption(
    "round-names", .choice(["own", "reused"]), default: .choice("own"),
    released: .choice("reused"), source: "released: \(code)",
    "own: every round has its keys, and messages are counted on; reused: averages are written over "
      + "and worker 0 empties the queue after its round, whoever has still to look at it.")
  static let habits = HabitOptions(releasedLogLines: 9, each: "round")
  static let aggregation = AggregationOptions(
    released: "sum", source: "SPIRT's mean; released: \(code) adds",
    refusing: [
      "trimmed-mean": fewer, "krum": fewer, "multi-krum": fewer, "meamed": fewer, "zeno": fewer,
    ])
  private static let fewer =
    "there may be fewer averages than it needs; median goes, and spirt changes to it where it must"

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "spirt-light",
    summary: "SPIRT as one function a worker, with an object store in place of databases.",
    source: code,
    variants: [FrameworkDeclaration.published, FrameworkDeclaration.released],
    options: [minibatchesPerRound, pollInterval, patience, names] + aggregation.all + habits.all)

  /// What does not go together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    aggregation.conflicts(in: arrangement)
  }
}
