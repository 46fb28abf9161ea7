import Cloud
import Foundation
import SimulationKernel
import Testing

/// Fixed arrivals and durations that SimFaaS has run.
private struct SimFaaSCase: CustomStringConvertible, Sendable {
  let name: String
  let document: JSONValue
  var description: String { name }

  func number(_ key: String) throws -> Double { try #require(document[key]?.asDouble) }
  func count(_ key: String) throws -> Int { try Int(number(key)) }

  static let all: [SimFaaSCase] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../analysis/simfaas/expected.json")
    do {
      let document = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
      return (document.asObject ?? [:]).sorted { $0.key < $1.key }
        .map { SimFaaSCase(name: $0.key, document: $0.value) }
    } catch {
      preconditionFailure("\(file.path): \(error)")
    }
  }()
}

/// The generator of `run_simfaas.py`.
private struct Generator {
  private var state: UInt64 = 1
  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}

@Suite("Replay") struct ReplayTests {
  private static let millisecond: Int64 = 1_000_000

  /// Replays invocations of one function given as (start, duration) in milliseconds.
  private func replay(
    _ invocations: [(Int, Int)], _ options: ReplayOptions, log: EventLog = EventLog()
  ) throws -> ReplayReport {
    var rest = invocations[...]
    return try InvocationReplay.run(Simulation(log: log), options: options) {
      rest.popFirst().map {
        RecordedInvocation(
          function: 0, start: Int64($0.0) * Self.millisecond,
          duration: Int64($0.1) * Self.millisecond, memoryMB: 1024)
      }
    }
  }

  @Test("equals SimFaaS to the last integer", arguments: SimFaaSCase.all)
  private func simFaaS(example: SimFaaSCase) throws {
    var options = ReplayOptions()
    options.keepAlive = .fixed(.milliseconds(try example.count("keepAlive")))
    options.concurrencyLimit = try example.count("concurrency")
    options.coldStart = .milliseconds(try example.count("extra"))
    var generator = Generator()
    var time = 0
    var invocations: [(Int, Int)] = []
    for _ in 0..<(try example.count("arrivals")) {
      time += generator.below(try example.count("pause") + 1)
      invocations.append((time, generator.below(try example.count("duration") + 1)))
    }
    let report = try replay(invocations, options)
    #expect(report.invocations == (try example.count("invocations")))
    #expect(report.coldStarts == (try example.count("cold")))
    #expect(report.rejected == (try example.count("rejected")))
    #expect(abs(report.meanInstances / (try example.number("meanInstances")) - 1) < 1e-9)
    #expect(abs(report.meanRunning / (try example.number("meanRunning")) - 1) < 1e-9)
  }

  @Test(
    "lets an environment go that was idle for exactly the keep-alive",
    arguments: [(599_999, 1), (600_000, 2)])
  func keepAlive(idle: Int, coldStarts: Int) throws {
    // The first ends at 500 + 100 ms.
    let report = try replay([(0, 100), (600 + idle, 100)], ReplayOptions())
    #expect(report.coldStarts == coldStarts)
  }

  @Test("lets a departure come before an arrival at the same time")
  func order() throws {
    var options = ReplayOptions()
    options.concurrencyLimit = 1
    options.coldStart = .zero
    let report = try replay([(0, 10), (10, 10), (20, 0), (20, 5), (24, 1), (25, 1)], options)
    #expect(report.rejected == 1)
    #expect(report.coldStarts == 1)
  }

  @Test("starts cold every time at one arrival in 700 s with a keep-alive of 600 s")
  func allCold() throws {
    let report = try replay((0..<100).map { ($0 * 700_000, 2000) }, ReplayOptions())
    #expect(report.coldStarts == 100)
  }

