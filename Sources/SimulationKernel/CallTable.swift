/// The functions that are to be called at some time, and those that may be scheduled again.
struct CallTable: ~Copyable {
  private struct Call {
    var function: (() -> Void)?
    var generation: UInt32 = 0
    /// Whether it has an entry in the queue.
    var isScheduled = false
    /// Whether the run may not end before it was made.
    var keepsRunning = true
    /// Whether the record is free again after the call.
    var isOnce = true
  }

  private var calls: [Call] = []
  private var free: [Int] = []
  /// The handlers, which live as long as those who hold them.
  private var handlers: [Unmanaged<Simulation.Handler>?] = []

  /// Makes a record for a function; O(1) amortised.
  mutating func insert(isOnce: Bool, keepsRunning: Bool, _ function: @escaping () -> Void) -> Int {
    let index = free.popLast() ?? calls.count
    if index == calls.count { calls.append(Call()) }
    calls[index].function = function
    calls[index].isOnce = isOnce
    calls[index].keepsRunning = keepsRunning
    return index
  }

  /// A token for the call to come; whether the run has to wait for it.
  mutating func schedule(_ index: Int) -> (token: Token, keepsRunning: Bool) {
    calls[index].isScheduled = true
    return (Token(.call, index, calls[index].generation), calls[index].keepsRunning)
  }

  func isStale(_ token: Token) -> Bool { calls[token.index].generation != token.generation }

  /// What an event calls, and whether the run was waiting for it; nil when it was cancelled.
  mutating func fire(_ token: Token) -> (function: () -> Void, keepsRunning: Bool)? {
    if isStale(token) { return nil }
    let index = token.index
    calls[index].generation &+= 1
    calls[index].isScheduled = false
    let keepsRunning = calls[index].keepsRunning
    if !calls[index].isOnce { return calls[index].function.map { ($0, keepsRunning) } }
    free.append(index)
    return calls[index].function.take().map { ($0, keepsRunning) }
  }

  /// Takes a call back; tells whether one was to come and whether the run was waiting for it.
  mutating func cancel(_ token: Token) -> (wasScheduled: Bool, keepsRunning: Bool) {
    if isStale(token) { return (false, false) }
    return cancel(token.index)
  }

  mutating func cancel(_ index: Int) -> (wasScheduled: Bool, keepsRunning: Bool) {
    let result = (calls[index].isScheduled, calls[index].keepsRunning)
    calls[index].generation &+= 1
    calls[index].isScheduled = false
    if calls[index].isOnce {
      calls[index].function = nil
      free.append(index)
    }
    return result
  }

  /// Gives a record that was scheduled more than once back.
  mutating func remove(_ index: Int) {
    calls[index].isOnce = true
    _ = cancel(index)
  }

  /// Takes all calls back, after a run.
  mutating func cancelAll() {
    for index in calls.indices where calls[index].isScheduled { _ = cancel(index) }
  }

  mutating func insert(_ handler: Simulation.Handler) -> Int {
    handlers.append(.passUnretained(handler))
    return handlers.count - 1
  }

  mutating func removeHandler(_ index: Int) { handlers[index] = nil }

  func handler(_ index: Int) -> Unmanaged<Simulation.Handler>? { handlers[index] }
}
