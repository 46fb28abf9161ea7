internal import Cloud
internal import SimulationKernel

/// The barrier among the peers.
extension SPIRT {
  /// Waits until the queue holds a message of every peer for every round.
  ///
  /// The count is approximate and messages may be lost: when it has stayed too low for the
  /// heartbeat's timeout, the peers' databases say who has finished the round.
  func meet(after round: Round, in function: Worker, of peer: Peer) async throws {
    let before = peer.expectedMessages
    peer.expectedMessages += companions(of: peer, in: round).count
    let deadline = job.simulation.now + settings.heartbeatTimeout
    while true {
      let count = try await synchronization.approximateCount()
      if count >= peer.expectedMessages { return }
      if settings.leavesOutTheDead, job.simulation.now >= deadline {
        try await leaveOutTheSilent(after: round, in: peer)
        peer.expectedMessages = min(count, before + companions(of: peer, in: round).count)
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
}
