import Cloud
import SimulationKernel

extension Benchmark {
  /// Invocation traces against the function platform; an item is an invocation.
  static let replay = [
    // The load of SimFaaS's README: 0.9 a second, 1.991 s warm and 0.253 s more when cold.
    Benchmark("replay-low") { try replayTrace(perSecond: 0.9, seconds: 1.991) },
    Benchmark("replay-busy") { try replayTrace(perSecond: 200, seconds: 2) },
  ]
}

/// Poisson arrivals and exponential durations, drawn before so that drawing is not measured.
private func replayTrace(perSecond: Double, seconds: Double) throws -> Int {
  let simulation = Simulation(seed: 1, log: EventLog(.counted))
  var random = simulation.random(for: "trace")
  let sampleCount = 1 << 16
  let pauses = (0..<sampleCount).map { _ in Int64(random.exponential(mean: 1e9 / perSecond)) }
  let durations = (0..<sampleCount).map { _ in Int64(random.exponential(mean: 1e9 * seconds)) }
  var options = ReplayOptions()
  options.coldStart = .milliseconds(253)
  var (made, time) = (0, Int64(0))
  let report = try InvocationReplay.run(simulation, options: options) {
    if made == 2_000_000 { return nil }
    time += pauses[made % sampleCount]
    made += 1
    return RecordedInvocation(
      function: 0, start: time, duration: durations[made * 7 % sampleCount], memoryMB: 128)
  }
  return report.invocations
}
