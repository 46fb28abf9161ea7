extension Simulation {
  /// Waits for `duration` of simulated time, in whole nanoseconds.
  ///
  /// - Complexity: O(1) amortised, whatever the number of processes.
  public func sleep(for duration: Duration) async throws {
    let index = try beginWait(for: nil)
    queue.push(time(after: duration), table.token(index))
    try await parking.wait(index)
  }

  /// Waits until someone passes the wait that `register` is given to `wake`.
  ///
  /// - Parameter object: What is waited for; its description names it when nobody ever comes.
  public func suspend(
    for object: AnyObject? = nil, _ register: (Wait) -> Void
  ) async throws {
    let index = try beginWait(for: object)
    register(Wait(simulation: self, token: table.token(index)))
    try await parking.wait(index)
  }

  /// Waits until someone wakes the token that `register` is given.
  @usableFromInline
  func park(for object: AnyObject?, _ register: (Token) -> Void) async throws {
    let index = try beginWait(for: object)
    register(table.token(index))
    try await parking.wait(index)
  }

  /// Lets a process that waits until some time wait for `object` instead; returns its new token.
  func prolong(_ token: Token, for object: AnyObject) -> Token {
    table[token.index].pointee.generation &+= 1
    table[token.index].pointee.awaited = object
    staleCount += 1
    return table.token(token.index)
  }

  /// Lets a process that waits for someone wait for `duration` instead; returns false when it no
  /// longer waits there.
  func postpone(_ token: Token, for duration: Duration) -> Bool {
    if table.isStale(token) { return false }
    wait(token, until: time(after: duration))
    return true
  }

  /// Lets a process wait until a time, in nanoseconds.
  func wait(_ token: Token, until time: Int64) {
    table[token.index].pointee.awaited = nil
    queue.push(time, token)
  }

  /// Lets a process go on; returns false when it no longer waits there.
  ///
  /// - Complexity: O(1).
  @discardableResult
  public func wake(_ wait: Wait) -> Bool { wake(wait.token) }

  @discardableResult @usableFromInline
  func wake(_ token: Token) -> Bool {
    checkThread()
    let slot = table[token.index]
    guard slot.pointee.generation == token.generation else { return false }
    release(token.index)
    return true
  }

  /// Makes a parked process ready.
  private func release(_ index: Int) {
    let slot = table[index]
    slot.pointee.generation &+= 1
    slot.pointee.state = .ready
    ready.push(.process(index))
  }

  /// Ends a process at the point where it waits, by throwing `error` there and at every later wait.
  ///
  /// Child tasks of the process die with it. A process that does not wait dies when it next does.
  public func kill(_ process: Process, _ error: any Error) {
    guard !process.isFinished, process.death == nil else { return }
    process.death = error
    table[process.index].pointee.owesError = true
    for child in process.children { kill(child, error) }
    if table[process.index].pointee.state == .parked { interruptParked(process.index) }
  }

  /// Throws `error` at the point where a process waits; the process may catch it and go on.
  ///
  /// A process that does not wait gets it when it next does. Where a process waits for its child
  /// tasks, it is thrown in those that wait.
  public func interrupt(_ process: Process, _ error: any Error) {
    interrupt(process, error, timeout: 0)
  }

  func interrupt(_ process: Process, _ error: any Error, timeout: Int) {
    guard !process.isFinished, process.death == nil else { return }
    let slot = table[process.index]
    if slot.pointee.state == .running, process.index != running {
      let waiting = process.children.filter { table[$0.index].pointee.state == .parked }
      for child in waiting { interrupt(child, error, timeout: timeout) }
      if !waiting.isEmpty { return }
    }
    if process.owed == nil { process.owed = (error, timeout) }
    if slot.pointee.state == .parked {
      interruptParked(process.index)
    } else {
      slot.pointee.owesError = true
    }
  }

  func interruptParked(_ index: Int) {
    table[index].pointee.isInterrupted = true
    table[index].pointee.errand = nil
    if table[index].pointee.awaited == nil { staleCount += 1 }
    release(index)
  }

  /// Waits for a process to end; throws what it threw.
  public func join(_ process: Process) async throws {
    if !process.isFinished {
      try await park(for: process) { process.joining.append($0) }
    }
    if let failure = process.failure { throw failure }
  }

  /// Runs `body`, but throws `TimedOut` where it waits when `limit` has passed.
  ///
  /// - Complexity: O(1); no task is made.
  public func withTimeout<Result>(
    _ limit: Duration, _ body: () async throws -> Result
  ) async throws -> Result {
    let process = current
    timeoutCount += 1
    let timeout = timeoutCount
    let alarm = schedule(after: limit, keepsRunning: !process.isDaemon) { [unowned self] in
      interrupt(process, TimedOut(limit: limit), timeout: timeout)
    }
    defer {
      cancel(alarm)
      if process.owed?.timeout == timeout {
        process.owed = nil
        table[process.index].pointee.owesError = process.death != nil
      }
    }
    return try await body()
  }

  // MARK: - The two halves of a wait

  /// Marks the running process as waiting, or throws what it owes instead.
  func beginWait(for object: AnyObject?) throws -> Int {
    checkThread()
    let index = runningIndex()
    let slot = table[index]
    if slot.pointee.owesError { throw takeError(index) }
    slot.pointee.awaited = object
    slot.pointee.state = .parked
    return index
  }

  /// Throws where the wait was interrupted.
  func endWait(_ index: Int) throws {
    if table[index].pointee.isInterrupted { throw takeError(index) }
  }

  @inline(never)
  private func takeError(_ index: Int) -> any Error {
    let slot = table[index]
    let process = slot.pointee.process.unsafelyUnwrapped.takeUnretainedValue()
    slot.pointee.isInterrupted = false
    slot.pointee.owesError = process.death != nil
    return process.takeError(or: Killed("interrupted"))
  }

  /// The instant `duration` from now, in nanoseconds.
  func time(after duration: Duration) -> Int64 {
    let delay = duration.wholeNanoseconds
    precondition(delay >= 0, "an event cannot be in the past")
    return now.nanoseconds + delay
  }
}
