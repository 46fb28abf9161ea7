internal import Cloud
internal import SimulationKernel

/// What the released functions do beside the protocol, request by request.
///
/// Source: AmineBarrak/TrainingML_P2P_Serverless 16ebf17, folder SPIRT. Where the code cannot
/// run, this is what its state machine and its functions intend.
extension SPIRT {
  private static let keyBytes = 2048

  /// The functions init_peers and init_model, once before the first round.
  func introduce(_ peer: Peer) async throws {
    try await job.invoke(controlFunction, for: peer.worker) { function in
      function.begin(.upload)
      try await openTunnel(in: function)
      try await peer.database.set(Payload(byteCount: Self.keyBytes), at: "private_key")
      try await peer.database.set(Payload(byteCount: Self.keyBytes), at: "public_key")
      try await peer.database.delete(keys: ["trusted_peers"])
      for other in peers where other !== peer {
        try await inbox(of: other).send(Payload(byteCount: Self.keyBytes, contents: peer.rank))
      }
      try await job.invoke(controlFunction, for: function) { function in
        function.begin(.upload)
        try await function.process(bytes: job.gradientBytes)
        try await peer.database.set(peer.model(bytes: job.gradientBytes), at: "model")
        function.begin(.wait)
        try await job.simulation.sleep(for: settings.settlePause)
      }
    }
  }

  /// The first state: takes in up to ten peers that have introduced themselves.
  func authenticate(_ peer: Peer, in function: Worker) async throws {
    function.begin(.wait)
    let introductions = try await inbox(of: peer).receive(max: 10)
    for introduction in introductions { try await inbox(of: peer).delete(introduction) }
    if !introductions.isEmpty {
      try await peer.database.set(Payload(byteCount: Self.keyBytes), at: "trusted_peers")
    }
  }

  private func inbox(of peer: Peer) throws -> MessageQueue {
    try job.region.queue("waiting \(peer.rank)")
  }

  /// Every branch notes when it was done.
  func noteTime(of slot: Int, in peer: Peer) async throws {
    try await peer.database.set(Payload(byteCount: 32), at: "time/\(slot)")
  }

  /// The heartbeat asks a peer's own database for its keys three times, and clears the gradients.
  func repeatHeartbeat(_ round: Round, in function: Worker, of peer: Peer) async throws {
    for _ in 0..<3 {
      try await openTunnel(in: function)
      _ = try await peer.database.get("private_key")
      try await readPeers(of: peer)
      try await peer.database.ping()
      try await peer.database.ping()
      try await peer.database.delete(keys: [gradientsKey(round)])
    }
  }

  /// Reads the list of peers, which is there once somebody has introduced himself.
  func readPeers(of peer: Peer) async throws {
    _ = try await peer.database.elements(of: "trusted_peers")
  }

  /// The last state asks four times for the key with which it would start the next epoch.
  func triggerNext(_ peer: Peer, in function: Worker) async throws {
    function.begin(.wait)
    for _ in 0..<4 {
      try await openTunnel(in: function)
      _ = try await peer.database.get("private_key")
    }
  }

  /// Opens an SSH tunnel to a database, as every control function of the released code does.
  func openTunnel(in function: Worker) async throws {
    guard settings.tunnelTime > .zero else { return }
    let (simulation, start) = (job.simulation, job.simulation.now)
    try await simulation.sleep(for: settings.tunnelTime)
    let log = simulation.log
    log.record(
      log.name("tunnel/open"), by: simulation.actor, from: start,
      to: simulation.now)
  }
}
