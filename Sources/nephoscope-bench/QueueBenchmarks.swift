import SimulationKernel

extension Benchmark {
  /// The event queue alone in the hold model: take the first event, add one after an exponential
  /// time; an item is one such pair.
  static let queue = [
    Benchmark("hold-1e2") { hold(100) },
    Benchmark("hold-1e3") { hold(1_000) },
    Benchmark("hold-1e4") { hold(10_000) },
    Benchmark("hold-1e5") { hold(100_000) },
    Benchmark("hold-1e6") { hold(1_000_000) },
  ]
}

private func hold(_ size: Int) -> Int {
  let operations = 2_000_000
  var random = RandomStream(seed: 1, purpose: "hold")
  // The logarithms are taken before, in number enough that the queue does not fall into a rhythm.
  let delays = (0..<65_536).map { _ in Int64(random.exponential(mean: 1e6)) }
  var queue = EventQueue()
  for i in 0..<size { queue.push(delays[i & 65_535], Token(.handler, 0, 0)) }
  for i in 0..<operations {
    guard let event = queue.pop() else { return 0 }
    queue.push(event.time + delays[(i * 40_503) & 65_535], event.token)
  }
  return operations
}
