internal import Cloud
internal import Learning
internal import SimulationKernel

/// How a worker leaves that the auto-tuner has chosen (MLLess, section 5).
extension MLLess {
  /// After an exchange: who is to leave stores its replica and says so; the others average it
  /// into theirs, so that what it had not sent is not lost, and take over its data.
  func part(as worker: Worker, _ memory: inout MLLessMemory) async throws {
    for leaver in memory.mailbox.takeLeaving() {
      if leaver == worker.rank {
        try await leave(as: worker)
      } else {
        try await inherit(from: leaver, as: worker, &memory)
      }
      memory.course.remove(leaver)
    }
  }

  private func leave(as worker: Worker) async throws {
    worker.begin(.upload)
    try await worker.process(bytes: job.gradientBytes)
    try await store.put(
      Payload(byteCount: job.gradientBytes, contents: worker.replica.parameters),
      at: replicaKey(worker.rank))
    try await broker.publish(.message(.departed(rank: worker.rank)), to: "workers")
    worker.retire()
  }

  private func inherit(
    from leaver: Int, as worker: Worker, _ memory: inout MLLessMemory
  ) async throws {
    worker.begin(.wait)
    while !memory.mailbox.hasDeparted(leaver) {
      memory.mailbox.note(try await broker.next(from: inbox(of: worker.rank)).message)
    }
    worker.begin(.download)
    let replica = try await store.get(replicaKey(leaver))
    try await worker.process(bytes: job.gradientBytes)
    worker.begin(.aggregate)
    try await worker.process(bytes: 3 * job.gradientBytes)
    worker.replica.parameters = Vectors.mean([worker.replica.parameters, replica.floats])
  }

  private func replicaKey(_ rank: Int) -> String { "replica/\(rank)" }
}

extension ScaleInTuner {
  /// Who is to leave after an exchange, if anybody: its straggler.
  mutating func leaver(
    after tally: MLLess.Tally, of members: Int, in job: TrainingJob
  ) -> Int? {
    let now = job.simulation.now - job.submission
    record(step: tally.exchange + 1, loss: tally.loss, workers: members, at: now)
    guard let reason = decide(at: now, workers: members) else { return nil }
    job.note("worker \(tally.last) left after \(now.inSeconds) s: \(reason)")
    return tally.last
  }
}
