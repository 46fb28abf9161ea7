import SimulationKernel

extension Benchmark {
  /// Processes, messages and handlers: the same work as the peers in `analysis/peers`.
  static let kernel = [
    Benchmark("sleep-1e3") { try sleepers(1_000, sleeps: 2_000) },
    Benchmark("sleep-1e5") { try sleepers(100_000, sleeps: 20) },
    Benchmark("mm1-process") { try queueWithAProcessPerCustomer(500_000) },
    Benchmark("mm1-store") { try queueWithAStore(500_000) },
    Benchmark("ping-pong") { try pingPong(pairs: 1_000, rounds: 1_000) },
    Benchmark("handlers-1e3") { try handlers(1_000, calls: 2_000) },
    Benchmark("processes-1e6") { try sleepers(1_000_000, sleeps: 1) },
    Benchmark("runs-1e5") { try shortRuns(100_000) },
    Benchmark("log-off") { try sleepers(1_000, sleeps: 2_000, log: EventLog(.off)) },
    Benchmark("log-counted") { try sleepers(1_000, sleeps: 2_000, log: EventLog(.counted)) },
  ]
}

/// Processes that sleep for an exponential time, mean 1 ms, again and again; an item is a sleep.
///
/// With a log they record every sleep as a span.
private func sleepers(_ count: Int, sleeps: Int, log: EventLog? = nil) throws -> Int {
  let simulation = Simulation(log: log ?? EventLog(.off))
  for i in 0..<count {
    simulation.spawn("sleeper") {
      var random = RandomStream(seed: UInt64(i), purpose: "sleep")
      let name = log?.name("sleeper")
      for _ in 0..<sleeps {
        let start = simulation.now
        try await simulation.sleep(for: .rounded(seconds: random.exponential(mean: 1e-3)))
        if let log, let name {
          log.record(name, by: name, from: start, to: simulation.now)
        }
      }
    }
  }
  try simulation.run()
  return count * sleeps
}

/// An M/M/1 queue, load 0.9, in which every customer is a process; an item is a customer.
private func queueWithAProcessPerCustomer(_ customers: Int) throws -> Int {
  let simulation = Simulation(log: EventLog(.off))
  let server = Resource(simulation, capacity: 1)
  simulation.spawn("source") {
    var arrivals = simulation.random(for: "arrivals")
    let service = Shared(simulation.random(for: "service"))
    for _ in 0..<customers {
      try await simulation.sleep(for: .rounded(seconds: arrivals.exponential(mean: 1e-3)))
      simulation.spawn("customer") {
        try await server.acquire()
        defer { server.release() }
        let time = service.value.exponential(mean: 0.9e-3)
        try await simulation.sleep(for: .rounded(seconds: time))
      }
    }
  }
  try simulation.run()
  return customers
}

/// An M/M/1 queue of two processes with a store between them; an item is a customer.
private func queueWithAStore(_ customers: Int) throws -> Int {
  let simulation = Simulation(log: EventLog(.off))
  let queue = Store<Instant>(simulation)
  simulation.spawn("source") {
    var arrivals = simulation.random(for: "arrivals")
    for _ in 0..<customers {
      try await simulation.sleep(for: .rounded(seconds: arrivals.exponential(mean: 1e-3)))
      queue.put(simulation.now)
    }
  }
  simulation.spawn("server") {
    var service = simulation.random(for: "service")
    for _ in 0..<customers {
      _ = try await queue.get()
      try await simulation.sleep(for: .rounded(seconds: service.exponential(mean: 0.9e-3)))
    }
  }
  try simulation.run()
  return customers
}

/// Pairs of processes that send a number back and forth; an item is a message.
private func pingPong(pairs: Int, rounds: Int) throws -> Int {
  let simulation = Simulation(log: EventLog(.off))
  for i in 0..<pairs {
    let (there, back) = (Store<Int>(simulation), Store<Int>(simulation))
    simulation.spawn("ping") {
      var number = i
      for _ in 0..<rounds {
        there.put(number)
        number = try await back.get() + 1
      }
    }
    simulation.spawn("pong") {
      for _ in 0..<rounds { back.put(try await there.get() + 1) }
    }
  }
  try simulation.run()
  return 2 * pairs * rounds
}

/// State machines without tasks that call themselves after an exponential time, mean 1 ms; an item
/// is a call.
private func handlers(_ count: Int, calls: Int) throws -> Int {
  let simulation = Simulation(log: EventLog(.off))
  let machines = Machines(simulation, count, calls)
  for i in 0..<count { machines.schedule(i) }
  try simulation.run()
  return count * calls
}

/// Whole simulations one after the other, which end while processes still wait; an item is a run.
///
/// The memory does not grow with the number of runs.
private func shortRuns(_ count: Int) throws -> Int {
  for _ in 0..<count {
    let simulation = Simulation(log: EventLog(.off))
    let never = Signal(simulation)
    let link = SharedLink(simulation, bytesPerSecond: 1e6)
    for i in 0..<5 {
      simulation.spawn("waits", isDaemon: true) { try await never.wait() }
      simulation.spawn("works") { try await link.transfer(bytes: Int64(1000 * i)) }
    }
    try simulation.run()
  }
  return count
}

private final class Machines {
  private var randoms: [RandomStream]
  private var callsLeft: [Int]
  private var handler: Simulation.Handler?

  init(_ simulation: Simulation, _ count: Int, _ calls: Int) {
    randoms = (0..<count).map { RandomStream(seed: UInt64($0), purpose: "sleep") }
    callsLeft = .init(repeating: calls, count: count)
    handler = .init(simulation) { [unowned self] machine in schedule(Int(machine)) }
  }

  func schedule(_ machine: Int) {
    if callsLeft[machine] == 0 { return }
    callsLeft[machine] -= 1
    let time = randoms[machine].exponential(mean: 1e-3)
    handler?.schedule(after: .rounded(seconds: time), UInt32(machine))
  }
}

/// A value that several closures change.
final class Shared<Value> {
  var value: Value
  init(_ value: Value) { self.value = value }
}
