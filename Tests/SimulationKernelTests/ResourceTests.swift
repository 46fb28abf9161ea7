import SimulationKernel
import Testing

@Suite struct ResourceTests {
  let simulation = Simulation()
  let diary = Diary()

  @Test func serversAreGivenInTheOrderOfAsking() throws {
    let servers = Resource(simulation, capacity: 2)
    for name in ["a", "b", "c", "d"] {
      simulation.spawn(name) { [simulation, diary] in
        try await servers.use {
          diary.note(simulation, name)
          try await simulation.sleep(for: .nanoseconds(10))
        }
      }
    }
    try simulation.run()
    #expect(diary.lines == ["0 a", "0 b", "10 c", "10 d"])
    #expect(servers.available == 2)
  }

  @Test("no server is lost, whoever dies while waiting or working", arguments: 0..<20)
  func killsLoseNoServer(seed: Int) throws {
    let servers = Resource(simulation, capacity: 3)
    var random = simulation.random(for: "kills", actor: "\(seed)")
    for i in 0..<40 {
      let (start, work) = (random.uniform(below: 20), 1 + random.uniform(below: 9))
      let user = simulation.spawn("user \(i)") { [simulation] in
        try await simulation.sleep(for: .nanoseconds(start))
        try await servers.use { try await simulation.sleep(for: .nanoseconds(work)) }
      }
      if random.uniform(below: 2) == 0 {
        simulation.schedule(after: .nanoseconds(random.uniform(below: 60))) { [simulation] in
          simulation.kill(user, Killed("chosen"))
        }
      }
    }
    try simulation.run()
    #expect(servers.available == 3)
  }

  @Test("to hold a server for a time is to use it and sleep", arguments: 0..<50)
  func holding(seed: Int) throws {
    // Everybody has nanoseconds of their own: no two things happen at once but where it is meant.
    func diary(of hold: @escaping (Simulation, Resource, Duration) async throws -> Void) throws
      -> [String]
    {
      let (simulation, diary) = (Simulation(), Diary())
      let servers = Resource(simulation, capacity: 1 + seed % 3)
      var random = simulation.random(for: "holds", actor: "\(seed)")
      for i in 0..<60 {
        let start = Duration.nanoseconds(100_000 * random.uniform(below: 60) + i)
        let work = Duration.nanoseconds(100_000 * (1 + random.uniform(below: 9)) + 100 * i)
        let user = simulation.spawn("user \(i)") {
          defer { diary.note(simulation, "\(i)") }
          try await simulation.sleep(for: start)
          try await hold(simulation, servers, work)
        }
        if random.uniform(below: 3) == 0 {
          let end = Duration.nanoseconds(100_000 * random.uniform(below: 120) + 50_000 + i)
          simulation.schedule(after: end) { simulation.kill(user, Killed("chosen")) }
        }
      }
      // One is killed at the very time at which its turn comes.
      simulation.spawn("first") {
        try await simulation.sleep(for: .seconds(1))
        try await hold(simulation, servers, .seconds(1))
      }
      for i in 0..<3 {
        let user = simulation.spawn("late \(i)") {
          defer { diary.note(simulation, "late \(i)") }
          try await simulation.sleep(for: .seconds(1) + .nanoseconds(1))
          try await hold(simulation, servers, .seconds(2) + .nanoseconds(i))
        }
        simulation.schedule(after: .seconds(2)) {
          if i == 0 { simulation.kill(user, Killed("at its turn")) }
        }
      }
      try simulation.run()
      #expect(servers.available == 1 + seed % 3)
      return diary.lines
    }
    let held = try diary { _, servers, work in try await servers.hold(for: work) }
    let used = try diary { simulation, servers, work in
      try await servers.use { try await simulation.sleep(for: work) }
    }
    #expect(held == used && held.count == 63)
  }

