extension Simulation {
  /// Runs until nothing is left to happen, then ends the processes that still wait.
  ///
  /// A run is over when every process that is not a daemon has ended and no call is scheduled.
  /// What is still parked then (daemons; after an error, everybody) is killed, so that its
  /// `defer`s run and its memory is freed.
  ///
  /// - Throws: `Deadlock` when processes wait for what can no longer come; `LimitExceeded`.
  public func run() throws {
    precondition(!isRunning, "a simulation cannot run inside itself")
    thread = currentThread()
    isRunning = true
    defer {
      shutDown()
      isRunning = false
    }
    try runLoop()
    let waiters = findWaiters()
    if !waiters.isEmpty { throw Deadlock(time: now, waiters: waiters) }
  }

  private func runLoop() throws {
    let lastTime = limits.virtualTime.wholeNanoseconds
    while true {
      drain(limit: limits.events)
      if eventCount > limits.events { throw exceeded("event limit") }
      if pending == 0 { return }
      if queue.needsRefill, queue.count > 4096 { prefetchSoon() }
      guard let event = queue.pop() else { return }
      if event.time > lastTime {
        if isStale(event.token) { continue }
        throw exceeded("virtual time limit")
      }
      fire(event)
    }
  }

  /// Lets happen what can without the clock moving, while the limits allow it.
  private func drain(limit: Int) {
    while eventCount <= limit, let next = ready.pop() {
      eventCount &+= 1
      switch next {
      case .process(let index): goOn(index)
      case .job(let job, let worker):
        let worker = worker.takeUnretainedValue()
        running = -1
        busy = worker
        job.runSynchronously(on: worker.asUnownedTaskExecutor())
        running = -1
        busy = nil
      }
    }
  }

  /// Moves the clock to an event and lets it happen; one that is no longer wanted moves nothing.
  private func fire(_ event: EventQueue.Entry) {
    let token = event.token
    switch token.kind {
    case .process:
      let slot = table[token.index]
      guard slot.pointee.generation == token.generation else { return forget() }
      slot.pointee.generation &+= 1
      now = Instant(nanoseconds: event.time)
      eventCount &+= 1
      goOn(token.index)
    case .call:
      guard let (function, keepsRunning) = calls.fire(token) else { return forget() }
      if keepsRunning { pending &-= 1 }
      now = Instant(nanoseconds: event.time)
      eventCount &+= 1
      function()
    case .handler:
      pending &-= 1
      guard let handler = calls.handler(token.index) else { return }
      now = Instant(nanoseconds: event.time)
      eventCount &+= 1
      handler._withUnsafeGuaranteedRef { $0.function(token.generation) }
    }
  }

  private func forget() { if staleCount > 0 { staleCount &-= 1 } }

  private func isStale(_ token: Token) -> Bool {
    switch token.kind {
    case .process: table.isStale(token)
    case .call: calls.isStale(token)
    case .handler: calls.handler(token.index) == nil
    }
  }

  /// Runs a process whose wait is over, unless it is on an errand that leads to the next.
  @inline(__always)
  private func goOn(_ index: Int) {
    if let errand = table[index].pointee.errand {
      goOn(index, with: errand)
    } else {
      resume(index)
    }
  }

  @inline(never)
  private func goOn(_ index: Int, with errand: Unmanaged<Errand>) {
    table[index].pointee.errand = nil
    table[index].pointee.state = .parked
    table[index].pointee.awaited = nil
    guard errand._withUnsafeGuaranteedRef({ $0.goOn(at: index) }) else { return resume(index) }
    // It was killed when its wait was over and it had not gone on yet: the next wait throws.
    if table[index].pointee.owesError { interruptParked(index) }
  }

  /// Runs a process until it waits again.
  private func resume(_ index: Int) {
    if table[index].pointee.job == nil { employ(index) }
    let slot = table[index]
    slot.pointee.state = .running
    running = index
    let executor = slot.pointee.worker.unsafelyUnwrapped._withUnsafeGuaranteedRef {
      $0.asUnownedTaskExecutor()
    }
    slot.pointee.job.unsafelyUnwrapped.runSynchronously(on: executor)
    running = -1
  }

  /// Finds a task for a process that has none yet.
  private func employ(_ index: Int) {
    let worker = idle.popLast() ?? Worker(self)
    worker.process = table[index].pointee.process.unsafelyUnwrapped.takeUnretainedValue()
    if worker.job == nil {
      workers.append(worker)
      worker.launch()
    }
    table[index].pointee.job = worker.job
    table[index].pointee.worker = .passUnretained(worker)
  }

  /// Brings the memory of the next tasks near: with many processes every one of them has been
  /// away from the caches since it last ran.
  private func prefetchSoon() {
    queue.refill()
    queue.forEachSoon(12) { token in
      if token.kind == .process { table[token.index].pointee.prefetch() }
    }
  }

  // MARK: - The end of a run

  /// Who waits for what can no longer come.
  private func findWaiters() -> [Deadlock.Waiter] {
    if pending == 0 { return [] }
    return table.living().filter { !$0.isDaemon }.map { process in
      Deadlock.Waiter(name: process.name, awaited: describeWait(of: process))
    }
  }

  private func describeWait(of process: Process) -> String {
    let slot = table[process.index]
    if slot.pointee.state == .parked {
      guard let object = slot.pointee.awaited else { return "being woken" }
      return (object as? any CustomStringConvertible)?.description ?? "\(type(of: object))"
    }
    let waitsForChild = process.children.contains { table[$0.index].pointee.state == .parked }
    assert(waitsForChild, "\(process.name) does not come back: \(Simulation.escape)")
    return waitsForChild ? "its child tasks" : "something outside the simulation"
  }

  private func exceeded(_ limit: String) -> LimitExceeded {
    LimitExceeded(time: now, limit: limit, alive: table.living().map(\.name))
  }

  /// Ends every process that still waits, and the tasks.
  private func shutDown() {
    let end = Killed("the simulation has ended")
    let happened = eventCount
    defer { eventCount = happened }
    var waiting = table.living()
    while !waiting.isEmpty {
      for process in waiting { kill(process, end) }
      drain(limit: .max)
      waiting = table.living().filter { table[$0.index].pointee.state == .parked }
    }
    queue.restart(at: now.nanoseconds)
    calls.cancelAll()
    staleCount = 0
    pending = 0
    // In the order of their making, which is mostly that of their memory: with many tasks it takes
    // half as long to free them so.
    idle = []
    for (place, worker) in workers.enumerated() where worker.process == nil {
      if place + 8 < workers.count { workers[place + 8].job?.prefetch() }
      worker.job?.runSynchronously(on: worker.asUnownedTaskExecutor())
    }
    workers = []
  }
}
