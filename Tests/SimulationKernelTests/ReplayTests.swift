import SimulationKernel
import Testing

/// A model that mixes everything a process can do, on purpose with many ties.
struct StressModel {
  /// FNV-1a of everything that was noted, and when.
  final class Trace {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var count = 0
    func note(_ simulation: Simulation, _ who: Int, _ what: Int) {
      count += 1
      for word in [UInt64(simulation.now.nanoseconds), UInt64(who), UInt64(what)] {
        hash = (hash ^ word) &* 0x0000_0100_0000_01b3
      }
    }
  }

  let simulation = Simulation(log: EventLog(.off))
  let trace = Trace()
  let store: Store<Int>
  let resource: Resource
  let link: SharedLink

  init() {
    store = Store(simulation)
    resource = Resource(simulation, capacity: 3)
    link = SharedLink(simulation, bytesPerSecond: 50e9)
  }

  /// The hash of a run with so many processes.
  static func hash(processes: Int) throws -> UInt64 {
    let model = StressModel()
    let workers = (0..<processes).map { id in
      model.simulation.spawn("worker") {
        do { try await model.work(id) } catch is Killed {
          model.trace.note(model.simulation, id, 9)
        }
      }
    }
    model.simulation.spawn("killer") {
      try await model.simulation.sleep(for: .nanoseconds(20))
      for id in stride(from: 0, to: processes, by: 10) {
        model.simulation.kill(workers[id], Killed("chosen"))
      }
    }
    do { try model.simulation.run() } catch is Deadlock { model.trace.note(model.simulation, 0, 0) }
    return model.trace.hash
  }

  private func work(_ id: Int) async throws {
    var random = RandomStream(seed: UInt64(id), purpose: "stress")
    for round in 0..<20 {
      switch random.uniform(below: 7) {
      case 0: try await simulation.sleep(for: .nanoseconds(random.uniform(below: 8)))
      case 1:
        let time = 1 + random.uniform(below: 3)
        try await resource.use { try await simulation.sleep(for: .nanoseconds(time)) }
      case 2: store.put(id * 1000 + round)
      case 3:
        do {
          let value = try await simulation.withTimeout(.nanoseconds(5)) { try await store.get() }
          trace.note(simulation, id, value)
        } catch is TimedOut { trace.note(simulation, id, 3) }
      case 4: try await childTasks(id, random.uniform(below: 4))
      case 5:
        let times = (0..<3).map { _ in random.uniform(below: 5) }
        let first = try await simulation.first(of: times) { time in
          try await simulation.sleep(for: .nanoseconds(time))
          return time
        }
        trace.note(simulation, id, 500 + first.index)
      default: try await link.transfer(bytes: Int64(random.uniform(below: 500)), cap: 1e11)
      }
      trace.note(simulation, id, round)
    }
  }

  /// Swift's own structured concurrency: a task group, and two `async let`s.
  private func childTasks(_ id: Int, _ step: Int) async throws {
    nonisolated(unsafe) let (simulation, trace) = (simulation, trace)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for child in 0..<3 {
        group.addTask {
          try await simulation.sleep(for: .nanoseconds(child * step % 5))
          return child
        }
      }
      for try await child in group { trace.note(simulation, id, 100 + child) }
    }
    async let one: Int = {
      try await simulation.sleep(for: .nanoseconds(step))
      trace.note(simulation, id, 200)
      return 1
    }()
    async let two: Int = {
      try await simulation.sleep(for: .nanoseconds(3 - step))
      trace.note(simulation, id, 201)
      return 2
    }()
    trace.note(simulation, id, try await one + two)
  }
}

@Suite struct ReplayTests {
  /// What the stress model comes to, in debug and release builds, on every machine.
  static let stressHash: UInt64 = 5_963_507_486_510_508_042

  @Test func theStressModelComesToTheSameEveryTime() throws {
    for _ in 0..<3 { #expect(try StressModel.hash(processes: 2_000) == ReplayTests.stressHash) }
  }

  @Test func simulationsOnSeveralThreadsDoNotDisturbEachOther() async throws {
    let hashes = try await withThrowingTaskGroup(of: UInt64.self) { group in
      for _ in 0..<4 { group.addTask { try StressModel.hash(processes: 2_000) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(hashes == Array(repeating: ReplayTests.stressHash, count: 4))
  }

  @Test func streamsDependOnSeedPurposeAndActorOnly() {
    let names = [("latency", "a"), ("latency", "b"), ("size", "a"), ("latency", "")]
    var firsts: Set<UInt64> = []
    for seed in 0..<50 {
      for (purpose, actor) in names {
        let simulation = Simulation(seed: UInt64(seed))
        var stream = simulation.random(for: purpose, actor: actor)
        var again = RandomStream(seed: UInt64(seed), purpose: purpose, actor: actor)
        let first = stream.next()
        #expect(first == again.next())
        firsts.insert(first)
      }
    }
    #expect(firsts.count == 200)
  }

  @Test func samplesHaveTheirMoments() {
    var random = RandomStream(seed: 3, purpose: "moments")
    let n = 200_000
    let exponential = (0..<n).map { _ in random.exponential(mean: 2) }
    let normal = (0..<n).map { _ in random.normal() }
    let uniform = (0..<n).map { _ in random.uniform() }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(n) }
    // Five standard errors: the deviation of one sample over the root of 200,000.
    #expect(abs(mean(exponential) - 2) < 5 * 2 / 447.2)
    #expect(abs(mean(normal)) < 5 / 447.2)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 5 * 1.4143 / 447.2)
    #expect(abs(mean(uniform) - 0.5) < 5 * 0.2887 / 447.2)
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
  }
}
