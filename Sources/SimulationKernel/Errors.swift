/// Thrown where a process waits when somebody kills it.
public struct Killed: Error, CustomStringConvertible {
  /// Why.
  public let reason: String
  /// A death with a reason.
  public init(_ reason: String) { self.reason = reason }
  /// The text of it in errors and logs.
  public var description: String { reason }
}

/// Thrown by `withTimeout` when its time has passed.
public struct TimedOut: Error, CustomStringConvertible {
  /// The time that was allowed.
  public let limit: Duration
  /// The text of it in errors and logs.
  public var description: String { "timed out after \(limit.inSeconds) s" }
}

/// No event is left, yet processes wait.
public struct Deadlock: Error, CustomStringConvertible {
  /// A process that waits.
  public struct Waiter: Sendable {
    /// Who waits.
    public let name: String
    /// What it waits for, in words.
    public let awaited: String
  }

  /// When.
  public let time: Instant
  /// Who waits for what, in the order in which the processes were spawned.
  public let waiters: [Waiter]
  /// The names of the processes that wait.
  public var waiting: [String] { waiters.map(\.name) }

  /// The text of it in errors and logs.
  public var description: String {
    let who = waiters.map { "\($0.name) (waits for \($0.awaited))" }.joined(separator: ", ")
    return "deadlock at \(time): nothing is left to happen, but there still wait \(who)"
  }
}

/// The run passed a limit: most likely somebody polls for what will never come.
public struct LimitExceeded: Error, CustomStringConvertible {
  /// When.
  public let time: Instant
  /// Which limit, in words.
  public let limit: String
  /// The names of the processes that were alive.
  public let alive: [String]
  /// The text of it in errors and logs.
  public var description: String {
    "\(limit) exceeded at \(time); still alive: \(alive.joined(separator: ", "))"
  }
}
