import SimulationKernel
import Testing

@Suite struct ErrandTests {
  private struct Failure: Error, Equatable {}

  @Test func whatIsAskedAgainAndAgainWakesItsProcessOnce() throws {
    let simulation = Simulation()
    var asked: [Double] = []
    simulation.spawn("asks") {
      try await simulation.wait(for: .time(.seconds(1))) {
        asked.append(simulation.now.seconds)
        return asked.count < 4 ? .time(.seconds(2)) : nil
      }
      #expect(simulation.now.seconds == 7)
    }
    try simulation.run()
    #expect(asked == [1, 3, 5, 7])
    // Its start, and four times that have passed.
    #expect(simulation.eventCount == 5)
  }

  @Test func whatFailsBetweenTwoPausesIsThrownThere() throws {
    let simulation = Simulation()
    simulation.spawn("fails") {
      await #expect(throws: Failure.self) {
        try await simulation.wait(for: .time(.seconds(1)), then: .time(.seconds(2))) {
          throw Failure()
        }
      }
      #expect(simulation.now.seconds == 3)
    }
    try simulation.run()
  }

  @Test func infiniteLinksOnlyCount() throws {
    let simulation = Simulation()
    let link = SharedLink(simulation, bytesPerSecond: .infinity)
    simulation.spawn("sends") {
      try await simulation.wait(
        for: .transfer(bytes: 300, over: link, cap: 100),
        then: .transfer(bytes: 5, over: link))
      #expect(simulation.now.seconds == 3)
    }
    try simulation.run()
    #expect(link.bytesCarried == 305)
  }

  /// The hub ends two transfers at once; the first process to go on kills the other before it can.
  @Test func whoIsKilledBetweenTwoPausesDoesNotBeginTheNext() throws {
    let simulation = Simulation()
    let link = SharedLink(simulation, bytesPerSecond: 100)
    var victim: Process?
    simulation.spawn("kills") {
      try await link.transfer(bytes: 100)
      simulation.kill(try #require(victim), Failure())
    }
    victim = simulation.spawn("dies") {
      await #expect(throws: Failure.self) {
        try await simulation.wait(
          for: .transfer(bytes: 100, over: link), then: .time(.seconds(5)))
      }
      #expect(simulation.now.seconds == 2)
    }
    try simulation.run()
    #expect(simulation.now.seconds == 2)
    #expect(link.activeTransfers == 0)
  }

  /// Errands end when loops of waits would, whenever they are interrupted; nothing is left behind.
  @Test("an errand is a loop of waits", arguments: 0..<60)
  func errandsAreLoopsOfWaits(seed: UInt64) throws {
    let loops = try Plan(seed: seed).run(onErrands: false)
    let errands = try Plan(seed: seed).run(onErrands: true)
    #expect(loops == errands)
    #expect(loops.contains { $0.hasSuffix("interrupted") })
    #expect(loops.contains { $0.hasSuffix("through") })
  }

  /// Processes with random pauses over shared links, some of which are interrupted.
  private struct Plan {
    private let simulation: Simulation
    private let links: [SharedLink]
    private var pauses: [[Pause]] = []
    private var interruptions: [(process: Int, time: Duration)] = []

    init(seed: UInt64) {
      var random = RandomStream(seed: seed, purpose: "plan")
      let simulation = Simulation()
      let links = [3e6, 1e6, 2e6].map { SharedLink(simulation, bytesPerSecond: $0) }
      (self.simulation, self.links) = (simulation, links)
      for i in 0..<20 {
        pauses.append(
          (0..<6).map { _ in
            if random.uniform() < 0.4 { return .time(.rounded(seconds: random.uniform())) }
            return .transfer(
              bytes: Int64(1e6 * random.uniform()), over: links[1 + i % 2],
              through: random.uniform() < 0.8 ? links[0] : nil,
              cap: random.uniform() < 0.5 ? 4e5 : .infinity)
          })
        if i % 3 == 0 { interruptions.append((i, .rounded(seconds: 8 * random.uniform()))) }
      }
    }

    /// When and how each process ended.
    func run(onErrands: Bool) throws -> [String] {
      var ends = [String](repeating: "", count: pauses.count)
      let processes = pauses.enumerated().map { i, pauses in
        simulation.spawn("process \(i)") {
          do {
            if onErrands {
              var left = pauses.dropFirst(2)
              try await simulation.wait(for: pauses[0], then: pauses[1]) { left.popFirst() }
            } else {
              for pause in pauses { try await wait(for: pause) }
            }
            ends[i] = "\(simulation.now) through"
          } catch is Failure { ends[i] = "\(simulation.now) interrupted" }
        }
      }
      for (process, time) in interruptions {
        simulation.schedule(after: time) { simulation.interrupt(processes[process], Failure()) }
      }
      try simulation.run()
      for link in links { #expect(link.activeTransfers == 0) }
      return ends + links.map { "\($0.bytesCarried)" }
    }

    private func wait(for pause: Pause) async throws {
      switch pause {
      case .time(let duration): try await simulation.sleep(for: duration)
      case .transfer(let bytes, let link, let other, let cap):
        try await link.transfer(bytes: bytes, through: other, cap: cap)
      }
    }
  }
}
