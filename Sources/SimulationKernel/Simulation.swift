/// Runs processes in simulated time, one at a time, in an order that only the model decides.
///
/// Two events at the same instant happen in the order in which they were scheduled. A process that
/// is woken runs before the clock moves on, after those that were woken before it.
///
/// A simulation and all that is in it belong to the thread that runs it; different simulations can
/// run on different threads at once.
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

  /// The present.
  @exclusivity(unchecked) public internal(set) var now: Instant = .start
  /// How many times a process went on or a call was made.
  @exclusivity(unchecked) public internal(set) var eventCount = 0
  /// The root of every random stream.
  public let seed: UInt64
  /// What happened so far.
  public let log: EventLog
  /// How far a run may go.
  public let limits: Limits

  /// What can happen without the clock moving: first in, first out.
  enum Ready {
    /// A process whose wait is over.
    case process(Int)
    /// A job that the runtime wants to run: a child task, a parent whose child has ended.
    case job(UnownedJob, Unmanaged<Worker>)
  }

  // The kernel's state is touched from one thread and never re-entered: the checks for overlapping
  // access would cost a fifth of a sleep.
  @exclusivity(unchecked) var queue = EventQueue()
  @exclusivity(unchecked) var ready = Ring<Ready>(capacity: 64)
  @exclusivity(unchecked) var table = ProcessTable()
  @exclusivity(unchecked) var calls = CallTable()
  /// The slot of the process that runs; negative while none does or nobody has asked which.
  @exclusivity(unchecked) var running = -1
  /// The worker for which the runtime runs something.
  @exclusivity(unchecked) var busy: Worker?
  /// Processes that are not daemons, and calls to come: a run ends with the last of them.
  @exclusivity(unchecked) var pending = 0
  /// Entries of `queue` that are no longer wanted.
  @exclusivity(unchecked) var staleCount = 0

  let parking: ParkingLot
  /// All tasks, in the order in which they were made.
  var workers: [Worker] = []
  /// Those without a process.
  @exclusivity(unchecked) var idle: [Worker] = []
  var processCount = 0
  var timeoutCount = 0
  var flowCount = 0
  var fillingCount = 0
  var isRunning = false
  var thread = currentThread()

  /// A simulation in which nothing has happened yet.
  public init(seed: UInt64 = 0, log: EventLog = EventLog(), limits: Limits = Limits()) {
    self.seed = seed
    self.log = log
    self.limits = limits
    let executor = ParkingExecutor()
    parking = ParkingLot(executor)
    executor.simulation = .passUnretained(self)
  }

  /// The random stream of one purpose and actor.
  public func random(for purpose: String, actor: String = "") -> RandomStream {
    RandomStream(seed: seed, purpose: purpose, actor: actor)
  }

  /// The process that runs now; a model may only ask while one does.
  public var current: Process {
    table[runningIndex()].pointee.process.unsafelyUnwrapped.takeUnretainedValue()
  }

  /// The name of the current process in the log.
  public var actor: EventLog.Name {
    let process = current
    if let name = process.logName { return name }
    let name = log.name(process.name)
    process.logName = name
    return name
  }

  /// Starts a process; its first statement runs when the current one next waits.
  ///
  /// It inherits the host of the current process unless given its own.
  ///
  /// - Complexity: O(1). A process takes about 1.8 KB while it lives; the task of one that has
  ///   ended is used again.
  @discardableResult
  public func spawn(
    _ name: String, on host: AnyObject? = nil, isDaemon: Bool = false,
    _ body: @escaping () async throws -> Void
  ) -> Process {
    let process = Process(
      name, host: host ?? runningProcess?.host, isDaemon: isDaemon, number: processCount, body: body
    )
    start(process)
    return process
  }

  func start(_ process: Process) {
    checkThread()
    processCount += 1
    if !process.isDaemon { pending += 1 }
    process.index = table.insert(process)
    table[process.index].pointee.state = .ready
    ready.push(.process(process.index))
  }

  /// The process that runs now, where one does.
  var runningProcess: Process? {
    running < 0 && busy == nil ? nil : current
  }

  /// Ends the process of a worker, which then waits for another.
  func finish(_ worker: Worker) {
    guard let process = worker.process else { return }
    worker.process = nil
    idle.append(worker)
    running = -1
    if !process.isDaemon { pending -= 1 }
    if !process.children.isEmpty { forgetChildren(of: process) }
    table.remove(process.index)
    process.index = -1
    process.isFinished = true
    if !process.joining.isEmpty {
      for token in process.joining { wake(token) }
      process.joining = []
    }
    if let group = process.group {
      group.finished(process, in: self)
      process.group = nil
    }
  }

  private func forgetChildren(of process: Process) {
    for child in process.children {
      table.remove(child.index)
      child.index = -1
      child.isFinished = true
    }
    process.children = []
    process.childPlaces = [:]
  }
}
