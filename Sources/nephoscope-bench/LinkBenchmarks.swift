import SimulationKernel

extension Benchmark {
  /// Transfers that share bandwidth; an item is a transfer with the thinking before it.
  static let links = [
    Benchmark("transfers-1e2") { try transfers(clients: 200, each: 1_000, hops: 1) },
    Benchmark("transfers-1e3") { try transfers(clients: 2_000, each: 200, hops: 1) },
    Benchmark("transfers-1e4") { try transfers(clients: 20_000, each: 50, hops: 1) },
    Benchmark("transfers-2hop") { try transfers(clients: 20_000, each: 50, hops: 2) },
  ]
}

/// Clients that think for a second and then move 5 MB on average.
///
/// The link carries 2.5 MB/s for each of them, at caps of 10, 40 and 80 MB/s: about half of
/// them are on it at any time.
private func transfers(clients: Int, each: Int, hops: Int) throws -> Int {
  let simulation = Simulation(log: EventLog(.off))
  let server = SharedLink(simulation, bytesPerSecond: 2.5e6 * Double(clients))
  let caps = [10e6, 40e6, 80e6]
  for i in 0..<clients {
    simulation.spawn("client") {
      var random = RandomStream(seed: UInt64(i), purpose: "client")
      let cap = caps[i % 3]
      let own = hops == 2 ? SharedLink(simulation, bytesPerSecond: cap) : nil
      for _ in 0..<each {
        let thinking = Duration.rounded(seconds: random.exponential(mean: 1))
        let bytes = Int64(random.exponential(mean: 5e6)) + 1
        try await simulation.wait(
          for: .time(thinking),
          then: .transfer(
            bytes: bytes, over: own ?? server, through: own.map { _ in server },
            cap: cap))
      }
    }
  }
  try simulation.run()
  return clients * each
}
