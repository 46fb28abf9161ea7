internal import Cloud
internal import SimulationKernel

/// Who is there, and what happens to those who are not.
extension SPIRT {
  /// The ranks of all peers that this one counts on in a round, itself among them.
  func companions(of peer: Peer, in round: Round) -> [Int] {
    let founders = 0..<peers.count - settings.joiningPeers
    let newcomers = peer.newcomers.filter { $0.firstRound <= round.number }.map(\.rank)
    return (founders + newcomers.sorted()).filter { !peer.leftOut.contains($0) }
  }

  /// Runs a peer's part; one that is left out, that has lost its database or finds nobody to join
  /// is simply gone.
  func unlessGone(_ peer: Peer, _ body: (Peer) async throws -> Void) async throws {
    do { try await body(peer) } catch let failure as JobFailure
      where failure.cause is LeftOut || peer.database.isCrashed
      || peer.worker.isAbsent
        && (failure.cause is ServiceUnavailable || failure.cause is FunctionTimedOut)
    {
      job.note("peer \(peer.rank) went away: \(failure.cause)")
      peer.worker.crash()
    }
  }

  /// The heartbeat before aggregation: every other database must answer.
  func checkHeartbeat(_ round: Round, in function: Worker, of peer: Peer) async throws {
    function.begin(.wait)
    if settings.isReleasedWorkflow { try await repeatHeartbeat(round, in: function, of: peer) }
    try await readNewcomers(of: peer)
    for rank in companions(of: peer, in: round) where rank != peer.rank {
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
  func leaveOutTheSilent(after round: Round, in peer: Peer) async throws {
    for rank in companions(of: peer, in: round) where rank != peer.rank {
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
