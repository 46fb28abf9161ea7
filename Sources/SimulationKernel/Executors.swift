internal import CPrefetch

/// Where a task goes to wait: being enqueued here is the suspension.
///
/// When the simulation later runs the job on its loop, the task finds itself where it wants to be
/// and hops nowhere. There is no continuation to lose or to resume twice.
final class ParkingExecutor: SerialExecutor, @unchecked Sendable {
  /// The simulation; kept unmanaged, because every wait would retain and release it.
  var simulation: Unmanaged<Simulation>!

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    simulation.unsafelyUnwrapped._withUnsafeGuaranteedRef { $0.parked(job) }
  }

  /// Throws where the wait of a process was interrupted.
  func endWait(_ index: Int) throws {
    try simulation.unsafelyUnwrapped._withUnsafeGuaranteedRef { try $0.endWait(index) }
  }
}

/// The actor that lives on the parking executor.
actor ParkingLot {
  nonisolated let executor: ParkingExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private var visits = 0

  init(_ executor: ParkingExecutor) { self.executor = executor }

  /// Comes back when the simulation runs the process again; throws where its wait was interrupted.
  ///
  /// A function that waits has nothing left to do then. Otherwise its task would look up once more
  /// which executor it prefers, under a lock.
  @inline(never)
  func wait(_ index: Int) throws { try executor.endWait(index) }

  /// Comes back when the simulation runs the task again.
  ///
  /// The counting matters: a hop to a function without effect is optimised away.
  @inline(never)
  func visit() { visits &+= 1 }
}

/// A task that runs processes, one after the other: making one costs more than a process does.
///
/// It is the executor that its task prefers: whatever the runtime wants to run for a process (child
/// tasks, actors, resumed parents) is enqueued here, so that it ends up in the simulation's own
/// ready queue and is known to belong to that process.
final class Worker: TaskExecutor, @unchecked Sendable {
  unowned(unsafe) let simulation: Simulation
  /// What it runs now; nil tells it to end.
  var process: Process?
  /// Its task, as the loop runs it.
  var job: UnownedJob?
  /// Its task, as the code in it sees it.
  var task: TaskAddress?

  init(_ simulation: Simulation) { self.simulation = simulation }

  /// Makes the task; it enqueues itself before this returns.
  func launch() { _ = Task(executorPreference: self) { await self.work() } }

  func enqueue(_ job: consuming ExecutorJob) { simulation.enqueued(UnownedJob(job), for: self) }

  private func work() async {
    task = currentTaskAddress()
    while let process {
      do { try await run(process) } catch { process.failure = error }
      simulation.finish(self)
      await simulation.parking.visit()
    }
  }

  /// A function of its own, so that nothing of the process outlives its last statement.
  private func run(_ process: Process) async throws {
    if let death = process.death { throw death }
    guard let body = process.body.take() else { return }
    try await body()
  }
}

extension UnownedJob {
  /// Brings the memory of the job's task near: its head, its status, and the frames on top.
  ///
  /// Cache lines that a trace of memory accesses shows at every wait; those between them are used
  /// only when a task begins and ends.
  func prefetch() {
    let task = unsafeBitCast(self, to: UnsafeRawPointer.self)
    prefetch_lines(task, 4)
    prefetch_lines(task + 5 * 64, 2)
    prefetch_lines(task + 11 * 64, 6)
  }
}
