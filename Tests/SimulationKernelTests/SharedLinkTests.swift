import SimulationKernel
import Testing

@Suite struct SharedLinkTests {
  /// Starts transfers as the reference describes them; returns when each was through, in seconds.
  func simulate(_ reference: MaxMinReference, onErrands: Bool = false) throws -> [Double] {
    let simulation = Simulation()
    let links = reference.capacities.enumerated().map { link, capacity in
      let burst = reference.bursts[link].map {
        SharedLink.Burst(
          bytes: $0.bytes, bytesPerSecond: $0.bytesPerSecond, refillPerSecond: 0)
      }
      return SharedLink(simulation, bytesPerSecond: capacity, burst: burst)
    }
    let finish = Finish(count: reference.flows.count)
    for (i, flow) in reference.flows.enumerated() {
      let process = simulation.spawn("flow \(i)") {
        defer { finish.times[i] = simulation.now.seconds }
        let start = Duration.rounded(seconds: flow.start)
        let bytes = Int64(flow.bytes)
        let (first, second) = (links[flow.links[0]], flow.links.dropFirst().first.map { links[$0] })
        if onErrands {
          try await simulation.wait(
            for: .time(start),
            then: .transfer(bytes: bytes, over: first, through: second, cap: flow.cap))
        } else {
          try await simulation.sleep(for: start)
          try await first.transfer(bytes: bytes, through: second, cap: flow.cap)
        }
      }
      if flow.end.isFinite {
        simulation.schedule(after: .rounded(seconds: flow.end)) {
          simulation.kill(process, Killed("given up"))
        }
      }
    }
    for change in reference.changes {
      simulation.schedule(after: .rounded(seconds: change.time)) {
        links[change.link].bytesPerSecond = change.capacity
      }
    }
    try simulation.run()
    for link in links { #expect(link.activeTransfers == 0) }
    return finish.times
  }

  final class Finish {
    var times: [Double]
    init(count: Int) { times = .init(repeating: 0, count: count) }
  }

  func check(_ scenario: MaxMinReference, within tolerance: Double = 1e-7) throws {
    var reference = scenario
    let expected = reference.finishTimes()
    let times = try simulate(scenario)
    #expect(try simulate(scenario, onErrands: true) == times)
    for (i, (time, right)) in zip(times, expected).enumerated() {
      let latency = right - scenario.flows[i].start
      #expect(
        abs(time - right) < 1e-6 * latency + tolerance, "flow \(i): \(time), should be \(right)")
    }
  }

  /// The bottleneck of SimGrid's documentation: one core, three network interfaces.
  @Test func aCoreAndThreeInterfaces() throws {
    let megabytes = 1e6
    let times = try simulate(
      MaxMinReference(
        capacities: [100, 20, 80, 80].map { $0 * megabytes },
        flows: (1...3).map {
          .init(start: 0, bytes: 100 * megabytes, cap: .infinity, links: [$0, 0])
        }))
    // 20 MB/s for the first, (100 - 20) / 2 = 40 MB/s for the others.
    #expect(times == [5, 2.5, 2.5])
  }

