import Cloud
import Scenarios
import SimulationKernel

extension Benchmark {
  /// Requests to services of the shipped region, from functions; an item is a request.
  static let operations = [
    Benchmark("operations-object-store") { try objectStoreRequests(callers: 1_000, rounds: 250) }
  ]

  /// The region that comes with the program.
  static let provider = Result {
    try ProviderReader(library: TraceLibrary(directories: [])).provider(named: "aws/us-east-1")
  }
}

/// Functions that put, get, list and delete an object of their own, again and again.
private func objectStoreRequests(callers: Int, rounds: Int) throws -> Int {
  let simulation = Simulation(seed: 1, log: EventLog(.counted))
  let region = try Region(simulation, provider: Benchmark.provider.get())
  let store = try region.objectStore("bench")
  let function = try region.functions.register(FunctionConfiguration(name: "caller"))
  for caller in 0..<callers {
    simulation.spawn("driver \(caller)") {
      try await region.functions.invoke(function, named: "caller \(caller)") { _ in
        for round in 0..<rounds {
          let key = "object/\(caller)/\(round)"
          try await store.put(Payload(byteCount: 1_000), at: key)
          _ = try await store.get(key)
          _ = try await store.list(prefix: "object/\(caller)/")
          try await store.delete(key)
        }
      }
    }
  }
  try simulation.run()
  return Int(region.meter.requests.reduce(0) { $0 + $1.count })
}
