internal import Cloud
internal import Learning
internal import SimulationKernel

/// SPIRT: peers with a database of their own, driven by a serverless workflow.
///
/// Each peer computes the gradients of several minibatches in parallel functions, averages them
/// inside its database, meets the others at a synchronization queue, and updates the model
/// inside the database: gradients travel once between peers in a round of many minibatches. A
/// peer that does not answer is left out, and the others go on.
///
/// Source: Barrak et al., "SPIRT: A Fault-Tolerant and Reliable Peer-to-Peer Serverless ML
/// Training Architecture", arXiv 2309.14148, section 4.
public struct SPIRT: TrainingFramework {
  let job: TrainingJob
  let settings: Settings
  let peers: [Peer]
  let synchronization: MessageQueue
  let controlFunction: Function
  let rounds: Rounds
  let validation: Validation?
  let founders: Founders
  private let computeFunction: Function
  private let workflows: [Int: Workflow]
  let memo = AggregateMemo()

  /// Registers the functions and opens the services of the protocol.
  public init(_ job: TrainingJob) throws {
    self.job = job
    settings = Settings(job)
    var function = job.configuration.function
    function.name = "compute-gradient"
    computeFunction = try job.region.functions.register(function)
    function.name = "control"
    controlFunction = try job.region.functions.register(function)
    let options = job.configuration.options
    let host = MemoryStore.Host.ec2(options.choice(Self.databaseHost))
    peers = try job.workers.map {
      Peer($0, try job.region.memoryStore("database \($0.rank)", on: host))
    }
    synchronization = try job.region.queue("synchronization")
    rounds = Rounds(job.steps, of: options.integer(Self.minibatchesPerRound))
    var workflows: [Int: Workflow] = [:]
    for minibatches in rounds.lengths where workflows[minibatches] == nil {
      workflows[minibatches] = try job.region.workflow(
        SPIRT.stateMachine(
          minibatches: minibatches, isReleased: settings.isReleasedWorkflow,
          checksConvergence: settings.checksConvergence))
    }
    self.workflows = workflows
    validation = settings.checksConvergence ? try Validation(job) : nil
    founders = Founders(peers.count - settings.joiningPeers, in: job.simulation)
    for peer in peers.suffix(settings.joiningPeers) { peer.worker.isAbsent = true }
    if Self.outwaitsFunctions(in: job.configuration.arrangement) {
      job.note("heartbeat-timeout: \(Self.outwaiting)")
    }
    for peer in peers {
      peer.database["model"] = peer.model(bytes: job.gradientBytes)
      if !settings.isInDatabase {
        peer.database["optimizer"] = Payload(byteCount: optimizerBytes)
      }
      job.onCrash(of: .database(peer.rank)) { peer.database.crash() }
    }
  }

  /// Trains until the last worker has ended.
  public func train() async throws {
    try await job.forEachWorker { worker in
      let isFounder = !worker.isAbsent
      defer { if isFounder { founders.noteEnd() } }
      try await unlessGone(peers[worker.rank]) { peer in
        if settings.isReleasedWorkflow { try await introduce(peer) }
        for round in rounds[try await join(peer)...] where !peer.progress.hasConverged {
          try await execute(round, of: peer)
        }
      }
    }
  }

  /// One execution of the workflow: one round of one peer.
  private func execute(_ round: Round, of peer: Peer) async throws {
    guard let workflow = workflows[round.steps.count] else {
      preconditionFailure("every length of a round has its workflow")
    }
    peer.worker.begin(.orchestrate)
    do {
      _ = try await workflow.start(
        input: ["peer": .integer(Int64(peer.rank)), "round": .integer(Int64(round.number))],
        named: "peer \(peer.rank), round \(round.number)", tasks: tasks(of: round, peer))
    } catch let failure as WorkflowFailed {
      throw failure.underlying ?? failure  // what a function of the peer died of
    }
    peer.worker.conclude()
  }

