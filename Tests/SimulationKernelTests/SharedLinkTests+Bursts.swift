import SimulationKernel
import Testing

/// Links that are faster for a while.
extension SharedLinkTests {
  /// Savings that last for long are not counted again and again.
  @Test func aBurstBehindABusyServerCostsNoEvents() throws {
    let simulation = Simulation()
    let server = SharedLink(simulation, bytesPerSecond: 1000)
    for i in 0..<100 {
      let function = SharedLink(
        simulation, bytesPerSecond: 100,
        burst: .init(bytes: 500, bytesPerSecond: 1000, refillPerSecond: 100))
      simulation.spawn("\(i)") {
        try await function.transfer(bytes: 400 + Int64(i % 10), through: server)
      }
    }
    try simulation.run()
    // Each begins, and ends.
    #expect(simulation.eventCount <= 300)
    #expect(abs(simulation.now.seconds - 40.45) < 1e-6)
  }

  @Test func aShortTransferSpendsItsShareOfABurst() throws {
    let simulation = Simulation()
    let link = SharedLink(
      simulation, bytesPerSecond: 100,
      burst: .init(bytes: 900, bytesPerSecond: 1000, refillPerSecond: 100))
    simulation.spawn("sender") {
      // Each takes half a second of the burst, which costs 900 bytes of savings a second.
      try await link.transfer(bytes: 500)
      #expect(simulation.now.nanoseconds == 500_000_000)
      try await link.transfer(bytes: 499)
      #expect(simulation.now.nanoseconds == 999_000_000)
      // A second's worth has been used up but for 0.9 bytes; ten seconds bring all of it back.
      try await simulation.sleep(for: .seconds(10))
      try await link.transfer(bytes: 800)
      #expect(simulation.now.nanoseconds == 11_799_000_000)
      #expect(link.bytesCarried == 1799)
    }
    try simulation.run()
  }

  @Test func aBurstEndsWhenItsBudgetIsUsedUp() throws {
    let simulation = Simulation()
    let link = SharedLink(
      simulation, bytesPerSecond: 100,
      burst: .init(bytes: 900, bytesPerSecond: 1000, refillPerSecond: 100))
    simulation.spawn("sender") {
      // 900 saved bytes last 900 / (1000 - 100) = 1 s, in which 1000 pass; then 100 a second.
      try await link.transfer(bytes: 1500)
      #expect(abs(simulation.now.seconds - 6) < 1e-4)
      // Five seconds bring 500 bytes back: 500 / 900 s at 1000 a second.
      try await simulation.sleep(for: .seconds(5))
      try await link.transfer(bytes: 1000)
      let burst = 500.0 / 900
      #expect(abs(simulation.now.seconds - (11 + burst + (1000 - 1000 * burst) / 100)) < 1e-3)
      #expect(link.bytesCarried == 2500)
    }
    try simulation.run()
  }

  @Test func aBurstLastsLongerBehindANarrowLink() throws {
    let simulation = Simulation()
    let function = SharedLink(
      simulation, bytesPerSecond: 100,
      burst: .init(bytes: 900, bytesPerSecond: 1000, refillPerSecond: 0))
    let server = SharedLink(simulation, bytesPerSecond: 300)
    simulation.spawn("sender") {
      // 3 s at the 300 of the server, then 100.
      try await function.transfer(bytes: 1000, through: server)
      #expect(abs(simulation.now.seconds - 4) < 1e-2)
    }
    try simulation.run()
  }

  @Test("tangled links that burst carry every byte", arguments: 0..<20)
  func tangledBursts(seed: Int) throws {
    let simulation = Simulation(seed: UInt64(seed))
    var random = simulation.random(for: "transfers")
    let links = (0..<6).map { i in
      SharedLink(
        simulation, bytesPerSecond: 100,
        burst: .init(bytes: 50 * Double(i), bytesPerSecond: 300, refillPerSecond: 20))
    }
    var expected = [Int64](repeating: 0, count: 6)
    for i in 0..<40 {
      // Few sizes and starts, so that many end at the same instant.
      let (start, bytes) = (random.uniform(below: 3), 60 * Int64(1 + random.uniform(below: 2)))
      let (first, second) = (i % 6, (i + 1 + i / 6 % 5) % 6)
      expected[first] += bytes
      expected[second] += bytes
      simulation.spawn("\(i)") {
        try await simulation.sleep(for: .seconds(start))
        try await links[first].transfer(bytes: bytes, through: links[second])
      }
    }
    try simulation.run()
    for (link, bytes) in zip(links, expected) {
      #expect(abs(link.bytesCarried - Double(bytes)) < 1e-6 && link.activeTransfers == 0)
      // All of a link's bytes at its steady rate, less what it saved and what came back meanwhile.
      #expect(simulation.now.seconds > (Double(bytes) - 300 - 20 * 99) / 100)
    }
  }
}
