/// One line of activity in simulated time: a function that waits.
public final class Process {
  /// Who this is, in logs and errors.
  public let name: String
  /// Where it runs: an execution environment, a virtual machine, or nothing in particular.
  ///
  /// A process inherits the host of the one that spawns it; a service asks the caller's host for its network.
  public let host: AnyObject?
  /// Whether a run may end while this process still waits.
  public let isDaemon: Bool
  /// Whether its body has returned or thrown.
  public internal(set) var isFinished = false
  /// What its body threw.
  public internal(set) var failure: (any Error)?

  var continuation: UnsafeContinuation<Void, any Error>?
  var waitCount = 0
  var death: (any Error)?
  var onFinish: [() -> Void] = []

  init(_ name: String, host: AnyObject?, isDaemon: Bool) {
    self.name = name
    self.host = host
    self.isDaemon = isDaemon
  }

  func finish() {
    isFinished = true
    let actions = onFinish
    onFinish = []
    for action in actions { action() }
  }
}

/// One wait of one process: passing it to `Simulation.wake` ends the wait.
public struct Wait {
  let process: Process
  let number: Int
  /// Whether the process no longer waits there.
  public var isOver: Bool { process.waitCount != number || process.isFinished }
}

/// Thrown where a process waits when somebody kills it.
public struct Killed: Error, CustomStringConvertible {
  /// Why.
  public let reason: String
  /// A death with a reason.
  public init(_ reason: String) { self.reason = reason }
  public var description: String { reason }
}

/// Thrown by `withTimeout` when its time has passed.
public struct TimedOut: Error, CustomStringConvertible {
  /// The time that was allowed.
  public let limit: Duration
  public var description: String { "timed out after \(limit.inSeconds) s" }
}

/// No event is left, yet processes wait.
public struct Deadlock: Error, CustomStringConvertible {
  /// When.
  public let time: Instant
  /// The names of the processes that wait.
  public let waiting: [String]
  public var description: String {
    "deadlock at \(time): nothing is left to happen, but \(waiting.joined(separator: ", ")) wait"
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
  public var description: String {
    "\(limit) exceeded at \(time); still alive: \(alive.joined(separator: ", "))"
  }
}
