internal import Dispatch
public import Learning
internal import Synchronization
public import Training

/// How runs are made; nothing here changes a result, except what `key` covers.
public struct RunnerOptions: Sendable {
  /// Threads that simulate and compute gradients.
  public var threads: Int
  /// Whether gradients have the same bits on every AVX2 machine, at some cost in speed.
  public var isPortable: Bool
  /// What computes gradients.
  public var backend: Backend
  /// Where data sets lie that come by name; nil for their usual place.
  public var dataDirectory: String?
  /// Where recorded traces are looked up besides the scenario's own directory.
  public var traceDirectory: String?
  /// Whether results carry their spans.
  public var keepsSpans: Bool
  /// Whether results carry their final models.
  public var keepsModels: Bool
  /// The frameworks that runs can be of: those of the catalog, and others of the caller's own.
  public var frameworks: [any TrainingFramework.Type] = FrameworkCatalog.all

  /// Options of a run on `threads` threads.
  public init(
    threads: Int, isPortable: Bool = false, backend: Backend = .oneDNN,
    dataDirectory: String? = nil, traceDirectory: String? = nil, keepsSpans: Bool = false,
    keepsModels: Bool = false
  ) {
    self.threads = threads
    self.isPortable = isPortable
    self.backend = backend
    self.dataDirectory = dataDirectory
    self.traceDirectory = traceDirectory
    self.keepsSpans = keepsSpans
    self.keepsModels = keepsModels
  }
}

/// How far a run has come.
public struct RunProgress: Sendable {
  /// The run.
  public let plan: RunPlan
  /// Steps done.
  public let step: Int
  /// Steps in all.
  public let steps: Int
  /// Virtual time since job submission.
  public let virtualTime: Duration
}

/// Asks a runner to stop; runs that are finished stay finished.
public final class RunnerCancellation: Sendable {
  private let flag = Atomic(false)
  /// Nobody has asked yet.
  public init() {}
  /// Whether somebody has asked.
  public var isRequested: Bool { flag.load(ordering: .relaxed) }
  /// Asks.
  public func request() { flag.store(true, ordering: .relaxed) }
}

/// Thrown by a runner that was asked to stop.
public struct RunsCancelled: Error {}

/// Makes runs, several at once, each on one thread.
public struct Runner: Sendable {
  private let options: RunnerOptions

  /// A runner with these options.
  public init(options: RunnerOptions) { self.options = options }

  /// Makes the runs and returns their results in the order of the plans.
  ///
  /// - Parameters:
  ///   - onProgress: hears of every step, from any thread.
  ///   - onFinish: hears of every finished run, one at a time; what it throws ends all runs.
  /// - Throws: what `onFinish` throws, `RunsCancelled`, `Deadlock`, or a `ProviderError`.
  public func run(
    _ plans: [RunPlan], cancellation: RunnerCancellation = RunnerCancellation(),
    onProgress: @escaping @Sendable (RunProgress) -> Void = { _ in },
    onFinish: @escaping @Sendable (RunPlan, RunResult) throws -> Void = { _, _ in }
  ) throws -> [RunResult] {
    if plans.isEmpty { return [] }
    // Runs share the threads; what they leave over computes gradients ahead of their joins.
    let lanes = max(1, min(options.threads, plans.count))
    let pool = GradientPool(
      threads: max(1, options.threads - lanes + 1), backend: options.backend,
      portable: options.isPortable)
    let board = Mutex(Board(count: plans.count))
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      while let index = board.withLock({ $0.takeNext() }) {
        let plan = plans[index]
        let execution = RunExecution(
          plan: plan, pool: pool, keepsSpans: options.keepsSpans, keepsModel: options.keepsModels
        ) { step, steps, time in
          let isStopped = board.withLock { $0.failure != nil }
          if cancellation.isRequested || isStopped { throw RunsCancelled() }
          onProgress(RunProgress(plan: plan, step: step, steps: steps, virtualTime: time))
        }
        let outcome = Result { try execution.run() }
        board.withLock { $0.finish(index, outcome) { try onFinish(plan, $0) } }
      }
    }
    return try board.withLock { try $0.all() }
  }
}

/// What is done and what is left; guarded by the runner's lock.
private struct Board {
  private var results: [RunResult?]
  private var next = 0
  private(set) var failure: (any Error)?

  init(count: Int) { results = [RunResult?](repeating: nil, count: count) }

  mutating func takeNext() -> Int? {
    guard failure == nil, next < results.count else { return nil }
    defer { next += 1 }
    return next
  }

  mutating func finish(
    _ index: Int, _ outcome: Result<RunResult, any Error>, _ report: (RunResult) throws -> Void
  ) {
    do {
      let result = try outcome.get()
      results[index] = result
      try report(result)
    } catch {
      failure = failure ?? error
    }
  }

  func all() throws -> [RunResult] {
    if let failure { throw failure }
    return results.compactMap { $0 }
  }
}