  @Test func whoDiesBeforeWaitingGivesBackNoServer() throws {
    let server = Resource(simulation, capacity: 1)
    simulation.spawn("holder") { try await server.hold(for: .nanoseconds(10)) }
    simulation.spawn("killed") { [simulation] in
      simulation.kill(simulation.current, Killed("while it runs"))
      try await server.hold(for: .nanoseconds(10))
    }
    try simulation.run()
    #expect(server.available == 1)
  }

  @Test func aStoreIsFirstInFirstOutOnBothSides() throws {
    let store = Store<Int>(simulation)
    for name in ["a", "b", "c"] {
      simulation.spawn(name) { [simulation, diary] in
        diary.note(simulation, "\(name) \(try await store.get())")
      }
    }
    simulation.spawn("source") { [simulation] in
      try await simulation.sleep(for: .nanoseconds(1))
      for number in 1...4 { store.put(number) }
    }
    try simulation.run()
    #expect(diary.lines == ["1 a 1", "1 b 2", "1 c 3"] && store.count == 1)
  }

  @Test func nobodyOvertakesWhoHasBeenPromisedAnElement() throws {
    let store = Store<Int>(simulation)
    simulation.spawn("waiter") { [simulation, diary] in
      diary.note(simulation, "waiter \(try await store.get())")
    }
    simulation.spawn("passer-by") { [simulation, diary] in
      try await simulation.sleep(for: .nanoseconds(1))
      store.put(1)  // the waiter has not run yet
      #expect(store.count == 0)
      diary.note(simulation, "passer-by waits")
      store.put(2)
      diary.note(simulation, "passer-by \(try await store.get())")
    }
    try simulation.run()
    #expect(diary.lines == ["1 passer-by waits", "1 passer-by 2", "1 waiter 1"])
  }

  @Test func aKilledReaderTakesNothing() throws {
    let store = Store<Int>(simulation)
    let killed = simulation.spawn("killed") { _ = try await store.get() }
    simulation.spawn("reader") { [simulation, diary] in
      diary.note(simulation, "\(try await store.get())")
    }
    simulation.schedule(after: .nanoseconds(1)) { [simulation] in
      simulation.kill(killed, Killed("early"))
      store.put(7)
    }
    try simulation.run()
    #expect(diary.lines == ["1 7"])
  }

  @Test func aSignalStaysFired() throws {
    let signal = Signal(simulation)
    simulation.spawn("early") { [simulation, diary] in
      try await signal.wait()
      diary.note(simulation, "early")
    }
    simulation.spawn("late") { [simulation, diary] in
      try await simulation.sleep(for: .nanoseconds(9))
      try await signal.wait()
      diary.note(simulation, "late")
    }
    simulation.schedule(after: .nanoseconds(5)) { signal.fire() }
    try simulation.run()
    #expect(diary.lines == ["5 early", "9 late"] && signal.hasFired)
  }

  @Test func aTokenBucketLetsItsRateThroughAfterABurst() throws {
    let bucket = TokenBucket(simulation, capacity: 5, refillPerSecond: 2)
    for i in 0..<9 {
      simulation.spawn("\(i)") { [simulation, diary] in
        try await bucket.acquire()
        diary.note(simulation, "\(i)")
      }
    }
    try simulation.run()
    // Five at once, then one every half second.
    let expected = (0..<9).map { i in "\(max(0, i - 4) * 500_000_000) \(i)" }
    #expect(diary.lines == expected)
  }

  @Test func aBigRequestIsNotOvertakenAndADeadOneForgotten() throws {
    let bucket = TokenBucket(simulation, capacity: 10, refillPerSecond: 1, initial: 2)
    let big = simulation.spawn("big") { try await bucket.acquire(8) }
    simulation.spawn("small") { [simulation, diary] in
      #expect(!bucket.take(1), "there are two, but the big one was first")
      try await bucket.acquire(1)
      diary.note(simulation, "small")
    }
    simulation.schedule(after: .seconds(3)) { [simulation] in
      #expect(bucket.available == 5)
      simulation.kill(big, Killed("gave up"))
    }
    try simulation.run()
    #expect(diary.lines == ["3000000000 small"])
    #expect(bucket.available == 4)
  }
}
