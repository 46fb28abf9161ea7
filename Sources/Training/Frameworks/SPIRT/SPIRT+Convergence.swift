internal import Cloud

/// The check of convergence after a round.
///
/// As in the released code, the validation samples are some of those that are learned from: a
/// tenth of a shard. They are the same for all peers, so that peers with the same model come to
/// the same decision by themselves.
extension SPIRT {
  /// What a peer judges its model by.
  struct Validation {
    let samples: [Int32]
    let count: Int
    let patience: Int
    let minimumDecrease: Double
    let stops: Bool
    private let store: ObjectStore

    init(_ job: TrainingJob) throws {
      let (configuration, options) = (job.configuration, job.configuration.options)
      let shard = configuration.sampleCount / configuration.workers
      let count = max(1, shard / 10)
      self.count = count
      samples =
        job.isTimeOnly
        ? [] : (0..<count).map { Int32($0 * configuration.sampleCount / count) }
      patience = options.integer(SPIRT.patience)
      minimumDecrease = options.real(SPIRT.minimumDecrease)
      stops = options.choice(SPIRT.convergenceCheck) == "early-stop"
      store = try job.region.objectStore("training-data")
      let bytes = (stops ? count : shard) * configuration.sampleBytes
      store.publish(Payload(byteCount: bytes), at: "validation")
    }

    func fetch() async throws { _ = try await store.get("validation") }
  }

  /// Computes the validation loss; a peer stops when it has not fallen for long enough.
  func checkConvergence(after round: Round, in function: Worker, of peer: Peer) async throws {
    guard let validation else { return }
    try await openTunnel(in: function)
    function.begin(.download)
    _ = try await peer.database.get("model")
    try await function.process(bytes: job.gradientBytes)
    function.begin(.fetch)
    try await validation.fetch()
    function.begin(.compute)
    try await function.evaluate(samples: validation.count, times: 1)
    let parameters = peer.worker.replica.parameters
    if validation.stops, let loss = try function.loss(at: parameters, on: validation.samples) {
      peer.progress.note(loss, validation)
    }
    if peer.progress.hasConverged, companions(of: peer, in: round).first == peer.rank {
      job.note(
        "stopped after round \(round.number): the validation loss had not fallen for "
          + "\(validation.patience) rounds")
    }
    peer.finish(round)
  }
}

extension Peer.Progress {
  /// Takes in the loss of one more round.
  fileprivate mutating func note(_ loss: Double, _ validation: SPIRT.Validation) {
    if loss < lowestLoss - validation.minimumDecrease {
      (lowestLoss, idleRounds) = (loss, 0)
    } else {
      idleRounds += 1
    }
    hasConverged = idleRounds >= validation.patience
  }
}
