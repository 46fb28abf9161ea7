#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Who the code that runs now belongs to, and whether it may run here at all.
extension Simulation {
  /// The slot of the process that runs now.
  func runningIndex() -> Int { running >= 0 ? running : adopt() }

  /// Finds out which process the runtime has resumed; a child task that waits for the first time
  /// becomes a process with the host of its parent.
  @inline(never)
  private func adopt() -> Int {
    guard let worker = busy, let parent = worker.process, let task = currentTaskAddress() else {
      preconditionFailure(
        "no process of this simulation runs here: only code inside spawn(_:) can wait")
    }
    if task == worker.task {
      running = parent.index
    } else if let place = parent.childPlaces[task] {
      running = parent.children[place].index
    } else {
      running = addChild(task, of: parent, on: worker)
    }
    return running
  }

  private func addChild(_ task: TaskAddress, of parent: Process, on worker: Worker) -> Int {
    let child = Process(
      "\(parent.name)/child \(parent.children.count)", host: parent.host,
      isDaemon: parent.isDaemon, number: processCount, body: nil)
    processCount += 1
    child.index = table.insert(child)
    child.death = parent.death
    table[child.index].pointee.owesError = parent.death != nil
    table[child.index].pointee.state = .running
    table[child.index].pointee.worker = .passUnretained(worker)
    parent.childPlaces[task] = parent.children.count
    parent.children.append(child)
    return child.index
  }

  /// A task of a worker wants to run: its own for the first time, or one of the runtime's.
  func enqueued(_ job: UnownedJob, for worker: Worker) {
    if worker.job == nil { return worker.job = job }
    precondition(isOnItsThread, Simulation.escape)
    ready.push(.job(job, .passUnretained(worker)))
  }

  /// The running process waits from now on; running its job again ends the wait.
  func parked(_ job: UnownedJob) {
    checkThread()
    if running >= 0 { table[running].pointee.job = job }
    running = -1
  }

  /// Crashes with a sentence where code of a simulation runs on another thread (debug builds).
  func checkThread() { assert(isOnItsThread, Simulation.escape) }

  private var isOnItsThread: Bool { !isRunning || pthread_equal(thread, currentThread()) != 0 }

  static var escape: String {
    """
    a process has left its simulation: Task.detached, Task { } and Task.sleep run on other threads \
    in real time; use Simulation.spawn and Simulation.sleep instead
    """
  }
}

/// The thread that asks.
func currentThread() -> pthread_t { pthread_self() }
