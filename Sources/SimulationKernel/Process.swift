/// One line of activity in simulated time: a function that waits.
public final class Process {
  /// Who this is, in logs and errors.
  public let name: String
  /// Where it runs: an execution environment, a virtual machine, or nothing in particular.
  ///
  /// A process inherits the host of the one that spawns it, and so do child tasks made by
  /// `async let` and task groups; a service asks the caller's host for its network.
  public let host: AnyObject?
  /// Whether a run may end while this process still waits.
  public let isDaemon: Bool
  /// Whether its body has returned or thrown.
  public internal(set) var isFinished = false
  /// What its body threw.
  public internal(set) var failure: (any Error)?

  /// Its name in the log, once that was asked for.
  var logName: EventLog.Name?
  /// Its place in the order of all processes of the simulation.
  let number: Int
  /// Its slot in the table, until it is finished.
  var index = -1
  /// What it does; released as soon as it has done it.
  var body: (() async throws -> Void)?
  /// What every wait throws since the process was killed.
  var death: (any Error)?
  /// How often it has been told that it is dead.
  var obituaries = 0
  /// What the next wait throws, and which timeout asked for it.
  var owed: (error: any Error, timeout: Int)?
  /// The child tasks that have waited in this simulation, in the order of their first wait.
  var children: [Process] = []
  /// The place of a child task in `children`.
  var childPlaces: [TaskAddress: Int] = [:]
  /// Whom to wake when it is finished.
  var joining: [Token] = []
  /// The group it belongs to.
  var group: ProcessGroup?

  init(
    _ name: String, host: AnyObject?, isDaemon: Bool, number: Int,
    body: (() async throws -> Void)?
  ) {
    self.name = name
    self.host = host
    self.isDaemon = isDaemon
    self.number = number
    self.body = body
  }

  /// What a wait that was interrupted or may not begin has to throw.
  func takeError(or cause: any Error) -> any Error {
    if let death {
      obituaries += 1
      precondition(obituaries < 10_000, "\(name) was killed and goes on waiting: it must rethrow")
      return death
    }
    defer { owed = nil }
    return owed?.error ?? cause
  }
}

/// One wait of one process: passing it to `Simulation.wake` ends the wait.
public struct Wait {
  unowned let simulation: Simulation
  let token: Token
  /// Whether the process no longer waits there.
  public var isOver: Bool { simulation.table.isStale(token) }
}

/// Where a task is in memory: its identity while it lives.
typealias TaskAddress = UInt

/// The address of the task that runs now.
func currentTaskAddress() -> TaskAddress? {
  withUnsafeCurrentTask { task in task.map { unsafeBitCast($0, to: TaskAddress.self) } }
}