  @Test("stars are exact", arguments: 0..<40)
  func stars(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "stars")
    let caps = [.infinity, 1e6, 3e6, 4e6]
    let flows = (0..<60).map { i in
      MaxMinReference.Flow(
        start: random.uniform() * 3, bytes: (random.uniform() * 5e6).rounded(.up),
        cap: i % 12 == 0 ? 2e6 : caps[i % 4], links: [1 + i % 12, 0])
    }
    let interfaces = (1...12).map { Double($0 % 5 + 1) * 1e6 }
    try check(MaxMinReference(capacities: [2e7] + interfaces, flows: flows))
  }

  /// Functions spend what they have saved behind a server that is busy at times.
  @Test("stars of links that burst are exact", arguments: 0..<60)
  func bursts(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "bursts")
    let flows = (0..<80).map { i in
      let start = random.uniform() * 6
      return MaxMinReference.Flow(
        start: start, bytes: (random.uniform() * 3e6).rounded(.up),
        cap: i % 12 == 0 ? 2e6 : .infinity, links: [1 + i % 12, 0],
        end: random.uniform(below: 8) == 0 ? start + random.uniform() : .infinity)
    }
    var scenario = MaxMinReference(
      capacities: [1.5e7] + (1...12).map { Double($0 % 5 + 1) * 5e5 }, flows: flows)
    for link in (seed % 2 == 0 ? 0 : 1)...12 {
      scenario.bursts[link] = .init(
        bytes: (random.uniform() * 6e6).rounded(), bytesPerSecond: link == 0 ? 4e7 : 8e6)
    }
    // A microsecond's worth of a burst counts as nothing.
    try check(scenario, within: 1e-4)
  }

  @Test("tangles are exact", arguments: 0..<40)
  func tangles(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "tangles")
    let capacities = (0..<10).map { _ in 1e6 * (1 + random.uniform() * 9) }
    var changes: [MaxMinReference.Change] = []
    for _ in 0..<10 {
      changes.append(
        .init(
          time: random.uniform() * 5, link: random.uniform(below: 10),
          capacity: 1e6 * (1 + random.uniform() * 9)))
    }
    let flows = (0..<50).map { i in
      let start = random.uniform() * 4
      let first = random.uniform(below: 10)
      let second = (first + 1 + random.uniform(below: 9)) % 10
      return MaxMinReference.Flow(
        start: start, bytes: (random.uniform() * 2e6).rounded(.up),
        cap: random.uniform(below: 2) == 0 ? .infinity : 1e6 * (0.1 + random.uniform()),
        links: random.uniform(below: 4) == 0 ? [first] : [first, second],
        end: random.uniform(below: 5) == 0 ? start + random.uniform() : .infinity)
    }
    try check(MaxMinReference(capacities: capacities, flows: flows, changes: changes))
  }

  @Test("one link with caps, changes and kills is exact", arguments: 0..<40)
  func oneLink(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "one link")
    let caps = [10e6, 40e6, 80e6]
    let flows = (0..<150).map { i in
      let start = random.uniform()
      return MaxMinReference.Flow(
        start: start, bytes: random.exponential(mean: 5e6).rounded(.up), cap: caps[i % 3],
        links: [0], end: random.uniform(below: 4) == 0 ? start + random.uniform() : .infinity)
    }
    try check(
      MaxMinReference(
        capacities: [1.5e9], flows: flows, changes: [.init(time: 0.5, link: 0, capacity: 0.7e9)]))
  }

  @Test("flows that are mostly alone, and meet now and then, are exact", arguments: 0..<60)
  func meetings(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "meetings")
    let capacities = (0..<6).map { _ in 1e6 * (1 + random.uniform() * 9) }
    let flows = (0..<40).map { i in
      let start = random.uniform() * 30
      let links = i % 3 == 0 ? [i % 6] : [i % 6, (i + 1 + random.uniform(below: 5)) % 6]
      return MaxMinReference.Flow(
        start: start, bytes: (random.uniform() * 4e6).rounded(.up),
        cap: i % 4 == 0 ? 5e5 : .infinity, links: links,
        end: random.uniform(below: 6) == 0 ? start + random.uniform() : .infinity)
    }
    let changes = (0..<20).map { i in
      MaxMinReference.Change(
        time: random.uniform() * 30, link: i % 6, capacity: 1e6 * (1 + random.uniform() * 9))
    }
    try check(MaxMinReference(capacities: capacities, flows: flows, changes: changes))
  }

  /// Changing a link's capacity and back puts a flow among the lanes of a hub for the rest of it.
  @Test("a flow alone takes exactly as long as it would in a star", arguments: 0..<50)
  func aloneAsInAStar(seed: UInt64) throws {
    func times(disturbing: Bool) throws -> [Int64] {
      let simulation = Simulation()
      var random = RandomStream(seed: seed, purpose: "alone")
      let links = (0..<2).map { _ in
        SharedLink(simulation, bytesPerSecond: 1e6 * (1 + random.uniform()))
      }
      var times: [Int64] = []
      simulation.spawn("sender") {
        for i in 0..<20 {
          let (bytes, cap) = (Int64(random.exponential(mean: 1e5)) + 1, 1e6 * random.uniform() + 1)
          if disturbing {
            simulation.schedule(after: .zero) {
              links[0].bytesPerSecond *= 2
              links[0].bytesPerSecond /= 2
            }
          }
          try await links[0].transfer(
            bytes: bytes, through: i % 2 == 0 ? links[1] : nil, cap: i % 3 == 0 ? .infinity : cap)
          times.append(simulation.now.nanoseconds)
        }
      }
      try simulation.run()
      #expect(links[0].activeTransfers == 0 && links[1].activeTransfers == 0)
      return times
    }
    #expect(try times(disturbing: true) == times(disturbing: false))
  }

  @Test func aKilledTransferGivesItsShareBack() throws {
    let simulation = Simulation()
    let link = SharedLink(simulation, bytesPerSecond: 100)
    let victim = simulation.spawn("victim") { try await link.transfer(bytes: 1000) }
    simulation.spawn("other") {
      try await link.transfer(bytes: 100)
      // 50 bytes in the first second, the other 50 in half a second.
      #expect(simulation.now.seconds == 1.5)
    }
    simulation.schedule(after: .seconds(1)) { simulation.kill(victim, Killed("time limit")) }
    try simulation.run()
    #expect(link.bytesCarried == 150)
  }

  @Test func anInfiniteLinkOnlyCounts() throws {
    let simulation = Simulation()
    let function = SharedLink(simulation, bytesPerSecond: 100)
    let store = SharedLink(simulation, bytesPerSecond: .infinity)
    simulation.spawn("reader") {
      try await function.transfer(bytes: 200, through: store)
      #expect(simulation.now.seconds == 2)
      try await store.transfer(bytes: 50, cap: 25)
      #expect(simulation.now.seconds == 4)
    }
    try simulation.run()
    #expect(store.bytesCarried == 250 && function.bytesCarried == 200)
  }
}
