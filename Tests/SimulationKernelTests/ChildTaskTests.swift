import SimulationKernel
import Testing

/// Child tasks of Swift's own structured concurrency are processes as soon as they wait.
@Suite struct ChildTaskTests {
  final class Host {}
  let simulation = Simulation()
  let diary = Diary()

  @Test func childrenInheritTheHost() throws {
    let (one, two) = (Host(), Host())
    for (name, host) in [("one", one), ("two", two)] {
      simulation.spawn(name, on: host) { [simulation, diary] in
        nonisolated(unsafe) let (simulation, diary, host) = (simulation, diary, host)
        func check(_ place: String) {
          if simulation.current.host !== host { diary.note(simulation, "\(name) lost in \(place)") }
        }
        async let slow: Int = {
          try await simulation.sleep(for: .nanoseconds(3))
          check("async let")
          return 1
        }()
        check("before a wait")
        try await withThrowingTaskGroup(of: Void.self) { group in
          for n in 0..<3 {
            group.addTask {
              check("a new child")
              try await simulation.sleep(for: .nanoseconds(n))
              check("a child")
            }
          }
          for try await _ in group { check("the parent between children") }
        }
        check("after a group")
        _ = try await slow
        check("after async let")
        do {
          try await simulation.withTimeout(.nanoseconds(2)) {
            try await simulation.sleep(for: .seconds(1))
          }
        } catch is TimedOut { check("after a timeout") }
        _ = try await simulation.concurrently([1, 2]) { _ in check("concurrently") }
        let child = simulation.spawn("child") { check("spawn") }
        try await simulation.join(child)
        check("the end")
      }
    }
    try simulation.run()
    #expect(diary.lines.isEmpty)
    #expect(simulation.now.nanoseconds == 5)
  }

  @Test func killingTheParentKillsItsChildTasks() throws {
    let parent = simulation.spawn("parent") { [simulation] in
      nonisolated(unsafe) let simulation = simulation
      async let a: Void = simulation.sleep(for: .seconds(5))
      async let b: Void = simulation.sleep(for: .seconds(7))
      _ = try await (a, b)
    }
    simulation.schedule(after: .seconds(1)) { [simulation] in
      simulation.kill(parent, Killed("over"))
    }
    try simulation.run()
    #expect(simulation.now.seconds == 1 && parent.failure is Killed)
  }

  @Test func timeoutsReachChildTasks() throws {
    simulation.spawn("parent") { [simulation, diary] in
      nonisolated(unsafe) let simulation = simulation
      do {
        try await simulation.withTimeout(.seconds(2)) {
          async let a: Void = simulation.sleep(for: .seconds(5))
          try await a
        }
      } catch is TimedOut { diary.note(simulation, "timed out") }
    }
    try simulation.run()
    #expect(diary.lines == ["2000000000 timed out"])
  }

  @Test func aDeadlockInAChildTaskIsReported() throws {
    let never = Signal(simulation, name: "a signal nobody fires")
    simulation.spawn("parent") {
      nonisolated(unsafe) let never = never
      async let child: Void = never.wait()
      try await child
    }
    let error = #expect(throws: Deadlock.self) { try simulation.run() }
    #expect(error?.waiting == ["parent", "parent/child 0"])
    #expect(error?.waiters.map(\.awaited) == ["its child tasks", "a signal nobody fires"])
  }
}
