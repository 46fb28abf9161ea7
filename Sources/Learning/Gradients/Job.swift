import Foundation

/// A piece of work that runs once: on a thread of the pool, or where its result is needed first.
final class Job<Value: Sendable>: @unchecked Sendable {
  typealias Outcome = Result<Value, LearningError>

  private enum State {
    case waiting(() -> Outcome)
    case running
    case finished(Outcome)
  }

  private let condition = NSCondition()
  private let queue: JobQueue?
  private var state: State

  /// Work that may be added to a queue; who waits for its end helps with what waits there.
  init(queue: JobQueue?, _ work: @escaping @Sendable () -> Outcome) {
    self.queue = queue
    state = .waiting(work)
  }

  /// Does the work here, unless somebody has begun it.
  func runIfWaiting() {
    condition.lock()
    guard case .waiting(let work) = state else { return condition.unlock() }
    state = .running
    condition.unlock()
    let outcome = work()
    condition.lock()
    state = .finished(outcome)
    condition.broadcast()
    condition.unlock()
  }

  private var isFinished: Bool {
    condition.lock()
    defer { condition.unlock() }
    if case .finished = state { return true }
    return false
  }

  /// The result: at once if it is there, else by doing the work here, or other work of the queue
  /// while somebody else is at it: two threads would else follow each other through the queue.
  func join() throws(LearningError) -> Value {
    runIfWaiting()
    while !isFinished, let queue, queue.help() {}
    condition.lock()
    defer { condition.unlock() }
    while true {
      if case .finished(let outcome) = state { return try outcome.get() }
      condition.wait()
    }
  }
}

/// The pool's threads and what they have to do, first come first served.
final class JobQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private var waiting: [@Sendable () -> Void] = []
  private var head = 0
  private var isClosed = false

  init(threads: Int) {
    for _ in 0..<threads {
      let thread = Thread { [self] in work() }
      thread.name = "gradient"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func add(_ job: @escaping @Sendable () -> Void) {
    condition.lock()
    waiting.append(job)
    condition.signal()
    condition.unlock()
  }

  /// Lets the threads end, without what is still waiting.
  func close() {
    condition.lock()
    isClosed = true
    waiting.removeAll()
    head = 0
    condition.broadcast()
    condition.unlock()
  }

  /// Does the first thing that waits; returns false where nothing does.
  func help() -> Bool {
    condition.lock()
    let job = takeFirst()
    condition.unlock()
    job?()
    return job != nil
  }

  private func work() {
    while let job = next() { job() }
  }

  private func next() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    while head == waiting.count {
      if isClosed { return nil }
      condition.wait()
    }
    return takeFirst()
  }

  private func takeFirst() -> (@Sendable () -> Void)? {
    guard head < waiting.count else { return nil }
    let job = waiting[head]
    head += 1
    if head == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      head = 0
    }
    return job
  }
}