  /// The functions that the states of an execution call.
  private func tasks(of round: Round, _ peer: Peer) -> Workflow.Tasks {
    typealias Body = (Worker) async throws -> Void
    func control(_ body: @escaping Body) -> (JSONValue) async throws -> JSONValue {
      { input in
        try await job.invoke(controlFunction, for: peer.worker, body)
        return input
      }
    }
    return [
      Resource.authenticate: control { try await authenticate(peer, in: $0) },
      Resource.computeGradient: { input in
        let slot = input.minibatch
        try await job.invoke(computeFunction, for: peer.worker) { branch in
          try await computeGradient(of: round, slot: slot, in: branch, of: peer)
        }
        return input
      },
      Resource.averageGradients: control { function in
        try await averageGradients(of: round, in: function, of: peer)
        if settings.isReleasedWorkflow { try await synchronize(round, in: function, of: peer) }
      },
      Resource.synchronize: control { try await synchronize(round, in: $0, of: peer) },
      Resource.checkHeartbeat: control { try await checkHeartbeat(round, in: $0, of: peer) },
      Resource.aggregate: control { try await aggregate(round, in: $0, of: peer) },
      Resource.updateModel: control { try await updateModel(after: round, in: $0, of: peer) },
      Resource.checkConvergence: control {
        try await checkConvergence(after: round, in: $0, of: peer)
      },
      Resource.triggerNext: control { try await triggerNext(peer, in: $0) },
    ]
  }

  /// Steps 1 to 3, one function for each minibatch of the round.
  private func computeGradient(
    of round: Round, slot: Int, in branch: Worker, of peer: Peer
  ) async throws {
    branch.begin(.download)
    _ = try await peer.database.get("model")
    try await branch.process(bytes: job.gradientBytes)
    // 1. Fetch the minibatch.
    let minibatch = try await branch.fetchMinibatch(of: round.steps[slot])
    // 2. Compute its gradient, in parallel with the other minibatches of the round.
    let gradient = try await branch.computeGradient(of: minibatch)
    // 3. Store the gradient in the peer's database.
    branch.begin(.upload)
    let bytes = settings.encoding.gradientBytes
    try await branch.process(bytes: settings.encoding.work(bytes))
    try await peer.database.append(
      Payload(byteCount: bytes, contents: SlottedGradient(slot: slot, values: gradient.values)),
      to: gradientsKey(round))
    if settings.isReleasedWorkflow { try await noteTime(of: slot, in: peer) }
  }

  /// Step 4.
  private func averageGradients(
    of round: Round, in function: Worker, of peer: Peer
  ) async throws {
    // 4. Average the gradients within the database; or outside, to see what that costs.
    function.begin(.aggregate)
    try await openTunnel(in: function)
    if settings.isInDatabase {
      try await averageInDatabase(round, in: function, of: peer)
    } else {
      try await averageInFunction(round, in: function, of: peer)
    }
  }

  /// Steps 5 and 6: the barrier among the peers.
  private func synchronize(_ round: Round, in function: Worker, of peer: Peer) async throws {
    // 5. Notify completion through the synchronization queue.
    function.begin(.wait)
    try await synchronization.send(Payload(byteCount: 100, contents: peer.rank))
    // 6. Poll the queue until all peers are there. Nobody takes a message out of it.
    if settings.isPurging {
      try await meetExactly(in: peer)
    } else {
      try await meet(after: round, in: function, of: peer)
    }
    if settings.settlePause > .zero { try await job.simulation.sleep(for: settings.settlePause) }
    if settings.isPurging { try await purge(in: peer) }
  }

  /// Steps 7 and 8, in a function.
  private func aggregate(_ round: Round, in function: Worker, of peer: Peer) async throws {
    try await openTunnel(in: function)
    if settings.isReleasedWorkflow { try await readPeers(of: peer) }
    // 7. Retrieve the averaged gradients from the databases of all peers.
    var averages: [[Float]] = []
    var ranks: [Int] = []
    for rank in companions(of: peer, in: round) {
      function.begin(.download)
      let average = try await fetchAverage(of: round, from: peers[rank], in: function, of: peer)
      guard let average else { continue }
      try await function.process(bytes: job.gradientBytes)
      averages.append(average)
      ranks.append(rank)
    }
    // 8. Aggregate these averages.
    let aggregate = try await combine(averages, of: ranks, in: round, by: function)
    function.begin(.upload)
    try await function.process(bytes: job.gradientBytes)
    try await peer.database.set(
      Payload(byteCount: job.gradientBytes, contents: aggregate), at: "aggregate")
  }

  /// Step 9.
  private func updateModel(
    after round: Round, in function: Worker, of peer: Peer
  ) async throws {
    // 9. Update the local model within the database, where the optimizer runs as well.
    function.begin(.update)
    try await openTunnel(in: function)
    if settings.isInDatabase {
      try await updateInDatabase(of: peer)
    } else {
      try await updateInFunction(function, of: peer)
    }
    if !settings.checksConvergence { peer.finish(round) }
    for step in round.steps { try function.finish(step) }
  }
}
