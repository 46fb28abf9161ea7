import SimulationKernel
import Testing

/// Queues whose long-run behaviour is known by formula; the formula has to lie within the interval
/// of independent replications (99.9 %).
@Suite struct QueueingTheoryTests {
  /// Mean and half-width of the interval of the mean of 30 replications.
  func estimate(_ measure: (UInt64) throws -> Double) rethrows -> (mean: Double, half: Double) {
    let values = try (1...30).map { try measure(UInt64($0)) }
    let mean = values.reduce(0, +) / 30
    let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 29
    return (mean, 3.659 * (variance / 30).squareRoot())  // Student's t, 29 degrees, 99.9 %
  }

  final class Sum {
    var value = 0.0
    var count = 0
    var mean: Double { value / Double(count) }
  }

  /// Mean time in the system of customers at `servers` servers, after a warm-up, in seconds.
  ///
  /// One arrives a second; the mean service time is the load times the servers.
  func timeInSystem(seed: UInt64, servers: Int, load: Double) throws -> Double {
    let simulation = Simulation(seed: seed, log: EventLog(.off))
    let resource = Resource(simulation, capacity: servers)
    let times = Sum()
    simulation.spawn("source") {
      var arrivals = simulation.random(for: "arrivals")
      var service = simulation.random(for: "service")
      for number in 0..<6_000 {
        try await simulation.sleep(for: .rounded(seconds: arrivals.exponential(mean: 1)))
        let work = service.exponential(mean: load * Double(servers))
        simulation.spawn("customer") {
          let start = simulation.now
          try await resource.use { try await simulation.sleep(for: .rounded(seconds: work)) }
          if number >= 1_000 {
            times.value += (simulation.now - start).inSeconds
            times.count += 1
          }
        }
      }
    }
    try simulation.run()
    return times.mean
  }

  /// Erlang's B: the share of calls lost at `servers` servers under `load` Erlang.
  func erlangB(_ servers: Int, _ load: Double) -> Double {
    (1...servers).reduce(1.0) { lost, n in load * lost / (Double(n) + load * lost) }
  }

  @Test("M/M/1 and M/M/c: mean time in the system", arguments: [(1, 0.7), (2, 0.8), (5, 0.75)])
  func waiting(servers: Int, load: Double) throws {
    let (mean, half) = try estimate { try timeInSystem(seed: $0, servers: servers, load: load) }
    let offered = load * Double(servers)
    let lost = erlangB(servers, offered)
    let waits = lost / (1 - load * (1 - lost))  // Erlang's C
    let service = offered  // one arrival a second
    let formula = service + waits * service / (Double(servers) * (1 - load))
    #expect(abs(mean - formula) < half, "\(mean) ± \(half), formula \(formula)")
    #expect(half < 0.15 * formula, "the interval says something")
  }

  @Test("M/M/1/store: the same through a store", arguments: [0.5, 0.8])
  func store(load: Double) throws {
    let (mean, half) = try estimate { seed in
      let simulation = Simulation(seed: seed, log: EventLog(.off))
      let queue = Store<Instant>(simulation)
      let times = Sum()
      simulation.spawn("source") {
        var arrivals = simulation.random(for: "arrivals")
        for _ in 0..<6_000 {
          try await simulation.sleep(for: .rounded(seconds: arrivals.exponential(mean: 1)))
          queue.put(simulation.now)
        }
      }
      simulation.spawn("server") {
        var service = simulation.random(for: "service")
        for number in 0..<6_000 {
          let arrival = try await queue.get()
          try await simulation.sleep(for: .rounded(seconds: service.exponential(mean: load)))
          if number >= 1_000 {
            times.value += (simulation.now - arrival).inSeconds
            times.count += 1
          }
        }
      }
      try simulation.run()
      return times.mean
    }
    let formula = load / (1 - load)
    #expect(abs(mean - formula) < half, "\(mean) ± \(half), formula \(formula)")
    #expect(half < 0.15 * formula)
  }

  @Test("Erlang B: the share of lost calls", arguments: [(1, 0.5), (5, 4.0), (20, 18.0)])
  func loss(servers: Int, load: Double) throws {
    let (mean, half) = try estimate { seed in
      let simulation = Simulation(seed: seed, log: EventLog(.off))
      let lines = Resource(simulation, capacity: servers)
      let lost = Sum()
      simulation.spawn("source") {
        var arrivals = simulation.random(for: "arrivals")
        var service = simulation.random(for: "service")
        for number in 0..<6_000 {
          try await simulation.sleep(for: .rounded(seconds: arrivals.exponential(mean: 1)))
          let talk = service.exponential(mean: load)
          if number >= 1_000 {
            lost.count += 1
            if lines.available == 0 { lost.value += 1 }
          }
          if lines.available == 0 { continue }
          simulation.spawn("call") {
            try await lines.use { try await simulation.sleep(for: .rounded(seconds: talk)) }
          }
          try await simulation.sleep(for: .zero)  // the call takes its line
        }
      }
      try simulation.run()
      return lost.mean
    }
    let formula = erlangB(servers, load)
    #expect(abs(mean - formula) < half, "\(mean) ± \(half), formula \(formula)")
    #expect(half < 0.15 * formula)
  }
}
