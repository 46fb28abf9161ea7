/// Runs processes in simulated time, one at a time, in an order that depends on nothing but the model.
///
/// Two events at the same instant happen in the order in which they were scheduled.
public final class Simulation {
  /// How far a run may go before it is stopped as a livelock.
  public struct Limits: Sendable {
    /// The last instant that may be reached, as a duration from the start.
    public var virtualTime: Duration
    /// How many events may happen.
    public var events: Int
    /// Limits of a run.
    public init(virtualTime: Duration = .seconds(1_000_000_000), events: Int = .max) {
      self.virtualTime = virtualTime
      self.events = events
    }
  }

  /// A call that was scheduled and can be cancelled.
  public final class Timer {
    var function: (() -> Void)?
    init(_ function: @escaping () -> Void) { self.function = function }
  }

  /// The present.
  public private(set) var now: Instant = .start
  /// How many events have happened.
  public private(set) var eventCount = 0
  /// The root of every random stream.
  public let seed: UInt64
  /// What happened so far.
  public let log: EventLog
  /// How far a run may go.
  public let limits: Limits
  /// The process that runs now; a model may only ask while one does.
  public var current: Process { running! }

  private let loop = Loop()
  private var future: [Event] = []
  private var scheduledCount: UInt64 = 0
  private var processes: [Process] = []
  private var running: Process?

  /// A simulation in which nothing has happened yet.
  public init(seed: UInt64 = 0, log: EventLog = EventLog(), limits: Limits = Limits()) {
    self.seed = seed
    self.log = log
    self.limits = limits
  }

  /// The random stream of one purpose and actor.
  public func random(for purpose: String, actor: String = "") -> RandomStream {
    RandomStream(seed: seed, purpose: purpose, actor: actor)
  }

  /// Starts a process; its first statement runs when the current one next waits.
  ///
  /// It inherits the host of the current process unless given its own.
  @discardableResult
  public func spawn(
    _ name: String, on host: AnyObject? = nil, isDaemon: Bool = false,
    _ body: @escaping () async throws -> Void
  ) -> Process {
    let process = Process(name, host: host ?? running?.host, isDaemon: isDaemon)
    processes.append(process)
    nonisolated(unsafe) let (simulation, process_, body_) = (self, process, body)
    Task(executorPreference: loop) {
      simulation.running = process_
      do {
        if let death = process_.death { throw death }
        try await body_()
      } catch { process_.failure = error }
      process_.finish()
    }
    return process
  }

  /// Waits for `duration` of simulated time.
  public func sleep(for duration: Duration) async throws {
    try await suspend { wait in self.push(after: duration, .wake(wait)) }
  }

  /// Waits until someone passes the wait that `register` is given to `wake`.
  public func suspend(_ register: (Wait) -> Void) async throws {
    let process = current
    if let death = process.death { throw death }
    process.waitCount += 1
    register(Wait(process: process, number: process.waitCount))
    try await withUnsafeThrowingContinuation { process.continuation = $0 }
    running = process
  }

  /// Lets a process go on; returns false when it no longer waits there.
  @discardableResult
  public func wake(_ wait: Wait) -> Bool {
    guard !wait.isOver, let continuation = wait.process.continuation else { return false }
    wait.process.continuation = nil
    wait.process.waitCount += 1
    continuation.resume()
    return true
  }

  /// Ends a process at the point where it waits, by throwing `error` there and at every later wait.
  public func kill(_ process: Process, _ error: any Error) {
    guard !process.isFinished, process.death == nil else { return }
    process.death = error
    interrupt(process, error)
  }

  /// Throws `error` at the point where a process waits; the process may catch it and go on.
  public func interrupt(_ process: Process, _ error: any Error) {
    process.waitCount += 1
    guard let continuation = process.continuation else { return }
    process.continuation = nil
    continuation.resume(throwing: error)
  }

  /// Waits for a process to end; throws what it threw.
  public func join(_ process: Process) async throws {
    if !process.isFinished {
      try await suspend { wait in process.onFinish.append { self.wake(wait) } }
    }
    if let failure = process.failure { throw failure }
  }

