import Testing

@testable import SimulationKernel

/// What processes said, in the order in which they said it.
final class Diary {
  var lines: [String] = []
  func note(_ simulation: Simulation, _ text: String) {
    lines.append("\(simulation.now.nanoseconds) \(text)")
  }
}

@Suite struct ProcessTests {
  let simulation = Simulation()
  let diary = Diary()

  @Test func equalTimesKeepTheOrderOfScheduling() throws {
    for name in ["a", "b", "c"] {
      simulation.spawn(name) { [simulation, diary] in
        diary.note(simulation, name)
        try await simulation.sleep(for: .nanoseconds(5))
        diary.note(simulation, name)
        try await simulation.sleep(for: .zero)
        diary.note(simulation, name)
      }
    }
    try simulation.run()
    #expect(
      diary.lines == ["0 a", "0 b", "0 c", "5 a", "5 b", "5 c", "5 a", "5 b", "5 c"])
  }

  @Test func aKilledProcessDiesWhereItWaitsAndStaysDead() throws {
    let victim = simulation.spawn("victim") { [simulation, diary] in
      do {
        try await simulation.sleep(for: .nanoseconds(1000))
      } catch let death as Killed {
        diary.note(simulation, death.reason)
      }
      try await simulation.sleep(for: .nanoseconds(1))
      diary.note(simulation, "never")
    }
    simulation.spawn("killer") { [simulation] in
      try await simulation.sleep(for: .nanoseconds(10))
      simulation.kill(victim, Killed("enough"))
    }
    try simulation.run()
    #expect(diary.lines == ["10 enough"])
    #expect(victim.isFinished && victim.failure is Killed)
    #expect(simulation.now.nanoseconds == 10, "a dead sleeper's alarm moves no clock")
  }

  @Test func aProcessKilledBeforeItsFirstStatementNeverRuns() throws {
    let stillborn = simulation.spawn("stillborn") { [simulation, diary] in
      diary.note(simulation, "born")
    }
    simulation.kill(stillborn, Killed("early"))
    try simulation.run()
    #expect(diary.lines.isEmpty && stillborn.failure is Killed)
  }

  @Test func timeoutsThrowWhereTheBodyWaits() throws {
    simulation.spawn("impatient") { [simulation, diary] in
      do {
        try await simulation.withTimeout(.nanoseconds(5)) {
          try await simulation.sleep(for: .nanoseconds(9))
        }
      } catch let error as TimedOut {
        diary.note(simulation, "\(error.limit.wholeNanoseconds)")
      }
      let value = try await simulation.withTimeout(.nanoseconds(5)) {
        try await simulation.sleep(for: .nanoseconds(4))
        return "in time"
      }
      diary.note(simulation, value)
      try await simulation.sleep(for: .nanoseconds(100))
      diary.note(simulation, "undisturbed")
    }
    try simulation.run()
    #expect(diary.lines == ["5 5", "9 in time", "109 undisturbed"])
  }

  @Test func aTimeoutThatFindsItsProcessReadyStrikesAtTheNextWait() throws {
    let signal = Signal(simulation)
    simulation.spawn("late") { [simulation, diary] in
      do {
        try await simulation.withTimeout(.nanoseconds(5)) {
          try await signal.wait()
          diary.note(simulation, "woken")
          try await simulation.sleep(for: .nanoseconds(100))
        }
      } catch is TimedOut { diary.note(simulation, "timed out") }
    }
    simulation.schedule(after: .nanoseconds(5)) { signal.fire() }
    try simulation.run()
    #expect(diary.lines == ["5 timed out"] || diary.lines == ["5 woken", "5 timed out"])
  }

  @Test func nestedTimeoutsTellWhichOneStruck() throws {
    simulation.spawn("nested") { [simulation, diary] in
      do {
        try await simulation.withTimeout(.nanoseconds(5)) {
          try await simulation.withTimeout(.nanoseconds(50)) {
            try await simulation.sleep(for: .seconds(1))
          }
        }
      } catch let error as TimedOut {
        diary.note(simulation, "\(error.limit.wholeNanoseconds)")
      }
    }
    try simulation.run()
    #expect(diary.lines == ["5 5"])
  }

  @Test func joiningGivesTheFailure() throws {
    struct Broken: Error {}
    let child = simulation.spawn("child") { [simulation] in
      try await simulation.sleep(for: .nanoseconds(3))
      throw Broken()
    }
    simulation.spawn("parent") { [simulation, diary] in
      do { try await simulation.join(child) } catch is Broken { diary.note(simulation, "broken") }
      do { try await simulation.join(child) } catch is Broken { diary.note(simulation, "again") }
    }
    try simulation.run()
    #expect(diary.lines == ["3 broken", "3 again"])
  }

  @Test func groupsGiveResultsInOrderOrTheFirstError() throws {
    struct Broken: Error {}
    simulation.spawn("parent") { [simulation, diary] in
      let squares = try await simulation.concurrently([3, 1, 2]) { n in
        try await simulation.sleep(for: .nanoseconds(n))
        return n * n
      }
      diary.note(simulation, "\(squares)")
      do {
        _ = try await simulation.concurrently([3, 1, 2]) { n in
          try await simulation.sleep(for: .nanoseconds(n))
          if n == 2 { throw Broken() }
          diary.note(simulation, "\(n) ended")
        }
      } catch is Broken { diary.note(simulation, "broken") }
      let first = try await simulation.first(of: [30, 10, 20]) { n in
        try await simulation.sleep(for: .nanoseconds(n))
        return n
      }
      diary.note(simulation, "\(first.index): \(first.value)")
    }
    try simulation.run()
    #expect(diary.lines == ["3 [9, 1, 4]", "4 1 ended", "5 broken", "15 1: 10"])
  }

  @Test func killingTheParentKillsTheGroup() throws {
    let parent = simulation.spawn("parent") { [simulation] in
      _ = try await simulation.concurrently([1, 2]) { n in
        try await simulation.sleep(for: .seconds(n))
      }
    }
    simulation.schedule(after: .milliseconds(1)) { [simulation] in
      simulation.kill(parent, Killed("over"))
    }
    try simulation.run()
    #expect(simulation.now.nanoseconds == 1_000_000 && parent.failure is Killed)
  }

  @Test func aDeadlockNamesWhoWaitsForWhat() throws {
    let never = Signal(simulation, name: "the gradient of step 7")
    let letters = Store<Int>(simulation)
    simulation.spawn("worker-3") { try await never.wait() }
    simulation.spawn("reader") { _ = try await letters.get() }
    simulation.spawn("background", isDaemon: true) { try await never.wait() }
    let error = #expect(throws: Deadlock.self) { try simulation.run() }
    #expect(error?.waiting == ["worker-3", "reader"])
    #expect(error?.waiters.map(\.awaited) == ["the gradient of step 7", "an element of a store"])
  }

  @Test func aRunEndsWhenOnlyDaemonsAreLeft() throws {
    let ticker = simulation.spawn("ticker", isDaemon: true) { [simulation] in
      while true { try await simulation.sleep(for: .seconds(1)) }
    }
    simulation.spawn("work") { [simulation] in
      try await simulation.sleep(for: .milliseconds(2500))
    }
    try simulation.run()
    #expect(simulation.now.seconds == 2.5)
    #expect(ticker.failure is Killed, "what is left is ended with the run")
  }

  @Test func limitsStopALivelock() throws {
    let bounded = Simulation(limits: .init(virtualTime: .seconds(10), events: 1000))
    bounded.spawn("poller") { while true { try await bounded.sleep(for: .seconds(1)) } }
    let error = #expect(throws: LimitExceeded.self) { try bounded.run() }
    #expect(error?.time.seconds == 10 && error?.alive == ["poller"])

    let spinning = Simulation(limits: .init(events: 1000))
    spinning.spawn("spinner") { while true { try await spinning.sleep(for: .zero) } }
    #expect(throws: LimitExceeded.self) { try spinning.run() }
    #expect(spinning.eventCount == 1001)
  }

  @Test func callsHappenInOrderAndCanBeCancelled() throws {
    let later = simulation.schedule(after: .nanoseconds(7)) { [diary] in diary.lines.append("7") }
    simulation.schedule(after: .nanoseconds(3)) { [simulation, diary] in
      diary.note(simulation, "call")
      simulation.cancel(later)
    }
    let alarm = Simulation.Alarm(simulation) { [simulation, diary] in
      diary.note(simulation, "alarm")
    }
    alarm.set(after: .nanoseconds(100))
    alarm.set(after: .nanoseconds(4))
    let handler = Simulation.Handler(simulation) { [simulation, diary] argument in
      diary.note(simulation, "handler \(argument)")
    }
    handler.schedule(after: .nanoseconds(4), 1)
    handler.schedule(after: .nanoseconds(2), 2)
    try simulation.run()
    #expect(diary.lines == ["2 handler 2", "3 call", "4 alarm", "4 handler 1"])
    #expect(simulation.now.nanoseconds == 4)
  }

  @Test func aSimulationCanRunAgain() throws {
    let sleeper = simulation.spawn("sleeper") { [simulation] in
      try await simulation.sleep(for: .seconds(1000))
    }
    simulation.schedule(after: .seconds(1)) { [simulation] in
      simulation.kill(sleeper, Killed("early"))
    }
    try simulation.run()
    #expect(simulation.now.seconds == 1)
    simulation.spawn("second") { [simulation, diary] in
      try await simulation.sleep(for: .seconds(1))
      diary.note(simulation, "second")
    }
    try simulation.run()
    #expect(diary.lines == ["2000000000 second"])
  }

  @Test func interruptedProcessesMayGoOn() throws {
    struct Bell: Error {}
    let sleeper = simulation.spawn("sleeper") { [simulation, diary] in
      do { try await simulation.sleep(for: .seconds(9)) } catch is Bell {
        diary.note(simulation, "bell")
      }
      try await simulation.sleep(for: .nanoseconds(1))
      diary.note(simulation, "awake")
    }
    simulation.schedule(after: .nanoseconds(3)) { [simulation] in
      simulation.interrupt(sleeper, Bell())
    }
    try simulation.run()
    #expect(diary.lines == ["3 bell", "4 awake"] && sleeper.failure == nil)
  }

  @Test func manyStaleTimeoutsAreSweptFromTheQueue() throws {
    simulation.spawn("caller") { [simulation] in
      for _ in 0..<20_000 {
        try await simulation.withTimeout(.seconds(900)) {
          try await simulation.sleep(for: .milliseconds(1))
        }
      }
      #expect(simulation.queue.count < 5_000)
    }
    try simulation.run()
    #expect(simulation.now.seconds == 20)
  }
}
