import SimulationKernel
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Lets processes pass only together.
final class Barrier: CustomStringConvertible {
  let description: String
  private let simulation: Simulation
  private let parties: Int
  private var waiting: [Wait] = []

  init(_ simulation: Simulation, parties: Int, name: String) {
    self.simulation = simulation
    self.parties = parties
    description = name
  }

  func pass() async throws {
    waiting.removeAll { $0.isOver }
    if waiting.count + 1 < parties {
      try await simulation.suspend(for: self) { waiting.append($0) }
    } else {
      for wait in waiting { simulation.wake(wait) }
      waiting = []
    }
  }
}

/// The code of the articles, run: what they print is what it does.
@Suite struct ArticleTests {
  let simulation = Simulation()
  let diary = Diary()

  @Test func theOrderOfEvents() throws {
    func print(_ name: String) { diary.note(simulation, name) }
    for name in ["a", "b", "c"] {
      simulation.spawn(name) {
        try await simulation.sleep(for: .seconds(1))
        print(name)  // a, b, c: the order in which they went to sleep
      }
    }
    try simulation.run()
    #expect(diary.lines == ["1000000000 a", "1000000000 b", "1000000000 c"])
  }

  @Test func spawnAndWait() throws {
    let server = Resource(simulation, capacity: 1)
    let results = Store<Instant>(simulation)
    simulation.spawn("worker") {
      try await simulation.sleep(for: .milliseconds(20))
      try await server.use { try await simulation.sleep(for: .milliseconds(5)) }
      results.put(simulation.now)
    }
    try simulation.run()
    #expect(results.count == 1 && simulation.now.seconds == 0.025)
  }

  @Test func anErrand() throws {
    let link = SharedLink(simulation, bytesPerSecond: 1e5)
    simulation.spawn("caller") {
      let reply = Pause.transfer(bytes: 1000, over: link)
      try await simulation.wait(for: .time(.milliseconds(20)), then: reply)
    }
    try simulation.run()
    #expect(simulation.now.seconds == 0.03)
  }

  @Test func severalThingsAtOnce() throws {
    let keys = ["long key", "key"]
    func download(_ key: String) async throws -> Int {
      try await simulation.sleep(for: .seconds(key.count))
      return key.count
    }
    simulation.spawn("reader") {
      let sizes = try await simulation.concurrently(keys) { key in
        try await download(key)
      }
      let (fastest, size) = try await simulation.first(of: keys) { key in
        try await download(key)
      }
      diary.note(simulation, "\(sizes) \(fastest) \(size)")
    }
    try simulation.run()
    #expect(diary.lines == ["11000000000 [8, 3] 1 3"])
  }

  @Test func givingUp() throws {
    let letters = Store<String>(simulation)
    simulation.spawn("reader") {
      var timeouts = 0
      do {
        try await simulation.withTimeout(.seconds(1)) { _ = try await letters.get() }
      } catch is TimedOut {
        timeouts += 1
      }
      diary.note(simulation, "\(timeouts)")
    }
    try simulation.run()
    #expect(diary.lines == ["1000000000 1"])
  }

  @Test func aBarrierLetsProcessesPassTogether() throws {
    let barrier = Barrier(simulation, parties: 3, name: "the barrier of step 1")
    let killed = simulation.spawn("killed") { try await barrier.pass() }
    simulation.schedule(after: .nanoseconds(1)) { simulation.kill(killed, Killed("early")) }
    for n in 2...4 {
      simulation.spawn("\(n)") {
        try await simulation.sleep(for: .nanoseconds(n))
        try await barrier.pass()
        diary.note(simulation, "\(n)")
      }
    }
    simulation.spawn("late") {
      try await simulation.sleep(for: .nanoseconds(9))
      try await barrier.pass()
    }
    let deadlock = #expect(throws: Deadlock.self) { try simulation.run() }
    #expect(diary.lines == ["4 4", "4 2", "4 3"])
    #expect(deadlock?.waiters.map(\.awaited) == ["the barrier of step 1"])
  }

  #if canImport(Glibc)
    @Test(
      "the code in the articles is the code above",
      arguments: ["HowTimeWorks", "WritingAProcess", "AddingAResource"])
    func articles(_ name: String) throws {
      let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
      let root = here.dropLast(3).joined(separator: "/")
      let article = try lines("\(root)/Sources/SimulationKernel/SimulationKernel.docc/\(name).md")
      let known = Set(try lines(#filePath))
      var isCode = false
      var codeLines = 0
      for line in article {
        if line.hasPrefix("```") {
          isCode.toggle()
        } else if isCode {
          codeLines += 1
          #expect(known.contains(line), "\(name) shows what no test runs: \(line)")
        }
      }
      #expect(codeLines > 0)
    }

    /// The lines of a file without their indentation.
    private func lines(_ path: String) throws -> [String] {
      let file = try #require(fopen(path, "r"))
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 1024)
      var lines: [String] = []
      while fgets(&line, 1024, file) != nil {
        let text = String(
          decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init), as: UTF8.self)
        lines.append(String(text.drop { $0 == " " }))
      }
      return lines
    }
  #endif
}