  /// Runs `body` for every element at once; returns the results in the elements' order.
  ///
  /// When one throws, or the caller is killed, the others are killed and the first error is thrown.
  public func concurrently<Element, Result>(
    _ elements: [Element], named name: (Int) -> String = { "\($0)" },
    _ body: @escaping (Element) async throws -> Result
  ) async throws -> [Result] {
    var results = [Result?](repeating: nil, count: elements.count)
    var firstFailure: Process?
    let children = elements.indices.map { i in
      let child = spawn("\(current.name)/\(name(i))") { results[i] = try await body(elements[i]) }
      return child
    }
    for child in children {
      child.onFinish.append {
        guard child.failure != nil, firstFailure == nil else { return }
        firstFailure = child
        for other in children where other !== child { self.kill(other, Killed("a sibling failed")) }
      }
    }
    do {
      for child in children where !child.isFinished {
        try await suspend { wait in child.onFinish.append { self.wake(wait) } }
      }
    } catch {
      for child in children { kill(child, error) }
      throw error
    }
    if let failure = firstFailure?.failure { throw failure }
    return results.map { $0! }
  }

  /// Runs `body`, but throws `TimedOut` where it waits when `limit` has passed.
  public func withTimeout<Result>(
    _ limit: Duration, _ body: () async throws -> Result
  ) async throws -> Result {
    let process = current
    let alarm = schedule(after: limit) { self.interrupt(process, TimedOut(limit: limit)) }
    defer { cancel(alarm) }
    return try await body()
  }

  /// Calls `function` when `duration` has passed.
  @discardableResult
  public func schedule(after duration: Duration, _ function: @escaping () -> Void) -> Timer {
    let timer = Timer(function)
    push(after: duration, .call(timer))
    return timer
  }

  /// Takes a scheduled call back; it then moves no clock either.
  public func cancel(_ timer: Timer) { timer.function = nil }

  /// Runs until nothing is left to happen.
  ///
  /// - Throws: `Deadlock` when processes wait for what can no longer come; `LimitExceeded`.
  public func run() throws {
    while true {
      loop.drain()
      guard let event = popFirst() else { break }
      if event.isStale { continue }  // the alarm of a killed process must not move the clock
      now = event.time
      eventCount += 1
      if now - .start > limits.virtualTime { throw exceeded("virtual time limit") }
      if eventCount > limits.events { throw exceeded("event limit") }
      switch event.action {
      case .wake(let wait): wake(wait)
      case .call(let timer): timer.function?()
      }
    }
    let waiting = processes.filter { !$0.isFinished && !$0.isDaemon }.map(\.name)
    if !waiting.isEmpty { throw Deadlock(time: now, waiting: waiting) }
  }

  private func exceeded(_ limit: String) -> LimitExceeded {
    LimitExceeded(time: now, limit: limit, alive: processes.filter { !$0.isFinished }.map(\.name))
  }

  private func push(after duration: Duration, _ action: Event.Action) {
    precondition(duration >= .zero, "an event cannot be in the past")
    scheduledCount += 1
    let event = Event(time: now + duration, order: scheduledCount, action: action)
    var index = future.count
    future.append(event)
    while index > 0, event < future[(index - 1) / 2] {
      future[index] = future[(index - 1) / 2]
      index = (index - 1) / 2
    }
    future[index] = event
  }

  private func popFirst() -> Event? {
    guard let first = future.first, let last = future.popLast() else { return nil }
    if future.isEmpty { return first }
    var index = 0
    while true {
      var child = 2 * index + 1
      if child >= future.count { break }
      if child + 1 < future.count, future[child + 1] < future[child] { child += 1 }
      if !(future[child] < last) { break }
      future[index] = future[child]
      index = child
    }
    future[index] = last
    return first
  }
}

struct Event {
  let time: Instant
  let order: UInt64
  let action: Action

  enum Action {
    case wake(Wait)
    case call(Simulation.Timer)
  }

  var isStale: Bool {
    switch action {
    case .wake(let wait): wait.isOver
    case .call(let timer): timer.function == nil
    }
  }

  static func < (a: Event, b: Event) -> Bool { (a.time, a.order) < (b.time, b.order) }
}

/// Runs the jobs of the processes on the thread that calls `drain`.
private final class Loop: TaskExecutor, @unchecked Sendable {
  private var ready: [UnownedJob] = []

  func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

  func drain() {
    let executor = asUnownedTaskExecutor()
    var next = 0
    while next < ready.count {
      ready[next].runSynchronously(on: executor)
      next += 1
    }
    ready.removeAll(keepingCapacity: true)
  }
}
