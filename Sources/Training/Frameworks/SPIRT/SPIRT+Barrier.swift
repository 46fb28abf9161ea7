internal import Cloud
internal import SimulationKernel

/// The barrier among the peers, and what happens to those who do not come.
extension SPIRT {
  /// Waits until the queue holds a message of every peer for every round.
  ///
  /// The count is approximate and messages may be lost: when it has stayed too low for the
  /// heartbeat's timeout, the peers' databases say who has finished the round.
  func meet(after round: Round, in function: Worker, of peer: Peer) async throws {
    let before = peer.expectedMessages
    peer.expectedMessages += companions(of: peer).count
    let deadline = job.simulation.now + settings.heartbeatTimeout
    while true {
      let count = try await synchronization.approximateCount()
      if count >= peer.expectedMessages { return }
      if settings.leavesOutTheDead, job.simulation.now >= deadline {
        try await leaveOutTheSilent(after: round, in: peer)
        peer.expectedMessages = min(count, before + companions(of: peer).count)
        return
      }
      try await pause()
    }
  }

  /// As released: counts nothing but the present round, without ever giving up.
  func meetExactly(in peer: Peer) async throws {
    while try await synchronization.approximateCount() != peers.count { try await pause() }
  }

  /// As released: peer 0 empties the queue for the next round.
  func purge(in peer: Peer) async throws {
    let count = try await synchronization.approximateCount()
    if peer.rank == 0, count > 0 { try await synchronization.purge() }
  }

  func pause() async throws {
    if settings.pollInterval > .zero {
      try await job.simulation.sleep(for: settings.pollInterval)
    }
  }

  // MARK: - Who is there

  /// The ranks of all peers that this one counts on, itself among them.
  func companions(of peer: Peer) -> [Int] {
    peer.leftOut.isEmpty
      ? Array(peers.indices) : peers.indices.filter { !peer.leftOut.contains($0) }
  }

  /// Runs a peer's part; one that is left out, or has lost its database, is simply gone.
  func unlessGone(_ peer: Peer, _ body: (Peer) async throws -> Void) async throws {
    do { try await body(peer) } catch let failure as JobFailure
      where failure.cause is LeftOut || peer.database.isCrashed
    {
      job.note("peer \(peer.rank) went away: \(failure.cause)")
      peer.worker.crash()
    }
  }

  /// The heartbeat before aggregation: every other database must answer.
  func checkHeartbeat(_ round: Round, in function: Worker, of peer: Peer) async throws {
    function.begin(.wait)
    if settings.isReleasedWorkflow { try await repeatHeartbeat(round, in: function, of: peer) }
    for rank in companions(of: peer) where rank != peer.rank {
      try await openTunnel(in: function)
      do {
        try await peers[rank].database.ping()
        if settings.isReleasedWorkflow { try await peers[rank].database.ping() }
      } catch let failure as ServiceUnavailable where settings.leavesOutTheDead {
        leaveOut(rank, by: peer, because: "\(failure)")
      }
    }
  }

  /// Asks all databases who has finished the round, and leaves out who has not.
  private func leaveOutTheSilent(after round: Round, in peer: Peer) async throws {
    for rank in companions(of: peer) where rank != peer.rank {
      do {
        if try await isGivenUp(peers[rank], in: round) {
          leaveOut(rank, by: peer, because: "round \(round.number) is not finished")
        }
      } catch let failure as ServiceUnavailable {
        leaveOut(rank, by: peer, because: "\(failure)")
      }
    }
  }

  /// Whether a peer is given up, decided inside its own database: all who ask agree, and the peer
  /// hears of it before it offers another average.
  ///
  /// - Parameter isLate: whether the caller has waited long enough to give it up itself.
  private func isGivenUp(_ peer: Peer, in round: Round, isLate: Bool = true) async throws -> Bool {
    try await peer.database.run(
      "heartbeat", work: ServerWork(bytes: 0), reply: Peer.statusBytes
    ) {
      if isLate, peer.status.averagedRound < round.number { peer.status.isLeftOut = true }
      return peer.status.isLeftOut
    }
  }

  private func leaveOut(_ rank: Int, by peer: Peer, because reason: String) {
    if peers.allSatisfy({ !$0.leftOut.contains(rank) }) {
      job.note("peer \(rank) was left out by the others, first by peer \(peer.rank): \(reason)")
    }
    peer.leftOut.insert(rank)
  }

  /// A peer's average of a round; nil where the peer has gone in the meantime.
  ///
  /// A peer that was counted too early is asked again, unless somebody has given it up.
  func fetchAverage(
    of round: Round, from other: Peer, in function: Worker, of peer: Peer
  ) async throws -> [Float]? {
    if other === peer || !settings.leavesOutTheDead {
      return try await other.database.get(averageKey(round.number)).floats
    }
    let deadline = job.simulation.now + settings.heartbeatTimeout
    do {
      while true {
        do {
          return try await other.database.get(averageKey(round.number)).floats
        } catch is NoSuchKey {
          if try await isGivenUp(peer, in: round, isLate: false) { throw LeftOut(rank: peer.rank) }
        }
        let isLate = job.simulation.now >= deadline
        if try await isGivenUp(other, in: round, isLate: isLate) {
          leaveOut(other.rank, by: peer, because: "it has no average of round \(round.number)")
          return nil
        }
        try await job.simulation.sleep(for: max(settings.pollInterval, .milliseconds(1)))
      }
    } catch let failure as ServiceUnavailable {
      leaveOut(other.rank, by: peer, because: "\(failure)")
      return nil
    }
  }
}
