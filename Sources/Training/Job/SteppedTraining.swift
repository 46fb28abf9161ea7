public import Cloud
internal import SimulationKernel

extension TrainingJob {
  /// Runs `take` for every step of every worker, each worker in a function of its own.
  ///
  /// A function that comes near its time limit leaves a checkpoint in the object store and has
  /// itself invoked again, as LambdaML does (SIGMOD 2021, section 3.2; the released code counts
  /// epochs instead of looking at the clock).
  ///
  /// - Parameter begin: what each function does before its first step.
  public func forEachStep(
    in function: Function, begin: @escaping (Worker) async throws -> Void = { _ in },
    _ take: @escaping (Step, Worker) async throws -> Void
  ) async throws {
    let checkpoints = try region.objectStore("checkpoints")
    try await forEachWorker { [self] worker in
      var next = 0
      while next < steps.count {
        next = try await invoke(function, for: worker) { [self, next] worker in
          try await begin(worker)
          if next > 0 { try await restore(worker, from: checkpoints) }
          let end = try await takeSteps(from: next, as: worker, take)
          if end < steps.count { try await save(worker, to: checkpoints) }
          return end
        }
      }
    }
  }

  /// Takes steps while there is time for another; returns the first that was not taken.
  private func takeSteps(
    from first: Int, as worker: Worker, _ take: (Step, Worker) async throws -> Void
  ) async throws -> Int {
    for number in first..<steps.count {
      // The next step may have to wait for others that are being invoked again, so that a
      // fifteenth of the limit, a minute of Lambda's fifteen, is kept for it.
      if number > first, worker.remainingTime < worker.timeLimit / 15 { return number }
      try await take(steps[number], worker)
    }
    return steps.count
  }

  private func save(_ worker: Worker, to checkpoints: ObjectStore) async throws {
    worker.begin(.upload)
    try await worker.process(bytes: checkpointBytes)
    try await checkpoints.put(
      Payload(byteCount: checkpointBytes, contents: ()), at: "worker/\(worker.rank)")
  }

  private func restore(_ worker: Worker, from checkpoints: ObjectStore) async throws {
    worker.begin(.download)
    _ = try await checkpoints.get("worker/\(worker.rank)")
    try await worker.process(bytes: checkpointBytes)
  }

  /// Parameters and the optimizer's state.
  private var checkpointBytes: Int {
    gradientBytes * (1 + configuration.optimizer.stateVectors)
  }
}
