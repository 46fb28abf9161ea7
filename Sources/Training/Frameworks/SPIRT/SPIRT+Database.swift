internal import Cloud
internal import Learning

/// The gradient of one minibatch as it lies in the database.
struct SlottedGradient {
  /// The place of the minibatch in its round: sums are made in this order.
  let slot: Int
  let values: [Float]
}

/// Averages and updates: inside the database, or outside for comparison.
extension SPIRT {
  /// The average is made inside the database, and no gradient leaves it; in the released code the
  /// average does, and comes back.
  func averageInDatabase(_ round: Round, in function: Worker, of peer: Peer) async throws {
    let encoding = settings.encoding
    if settings.isReleasedWorkflow {
      try await peer.database.run("load script", work: ServerWork(bytes: 0)) {}
    }
    let read = round.steps.count * encoding.gradientBytes
    let mean = try await peer.database.run(
      "average", work: ServerWork(bytes: Int64(encoding.work(read) + job.gradientBytes)),
      reply: settings.returnsAverage ? encoding.averageBytes : 0
    ) {
      let mean = average(of: round, in: peer)
      if !settings.returnsAverage { try complete(round, with: mean, of: peer) }
      return mean
    }
    if settings.returnsAverage {
      try await function.process(bytes: encoding.work(encoding.averageBytes))
      try await store(mean, of: round, in: function, of: peer)
    }
  }

  /// What in-database averaging is compared with: fetch the gradients, average, store.
  func averageInFunction(_ round: Round, in function: Worker, of peer: Peer) async throws {
    let read = round.steps.count * settings.encoding.gradientBytes
    _ = try await peer.database.elements(of: gradientsKey(round))
    try await function.process(bytes: settings.encoding.work(read))
    try await function.process(bytes: 3 * (round.steps.count - 1) * job.gradientBytes)
    try await store(average(of: round, in: peer), of: round, in: function, of: peer)
  }

  private func average(of round: Round, in peer: Peer) -> [Float] {
    let gradients = peer.database.list(gradientsKey(round)).compactMap {
      $0.contents as? SlottedGradient
    }
    return Vectors.mean(gradients.sorted { $0.slot < $1.slot }.map(\.values))
  }

  private func store(
    _ average: [Float], of round: Round, in function: Worker, of peer: Peer
  ) async throws {
    try await function.process(bytes: job.gradientBytes)
    try await peer.database.set(
      Payload(byteCount: job.gradientBytes, contents: average), at: averageKey(round.number))
    try complete(round, with: average, of: peer)
  }

  /// Notes inside the database that a round's average is there, and forgets what nobody reads.
  ///
  /// - Throws: `LeftOut` where others have given the peer up, and go on without its average.
  private func complete(_ round: Round, with average: [Float], of peer: Peer) throws {
    if peer.status.isLeftOut { throw LeftOut(rank: peer.rank) }
    peer.database[averageKey(round.number)] = Payload(
      byteCount: job.gradientBytes, contents: average)
    peer.status.averagedRound = round.number
    if !settings.isReleasedWorkflow { peer.database[gradientsKey(round)] = nil }
    // Whoever still reads is at most one round behind.
    peer.database[averageKey(round.number - 2)] = nil
  }

  /// The optimizer runs inside the database: only the command goes there.
  func updateInDatabase(of peer: Peer) async throws {
    try await peer.database.run("update", work: ServerWork(bytes: Int64(job.updateBytes))) {
      peer.worker.replica.update(with: peer.database.vector(at: "aggregate"))
      peer.database["model"] = peer.model(bytes: job.gradientBytes)
    }
  }

  /// What in-database updates are compared with: fetch gradient, model and optimizer, store.
  func updateInFunction(_ function: Worker, of peer: Peer) async throws {
    let gradient = try await peer.database.get("aggregate").floats
    _ = try await peer.database.get("model")
    if optimizerBytes > 0 { _ = try await peer.database.get("optimizer") }
    try await function.process(bytes: 2 * job.gradientBytes + optimizerBytes)
    try await function.updateModel(with: gradient)
    try await function.process(bytes: job.gradientBytes + optimizerBytes)
    try await peer.database.set(peer.model(bytes: job.gradientBytes), at: "model")
    if optimizerBytes > 0 {
      try await peer.database.set(Payload(byteCount: optimizerBytes), at: "optimizer")
    }
  }

  /// The optimizer's state, which functions have to fetch and store.
  var optimizerBytes: Int { job.gradientBytes * job.configuration.optimizer.stateVectors }

  func gradientsKey(_ round: Round) -> String { "gradients/\(round.number)" }

  func averageKey(_ number: Int) -> String { "average/\(number)" }
}