  @Test("counts usage, idle memory and percentiles")
  func accounts() throws {
    // Warm 1 s three times after a cold one of 1.5 s; 1 GB; arrivals every 10 s, the last at 30 s.
    let report = try replay([(0, 1000), (10_000, 1000), (20_000, 1000), (30_000, 1000)], .init())
    #expect(report.gbSeconds == 4.5)
    #expect(report.usage.first { $0.item == "request" }?.quantity == 4)
    #expect(report.meanInstances == 1)
    // 3.5 s of 30 s ran before the last arrival; the rest was idle.
    #expect(abs(report.meanRunning - 3.5 / 30) < 1e-12)
    #expect(abs(report.idleGBSeconds - 26.5) < 1e-9)
    let median = try #require(report.latency.quantile(0.5))
    let last = try #require(report.latency.quantile(0.99))
    #expect(abs(median.inSeconds / 1 - 1) < 1e-3)
    #expect(abs(last.inSeconds / 1.5 - 1) < 1e-3)
    #expect(report.latency.count == 4)
  }

  @Test("rejects as Erlang's formula B says", arguments: [(5.0, 5), (8.0, 10), (2.0, 4)])
  func erlang(load: Double, servers: Int) throws {
    var blocking = 1.0
    for k in 1...servers { blocking = load * blocking / (Double(k) + load * blocking) }
    let simulation = Simulation(seed: 4)
    var random = simulation.random(for: "arrivals")
    var options = ReplayOptions()
    options.concurrencyLimit = servers
    options.coldStart = .zero
    let count = 200_000
    var (made, time) = (0, 0.0)
    let report = try InvocationReplay.run(simulation, options: options) {
      if made == count { return nil }
      made += 1
      time += random.exponential(mean: 1 / load)
      return RecordedInvocation(
        function: 0, start: Int64(time * 1e9),
        duration: Int64(random.exponential(mean: 1) * 1e9), memoryMB: 128)
    }
    // Rejections come in bursts: their variance is some times a binomial's.
    let interval = 4 * 3 * (blocking * (1 - blocking) / Double(count)).squareRoot()
    #expect(abs(Double(report.rejected) / Double(count) - blocking) < interval)
  }

  @Test(
    "chooses among idle environments by the rule",
    arguments: [
      (IdleRule.newest, 3), (.oldest, 4), (.mostRecentlyUsed, 4), (.leastRecentlyUsed, 3),
    ])
  func idleRule(rule: IdleRule, coldStarts: Int) throws {
    // Created at 0 (until 9 s) and at 1 s (until 2 s); keep-alive 10 s. At 10 s one of the two is
    // chosen for 30 s; at 12 s the younger one's time is over unless it was chosen, at 19 s the
    // older one's: the invocations at 12.5 s and at 12.6 s tell which.
    var options = ReplayOptions()
    options.idleRule = rule
    options.keepAlive = .fixed(.seconds(10))
    options.coldStart = .zero
    let report = try replay(
      [(0, 9000), (1000, 1000), (10_000, 30_000), (12_500, 10), (12_505, 10)], options)
    #expect(report.coldStarts == coldStarts)
  }

  @Test("keeps functions apart")
  func functions() throws {
    var made = 0
    let report = try InvocationReplay.run(Simulation()) {
      defer { made += 1 }
      return made < 20
        ? RecordedInvocation(
          function: made % 4, start: Int64(made) * 1_000_000_000, duration: 1000, memoryMB: 128)
        : nil
    }
    #expect(report.coldStarts == 4)
  }

  @Test("says which row is out of order or impossible")
  func errors() throws {
    #expect(throws: ReplayError.self) { try replay([(5, 1), (4, 1)], .init()) }
    #expect(throws: ReplayError.self) { try replay([(5, -1)], .init()) }
  }

  @Test("logs every run and every rejection")
  func log() throws {
    var options = ReplayOptions()
    options.concurrencyLimit = 1
    let log = EventLog(.counted)
    _ = try replay([(0, 10), (1, 10), (9000, 1)], options, log: log)
    #expect(log.count == 3)
  }
}
