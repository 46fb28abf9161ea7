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
      guard let (sponsor, status) = try await furthest(of: founding) else {
        job.note("peer \(peer.rank) found nobody to join")
        return rounds.count
      }
      // The others are at most one round ahead of the sponsor: all of them read this in time.
      let first = status.averagedRound + 2
      guard first < rounds.count else {
        job.note("peer \(peer.rank) came too late to join: no round was left")
        return rounds.count
      }
      try await announce(peer, from: first)
      guard try await takeOver(after: first - 1, from: sponsor, in: function, of: peer) else {
        job.note("peer \(peer.rank) came too late to join: nobody was left in its round \(first)")
        return rounds.count
      }
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

  /// The peers that are there from the beginning.
  private var founding: ArraySlice<Peer> { peers.dropLast(settings.joiningPeers) }

  /// The peer that is furthest, and how far, of those whose databases answer and that nobody has
  /// given up.
  private func furthest(
    of candidates: ArraySlice<Peer>
  ) async throws -> (Peer, Peer.Status)? {
    var best: (peer: Peer, status: Peer.Status)?
    for candidate in candidates {
      do {
        let status = try await status(of: candidate)
        if status.isLeftOut || status.averagedRound <= best?.status.averagedRound ?? -2 { continue }
        best = (candidate, status)
      } catch is ServiceUnavailable {}
    }
    return best
  }

  /// Waits until a sponsor has finished a round; one that dies meanwhile gives way to another.
  ///
  /// - Returns: Who has finished it; nil where all have ended, gone or gone on.
  private func finisher(of round: Int, first sponsor: Peer) async throws -> Peer? {
    var sponsor = sponsor
    var deadline = job.simulation.now + settings.heartbeatTimeout
    while !founders.end.hasFired {
      do {
        let status = try await status(of: sponsor)
        if status.finishedRound == round { return sponsor }
        if status.finishedRound > round { return nil }
        if job.simulation.now < deadline {
          try await pause()
          continue
        }
      } catch is ServiceUnavailable {}
      let others = founding.filter { $0 !== sponsor }[...]
      guard let (other, _) = try await furthest(of: others) else { return nil }
      sponsor = other
      deadline = job.simulation.now + settings.heartbeatTimeout
    }
    return nil
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

  /// Copies the model with its optimizer's state, and what the sponsor knows of the others, when a
  /// round has ended; returns whether that was possible before they went on.
  private func takeOver(
    after round: Int, from first: Peer, in function: Worker, of peer: Peer
  ) async throws -> Bool {
    guard let sponsor = try await finisher(of: round, first: first) else { return false }
    function.begin(.download)
    _ = try await sponsor.database.get("model")
    let status = try await status(of: sponsor)
    guard status.finishedRound == round else { return false }
    peer.worker.replica.adopt(sponsor.worker.replica)
    (peer.expectedMessages, peer.progress) = (status.messages, status.progress)
    peer.leftOut = sponsor.leftOut
    try await function.process(bytes: job.gradientBytes)
    function.begin(.upload)
    try await function.process(bytes: job.gradientBytes)
    try await peer.database.set(peer.model(bytes: job.gradientBytes), at: "model")
    try await readNewcomers(of: peer)
    return true
  }

  /// Reads who has joined, where somebody may.
  func readNewcomers(of peer: Peer) async throws {
    if settings.joiningPeers == 0 { return }
    peer.newcomers = try await peer.database.elements(of: "newcomers").compactMap {
      $0.contents as? Peer.Newcomer
    }
  }
}
