import SimulationKernel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// What is left of a run in memory, and what happens to code that leaves it.
@Suite struct LifetimeTests {
  final class Probe {
    private let onEnd: () -> Void
    init(_ onEnd: @escaping () -> Void) { self.onEnd = onEnd }
    deinit { onEnd() }
  }

  final class Counter { var value = 0 }

  @Test func whatAProcessHeldIsFreedWithIt() throws {
    let freed = Counter()
    do {
      let simulation = Simulation()
      let never = Signal(simulation)
      for isDaemon in [true, false] {
        let probe = Probe { freed.value += 1 }
        simulation.spawn("waits for ever", isDaemon: isDaemon) {
          try await never.wait()
          _ = probe
        }
      }
      let probe = Probe { freed.value += 1 }
      simulation.schedule(after: .seconds(1)) { _ = probe }
      #expect(throws: Deadlock.self) { try simulation.run() }
    }
    #expect(freed.value == 3)
  }

  @Test func aSimulationIsFreedWithItsModel() throws {
    weak var weakSimulation: Simulation?
    do {
      let simulation = Simulation()
      weakSimulation = simulation
      let link = SharedLink(simulation, bytesPerSecond: 10)
      let bucket = TokenBucket(simulation, capacity: 5, refillPerSecond: 1, initial: 0)
      simulation.spawn("user") {
        try await link.transfer(bytes: 100)
        try await bucket.acquire(5)
        _ = try await simulation.concurrently([1, 2]) { n in
          try await simulation.sleep(for: .seconds(n))
        }
      }
      simulation.spawn("daemon", isDaemon: true) { try await simulation.sleep(for: .seconds(99)) }
      try simulation.run()
    }
    #expect(weakSimulation == nil)
  }

  #if os(Linux)
    @Test func thousandsOfRunsDoNotGrow() async {
      await #expect(processExitsWith: .success) {
        for _ in 0..<500 { try oneRunWithLeftovers() }
        let before = residentBytes()
        for _ in 0..<5_000 { try oneRunWithLeftovers() }
        precondition(residentBytes() - before < 1_000_000, "runs leave something behind")
      }
    }
  #endif

  @Test func aDetachedTaskCannotWaitInASimulation() async {
    await #expect(processExitsWith: .failure) {
      let simulation = Simulation()
      simulation.spawn("leaver") {
        nonisolated(unsafe) let simulation = simulation
        let task = Task.detached { try await simulation.sleep(for: .seconds(1)) }
        try await task.value
      }
      try simulation.run()
    }
  }

  @Test func realSleepIsNoticed() async {
    await #expect(processExitsWith: .failure) {
      let simulation = Simulation()
      simulation.spawn("dreamer") { try await Task.sleep(for: .milliseconds(1)) }
      try simulation.run()
    }
  }

  @Test func timeDoesNotGoBack() async {
    await #expect(processExitsWith: .failure) {
      let simulation = Simulation()
      simulation.schedule(after: .nanoseconds(-1)) {}
      try simulation.run()
    }
  }
}

/// A run that ends in a deadlock, with a process of every kind still waiting.
func oneRunWithLeftovers() throws {
  let simulation = Simulation(log: EventLog(.off))
  let never = Signal(simulation)
  let store = Store<Int>(simulation)
  let link = SharedLink(simulation, bytesPerSecond: 1)
  for _ in 0..<5 {
    simulation.spawn("waiter") { try await never.wait() }
    simulation.spawn("reader", isDaemon: true) { _ = try await store.get() }
    simulation.spawn("parent") {
      nonisolated(unsafe) let never = never
      async let child: Void = never.wait()
      try await child
    }
    simulation.spawn("sender") { try await link.transfer(bytes: 3) }
  }
  do { try simulation.run() } catch is Deadlock { return }
  preconditionFailure("this run has to end in a deadlock")
}

#if os(Linux)
  /// Memory of this process that is in use now.
  func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
  }
#endif
