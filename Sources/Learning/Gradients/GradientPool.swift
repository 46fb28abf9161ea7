import Foundation

/// Which library computed the gradients of a run, and how: part of the run's record.
public struct ComputeRecord: Sendable, Hashable {
  /// "oneDNN" or "reference"; "PyTorch" for a model of the user's own.
  public let library: String
  /// The library's version.
  public let version: String
  /// The instruction set it used: bits are equal within one.
  public let instructionSet: String
  /// Whether the instruction set was limited to AVX2, for the same bits on many machines.
  public let isPortable: Bool
  /// Threads that compute, the caller's among them.
  public let threads: Int
}

/// A gradient that is being computed, or will be when it is needed.
public struct GradientTask: Sendable {
  let job: Job<Gradient>
  /// Whether it had been asked for before, so that nothing is computed for it.
  public let isSaved: Bool

  /// The gradient; computed here if no thread has begun it.
  ///
  /// - Throws: `LearningError` where a model of the user's own fails; never for the catalog's.
  public func join() throws(LearningError) -> Gradient { try job.join() }
}

/// An evaluation that is being computed, or will be when it is needed.
public struct EvaluationTask: Sendable {
  let parts: [Job<Counts>]
  let classCount: Int

  /// The evaluation; parts that no thread has begun are computed here.
  ///
  /// - Throws: `LearningError` where a model of the user's own fails; never for the catalog's.
  public func join() throws(LearningError) -> Evaluation {
    var total = Counts(classes: classCount)
    for part in parts { total.add(try part.join()) }
    return total.evaluation
  }
}

/// Computes gradients on several threads while virtual time goes on.
///
/// A gradient is a pure function of parameters, batch and seed: whatever the number of threads
/// and whoever computes it, its bits are the same. Independent simulations may share a pool.
public final class GradientPool: Sendable {
  /// What computes, for the record of a run.
  public let record: ComputeRecord

  private let workshop: Workshop
  private let memo: GradientMemo
  private let queue: JobQueue?
  private let delay: (@Sendable () -> Void)?

  /// A pool of `threads` threads: the one that joins and threads - 1 in the background.
  ///
  /// - Parameters:
  ///   - portable: limits oneDNN to AVX2, once for the whole process, before its first use.
  ///   - memory: bytes of gradients that are remembered for those who ask for the same again.
  public convenience init(
    threads: Int, backend: Backend = .oneDNN, portable: Bool = false, memory: Int = 192 << 20
  ) {
    self.init(threads: threads, backend: backend, portable: portable, memory: memory, delay: nil)
  }

  /// As the public one; `delay` holds up each computation, for tests of independence of timing.
  init(
    threads: Int, backend: Backend, portable: Bool, memory: Int, delay: (@Sendable () -> Void)?
  ) {
    precondition(threads >= 1, "somebody has to compute")
    let isLimited = portable && backend == .oneDNN && OneDNN.limitToAVX2()
    record = ComputeRecord(
      library: backend == .oneDNN ? "oneDNN" : "reference",
      version: backend == .oneDNN ? OneDNN.version : "1",
      instructionSet: backend == .oneDNN ? OneDNN.instructionSet : "portable",
      isPortable: backend == .reference || isLimited, threads: threads)
    workshop = Workshop(backend: backend)
    memo = GradientMemo(capacity: memory)
    queue = threads > 1 ? JobQueue(threads: threads - 1) : nil
    self.delay = delay
  }

  deinit { queue?.close() }

  /// What computes that model's gradients: this pool's library, or the PyTorch of a user's own.
  public func record(for model: Model?) -> ComputeRecord {
    guard case .external(let external)? = model?.architecture else { return record }
    return ComputeRecord(
      library: "PyTorch", version: external.version, instructionSet: external.instructionSet,
      isPortable: false, threads: record.threads)
  }

  /// Gradients that were asked for again and not computed again.
  public var savedCount: Int { memo.savedCount }

  /// Starts the gradient of the mean loss over a batch.
  public func gradient(
    of model: Model, at parameters: [Float], on dataset: Dataset, samples: [Int32], seed: UInt64
  ) -> GradientTask {
    precondition(parameters.count == model.parameterCount, "parameters of another model")
    precondition(!samples.isEmpty, "a gradient needs samples")
    func key() -> Fingerprint.Value {
      var key = Fingerprint()
      key.add("gradient " + model.identity)
      add(dataset, parameters, to: &key)
      key.add(samples)
      key.add(seed)
      return key.value
    }
    let (workshop, delay, queue) = (workshop, delay, queue)
    let (job, isNew) = memo.gradient(key, bytes: model.cost.gradientBytes) {
      Job(queue: queue) {
        delay?()
        return workshop.gradient(
          of: model, at: parameters, on: dataset, samples: samples, seed: seed)
      }
    }
    if isNew { queue?.add { job.runIfWaiting() } }
    return GradientTask(job: job, isSaved: !isNew)
  }

  /// Starts an evaluation on a data set, or on some of its samples, as Zeno's scores ask for.
  public func evaluation(
    of model: Model, at parameters: [Float], statistics: [Float], on dataset: Dataset,
    samples: [Int32]? = nil
  ) -> EvaluationTask {
    precondition(parameters.count == model.parameterCount, "parameters of another model")
    var key = Fingerprint()
    key.add("evaluation " + model.identity)
    add(dataset, parameters, to: &key)
    key.add(statistics)
    if let samples { key.add(samples) }
    let all = samples ?? (0..<dataset.count).map { Int32($0) }
    let (workshop, delay, queue) = (workshop, delay, queue)
    let (parts, isNew) = memo.evaluation(key.value) {
      stride(from: 0, to: all.count, by: Workshop.evaluationPart).map { start in
        let samples = Array(all[start..<min(start + Workshop.evaluationPart, all.count)])
        return Job(queue: queue) {
          delay?()
          return workshop.evaluation(
            of: model, at: parameters, statistics: statistics, on: dataset, samples: samples)
        }
      }
    }
    if isNew { for part in parts { queue?.add { part.runIfWaiting() } } }
    return EvaluationTask(parts: parts, classCount: model.classCount)
  }

  private func add(_ dataset: Dataset, _ parameters: [Float], to key: inout Fingerprint) {
    key.add(dataset.hash.high)
    key.add(dataset.hash.low)
    key.add(parameters)
  }
}
