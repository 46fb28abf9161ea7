public import Cloud
internal import SimulationKernel

extension TrainingJob {
  /// Runs `body` once for every worker, all at once; returns when the last has ended.
  public func forEachWorker(_ body: @escaping (Worker) async throws -> Void) async throws {
    _ = try await simulation.concurrently(workers, named: { "worker \($0)" }) { worker in
      try await self.unlessCrashed { try await body(worker) }
    }
  }

  /// Runs a worker's part; one that crashes is simply gone.
  func unlessCrashed(_ body: () async throws -> Void) async throws {
    do { try await body() } catch let failure as JobFailure where failure.cause is Crashed {}
  }

  /// Runs `take` for every step of every worker, each worker in a function of its own.
  ///
  /// A function that comes near its time limit leaves a checkpoint in the object store and has
  /// itself invoked again, as LambdaML does (SIGMOD 2021, section 3.2; the released code counts
  /// epochs instead of looking at the clock).
  ///
  /// - Parameters:
  ///   - keptVectors: what a worker of the framework keeps from step to step beside the model and
  ///     the optimizer's state, in vectors of the model's size: they are part of its checkpoint.
  ///   - begin: what each function does before its first step.
  public func forEachStep(
    in function: Function, keptVectors: Int = 0,
    begin: @escaping (Worker) async throws -> Void = { _ in },
    _ take: @escaping (Step, Worker) async throws -> Void
  ) async throws {
    let checkpoints = Checkpoints(
      store: try region.objectStore("checkpoints"),
      byteCount: gradientBytes * (1 + configuration.optimizer.stateVectors + keptVectors))
    try await forEachWorker { [self] worker in
      var next = 0
      while next < steps.count {
        next = try await invoke(function, for: worker) { [self, next] worker in
          dataset.forgetPartitions(of: worker.rank)  // a function begins with nothing
          try worker.allocate(bytes: keptVectors * gradientBytes)
          defer { worker.free(bytes: keptVectors * gradientBytes) }
          try await begin(worker)
          if next > 0 { try await checkpoints.restore(worker) }
          let end = try await takeSteps(from: next, as: worker, take)
          if end < steps.count { try await checkpoints.save(worker) }
          return end
        }
      }
    }
  }

  /// Takes steps while there is time for another; returns the first that was not taken.
  private func takeSteps(
    from first: Int, as worker: Worker, _ take: (Step, Worker) async throws -> Void
  ) async throws -> Int {
    // The next step may have to wait for others that are being invoked again, so that a fifteenth
    // of the limit, a minute of Lambda's fifteen, is kept for it; or what a step has taken so far,
    // and a fifth more to leave the checkpoint.
    var reserve = worker.timeLimit / 15
    for number in first..<steps.count {
      if number > first, worker.remainingTime < reserve { return number }
      let start = simulation.now
      try await take(steps[number], worker)
      reserve = max(reserve, (simulation.now - start) * 6 / 5)
    }
    return steps.count
  }
}

/// What workers leave behind for their next function.
private struct Checkpoints {
  let store: ObjectStore
  let byteCount: Int

  func save(_ worker: Worker) async throws {
    worker.begin(.upload)
    try await worker.process(bytes: byteCount)
    try await store.put(Payload(byteCount: byteCount), at: "worker/\(worker.rank)")
  }

  func restore(_ worker: Worker) async throws {
    worker.begin(.download)
    _ = try await store.get("worker/\(worker.rank)")
    try await worker.process(bytes: byteCount)
  }
}
