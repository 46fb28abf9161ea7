internal import Cloud
internal import Learning
internal import SimulationKernel

/// SPIRT: peers with a database of their own, driven by a serverless workflow.
///
/// Each peer computes the gradients of several minibatches in parallel functions, averages them
/// inside its database, meets the others at a synchronization queue, and updates the model
/// inside the database: gradients travel once between peers in a round of many minibatches.
///
/// Source: Barrak et al., "SPIRT: A Fault-Tolerant and Reliable Peer-to-Peer Serverless ML
/// Training Architecture", arXiv 2309.14148, section 4.
public struct SPIRT: TrainingFramework {
  /// How many minibatches make one model update.
  static let minibatchesPerRound = FrameworkOption(
    "minibatches-per-round", .integer(1...1000), default: .integer(4),
    source: "AmineBarrak/TrainingML_P2P_Serverless 35c2fa4, SPIRT_light: four minibatches a round",
    "Minibatches whose gradients a peer computes in parallel for one model update.")
  /// How long to wait before asking the synchronization queue again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.milliseconds(1)...(.seconds(60))),
    default: .duration(.milliseconds(100)),
    source: "assumed; the released code asks without a pause",
    "Pause between two requests for the number of messages in the synchronization queue.")
  /// The server of a peer's database.
  static let databaseHost = FrameworkOption(
    "database-host", .choice(["t3.medium", "t3.large", "m5.large", "c5.large", "c5.xlarge"]),
    default: .choice("t3.medium"), source: "assumed; the paper names no instance type",
    "Instance type of the virtual machine that runs a peer's database.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "spirt",
    summary: "Peers average and update inside databases of their own, driven by a workflow.",
    source: "SPIRT, arXiv 2309.14148",
    options: [minibatchesPerRound, pollInterval, databaseHost])

  private let job: TrainingJob
  private let computeFunction: Function
  private let controlFunction: Function
  private let databases: [MemoryStore]
  private let synchronization: MessageQueue
  private let rounds: [Round]
  private let pollInterval: Duration

  /// Registers the functions and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    let options = job.configuration.options
    pollInterval = options.duration(Self.pollInterval)
    var function = job.configuration.function
    function.name = "compute-gradient"
    computeFunction = try job.region.functions.register(function)
    function.name = "control"
    controlFunction = try job.region.functions.register(function)
    let host = MemoryStore.Host.ec2(options.choice(Self.databaseHost))
    databases = try job.workers.map { try job.region.memoryStore("database \($0.rank)", on: host) }
    synchronization = try job.region.queue("synchronization")
    rounds = Round.cut(job.steps, into: options.integer(Self.minibatchesPerRound))
    for worker in job.workers {
      databases[worker.rank]["model"] = model(of: worker)
    }
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachWorker { peer in
      for round in rounds { try await execute(round, as: peer) }
    }
  }

  /// One execution of the workflow: one round of one peer.
  private func execute(_ round: Round, as peer: Worker) async throws {
    let workflow = try job.region.workflow(SPIRT.stateMachine(minibatches: round.steps.count))
    peer.begin(.orchestrate)
    var tasks: [String: (JSONValue) async throws -> JSONValue] = [:]
    func state(_ name: String, _ body: @escaping (Worker) async throws -> Void) {
      tasks[name] = { input in
        try await job.invoke(controlFunction, for: peer, body)
        return input
      }
    }
    tasks["compute-gradient"] = { input in
      let index = input.minibatchIndex
      try await job.invoke(computeFunction, for: peer) { branch in
        try await computeGradient(of: round.steps[index], slot: index, as: branch)
      }
      return input
    }
    state("average-gradients") { try await averageGradients(of: round, as: $0) }
    state("synchronize") { try await synchronize(after: round, as: $0) }
    state("aggregate") { try await aggregate(round, as: $0) }
    state("update-model") { try await updateModel(after: round, as: $0) }
    do {
      _ = try await workflow.start(
        input: [:], named: "peer \(peer.rank), round \(round.number)", tasks: tasks)
    } catch let failure as WorkflowFailed {
      throw failure.underlying ?? failure  // what a function of the peer died of
    }
    peer.conclude()
  }

  /// Steps 1 to 3, one function for each minibatch of the round.
  private func computeGradient(of step: Step, slot: Int, as branch: Worker) async throws {
    let database = databases[branch.rank]
    branch.begin(.download)
    _ = try await database.get("model")
    try await branch.process(bytes: job.gradientBytes)
    // 1. Fetch the minibatch.
    let minibatch = try await branch.fetchMinibatch(of: step)
    // 2. Compute its gradient, in parallel with the other minibatches of the round.
    let gradient = try await branch.computeGradient(of: minibatch)
    // 3. Store the gradient in the peer's database.
    branch.begin(.upload)
    try await branch.process(bytes: job.gradientBytes)
    try await database.set(
      Payload(byteCount: job.gradientBytes, contents: gradient.values), at: "gradient/\(slot)")
  }

  /// Step 4: the average is made inside the database; no gradient leaves it.
  private func averageGradients(of round: Round, as peer: Worker) async throws {
    let database = databases[peer.rank]
    let slots = round.steps.indices.map { "gradient/\($0)" }
    // 4. Average the gradients within the database.
    peer.begin(.aggregate)
    try await database.run(
      "average", work: ServerWork(bytes: Int64((slots.count + 1) * job.gradientBytes))
    ) {
      database[averageKey(round)] = Payload(
        byteCount: job.gradientBytes, contents: Vectors.mean(slots.map(database.vector)))
    }
  }

  /// Steps 5 and 6: the barrier among the peers.
  private func synchronize(after round: Round, as peer: Worker) async throws {
    // 5. Notify completion through the synchronization queue.
    peer.begin(.wait)
    try await synchronization.send(Payload(byteCount: 100, contents: peer.rank))
    // 6. Poll the queue. Nothing is ever deleted from it, so its length tells how many peers
    // have finished this round: one message a peer and round.
    let expected = job.workers.count * (round.number + 1)
    while try await synchronization.approximateCount() < expected {
      try await job.simulation.sleep(for: pollInterval)
    }
  }

  /// Steps 7 and 8, in a function.
  private func aggregate(_ round: Round, as peer: Worker) async throws {
    // 7. Retrieve the averaged gradients from the databases of all peers.
    var averages: [[Float]] = []
    for database in databases {
      peer.begin(.download)
      averages.append(try await database.get(averageKey(round)).floats)
      try await peer.process(bytes: job.gradientBytes)
    }
    // 8. Aggregate these averages.
    peer.begin(.aggregate)
    try await peer.process(bytes: 3 * averages.count * job.gradientBytes)
    peer.begin(.upload)
    try await peer.process(bytes: job.gradientBytes)
    try await databases[peer.rank].set(
      Payload(byteCount: job.gradientBytes, contents: Vectors.mean(averages)), at: "aggregate")
  }

  /// Step 9: the optimizer runs inside the database as well.
  private func updateModel(after round: Round, as peer: Worker) async throws {
    let database = databases[peer.rank]
    // 9. Update the local model within the database.
    peer.begin(.update)
    try await database.run("update", work: ServerWork(bytes: Int64(job.updateBytes))) {
      peer.replica.update(with: database.vector(at: "aggregate"))
      database["model"] = model(of: peer)
    }
    for step in round.steps { try peer.finish(step) }
  }

  private func model(of peer: Worker) -> Payload {
    Payload(byteCount: job.gradientBytes, contents: peer.replica.parameters)
  }

  /// Two keys are enough: nobody can be two rounds ahead of a peer that still reads.
  private func averageKey(_ round: Round) -> String { "average/\(round.number % 2)" }
}

/// The minibatches between two model updates.
struct Round {
  let number: Int
  let steps: [Step]

  /// Cuts every epoch into rounds of `size` steps; the last round of an epoch may be short.
  static func cut(_ steps: [Step], into size: Int) -> [Round] {
    var rounds: [Round] = []
    for step in steps {
      if step.index.isMultiple(of: size) {
        rounds.append(Round(number: rounds.count, steps: [step]))
      } else {
        let last = rounds.removeLast()
        rounds.append(Round(number: last.number, steps: last.steps + [step]))
      }
    }
    return rounds
  }
}
