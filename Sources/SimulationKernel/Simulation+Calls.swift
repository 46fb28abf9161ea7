/// Functions called at a time: no task, no suspension, for what services do inside.
extension Simulation {
  /// A call that was scheduled and can be cancelled.
  public struct Timer {
    let token: Token
  }

  /// Calls `function` when `duration` has passed.
  ///
  /// - Complexity: O(1) amortised.
  @discardableResult
  public func schedule(after duration: Duration, _ function: @escaping () -> Void) -> Timer {
    schedule(after: duration, keepsRunning: true, function)
  }

  @discardableResult
  func schedule(
    after duration: Duration, keepsRunning: Bool, _ function: @escaping () -> Void
  ) -> Timer {
    checkThread()
    let index = calls.insert(isOnce: true, keepsRunning: keepsRunning, function)
    return Timer(token: push(time(after: duration), call: index))
  }

  /// Takes a scheduled call back; it then moves no clock either.
  ///
  /// - Complexity: O(1).
  public func cancel(_ timer: Timer) {
    let (wasScheduled, keepsRunning) = calls.cancel(timer.token)
    cancelled(wasScheduled, keepsRunning)
  }

  private func push(_ time: Int64, call index: Int) -> Token {
    let (token, keepsRunning) = calls.schedule(index)
    if keepsRunning { pending += 1 }
    queue.push(time, token)
    return token
  }

  private func cancelled(_ wasScheduled: Bool, _ keepsRunning: Bool) {
    guard wasScheduled else { return }
    if keepsRunning { pending -= 1 }
    staleCount += 1
    // Long timeouts around short operations leave most of a queue stale: sweep it now and then.
    if staleCount > 1024, 2 * staleCount > queue.count { sweep() }
  }

  private func sweep() {
    queue.removeAll { token in
      switch token.kind {
      case .process: table.isStale(token)
      case .call: calls.isStale(token)
      case .handler: false
      }
    }
    staleCount = 0
  }

  /// A call that can be set to one time, and to another instead, as often as needed.
  public final class Alarm {
    private let simulation: Simulation
    private var index = -1
    /// Whether the call is to come.
    @exclusivity(unchecked) public private(set) var isSet = false

    /// An alarm that is not set; it keeps `function` until it is released itself.
    public init(_ simulation: Simulation, _ function: @escaping () -> Void) {
      self.simulation = simulation
      index = simulation.calls.insert(isOnce: false, keepsRunning: true) { [unowned(unsafe) self] in
        isSet = false
        function()
      }
    }

    deinit {
      cancel()
      simulation.calls.remove(index)
    }

    /// Sets the call to `duration` from now, and to no other time.
    ///
    /// - Complexity: O(1) amortised.
    public func set(after duration: Duration) { set(to: simulation.time(after: duration)) }

    /// Sets the call to a time in nanoseconds since the start.
    func set(to time: Int64) {
      cancel()
      isSet = true
      _ = simulation.push(time, call: index)
    }

    /// Takes the call back.
    ///
    /// - Complexity: O(1).
    public func cancel() {
      guard isSet else { return }
      isSet = false
      let (wasScheduled, keepsRunning) = simulation.calls.cancel(index)
      simulation.cancelled(wasScheduled, keepsRunning)
    }
  }

  /// A function that can be scheduled any number of times with an argument, without allocation.
  ///
  /// The fastest thing the kernel runs: for state machines inside services that see every message.
  public final class Handler {
    let function: (UInt32) -> Void
    private let simulation: Simulation
    private var index = 0

    /// A handler that calls `function` with what it is scheduled with.
    ///
    /// - Note: Calls that are to come when the handler is released are not made.
    public init(_ simulation: Simulation, _ function: @escaping (UInt32) -> Void) {
      self.simulation = simulation
      self.function = function
      index = simulation.calls.insert(self)
    }

    deinit { simulation.calls.removeHandler(index) }

    /// Calls the function with `argument` when `duration` has passed.
    ///
    /// - Complexity: O(1) amortised.
    public func schedule(after duration: Duration, _ argument: UInt32 = 0) {
      simulation.checkThread()
      simulation.pending += 1
      simulation.queue.push(simulation.time(after: duration), Token(.handler, index, argument))
    }
  }
}
