internal import Cloud
internal import SimulationKernel

/// The peers that are there from the beginning.
final class Founders {
  /// Their end, which comes when the last of them has ended or gone.
  let end: Signal
  private var count: Int

  init(_ count: Int, in simulation: Simulation) {
    self.count = count
    end = Signal(simulation, name: "the end of the training")
  }

  /// One of them has ended.
  func noteEnd() {
    count -= 1
    if count == 0 { end.fire() }
  }
}

/// Peers that come when the others have begun.
extension SPIRT {
  /// Lets a peer in that comes later; returns its first round, which is 0 for the others.
  ///
  /// It asks a database how far the others are, tells everybody from which round on to count on it
  /// and takes over the model when the round before has ended.
  func join(_ peer: Peer) async throws -> Int {
    if !peer.worker.isAbsent { return 0 }
    peer.worker.begin(.wait)
    guard try await isAwaited(peer) else { return rounds.count }
    return try await job.invoke(controlFunction, for: peer.worker) { function in
      function.begin(.wait)
      let sponsor = try await sponsor(of: peer)
      // The others are at most one round ahead of the sponsor: all of them read this in time.
      let first = try await status(of: sponsor).averagedRound + 2
      guard first < rounds.count else {
        job.note("peer \(peer.rank) came too late to join: no round was left")
        return rounds.count
      }
      try await announce(peer, from: first)
      while try await status(of: sponsor).finishedRound < first - 1 { try await pause() }
      try await takeOver(from: sponsor, in: function, of: peer)
      job.note("peer \(peer.rank) joined in round \(first)")
      peer.worker.isAbsent = false
      return first
    }
  }

  /// Waits until a peer is to join; returns false when the others have ended before.
  private func isAwaited(_ peer: Peer) async throws -> Bool {
    do {
      try await job.simulation.withTimeout(settings.joinAt) { try await founders.end.wait() }
    } catch is TimedOut {
      return true
    }
    job.note("peer \(peer.rank) came too late to join: the others had ended")
    return false
  }

  /// The first peer whose database answers, and that nobody has given up.
  private func sponsor(of peer: Peer) async throws -> Peer {
    for candidate in peers.dropLast(settings.joiningPeers) {
      do {
        if try await !status(of: candidate).isLeftOut { return candidate }
      } catch is ServiceUnavailable {}
    }
    return peers[0]  // which does not answer: asking it on will say so
  }

  private func status(of peer: Peer) async throws -> Peer.Status {
    try await peer.database.run("status", work: ServerWork(bytes: 0), reply: Peer.statusBytes) {
      peer.status
    }
  }

  private func announce(_ peer: Peer, from firstRound: Int) async throws {
    let newcomer = Peer.Newcomer(rank: peer.rank, firstRound: firstRound)
    for other in peers {
      do {
        try await other.database.append(
          Payload(byteCount: Peer.statusBytes, contents: newcomer), to: "newcomers")
      } catch is ServiceUnavailable where other !== peer {}
    }
  }

  /// Copies the model with its optimizer's state, and what the sponsor knows of the others.
  private func takeOver(
    from sponsor: Peer, in function: Worker, of peer: Peer
  ) async throws {
    function.begin(.download)
    _ = try await sponsor.database.get("model")
    let status = try await status(of: sponsor)
    peer.worker.replica.adopt(sponsor.worker.replica)
    (peer.expectedMessages, peer.progress) = (status.messages, status.progress)
    peer.leftOut = sponsor.leftOut
    try await function.process(bytes: job.gradientBytes)
    function.begin(.upload)
    try await function.process(bytes: job.gradientBytes)
    try await peer.database.set(peer.model(bytes: job.gradientBytes), at: "model")
    try await readNewcomers(of: peer)
  }

  /// Reads who has joined, where somebody may.
  func readNewcomers(of peer: Peer) async throws {
    if settings.joiningPeers == 0 { return }
    peer.newcomers = try await peer.database.elements(of: "newcomers").compactMap {
      $0.contents as? Peer.Newcomer
    }
  }
}
