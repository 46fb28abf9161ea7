import Cloud
import SimulationKernel
import Testing

@Suite("Provider") struct ProviderTests {
  @Test(
    "chooses rules by date",
    arguments: [("2020-11-30", 100), ("2020-12-01", 1), ("2026-01-01", 1), ("2010-01-01", 100)])
  func dates(day: String, milliseconds: Int) throws {
    let old = ProviderEntry.Version(
      .duration(.milliseconds(100)), since: CalendarDate("2014-11-13"), source: "AWS", date: "")
    let new = ProviderEntry.Version(
      .duration(.milliseconds(1)), since: CalendarDate("2020-12-01"), source: "AWS", date: "")
    var provider = TestProvider.make()
    provider.override(ProviderEntry(key: "rule", versions: [old, new]))
    provider.date = try #require(CalendarDate(day))
    #expect(try provider.duration("rule") == .milliseconds(milliseconds))
  }

  @Test("says which value is missing or of another kind")
  func errors() throws {
    let provider = TestProvider.make()
    let missing = #expect(throws: ProviderError.self) { try provider.duration("no.such.key") }
    #expect(missing?.description == "provider test/here: no.such.key is missing")
    let wrong = #expect(throws: ProviderError.self) { try provider.bytes("sdk.attempts-max") }
    #expect(wrong?.problem == "is a number, but must be a size")
  }

  @Test("lists the guesses that a run depends on, and no others")
  func assumptions() throws {
    let guess = ProviderEntry.Version(
      .duration(.milliseconds(8)), source: "guess", date: "", isAssumed: true, note: "half of it")
    var provider = TestProvider.make()
    provider.override(ProviderEntry(key: "queue.send", versions: [guess]))
    provider.override(ProviderEntry(key: "queue-fifo.send", versions: [guess]))
    #expect(provider.assumptions == ["queue.send: half of it", "queue-fifo.send: half of it"])
    #expect(try used(provider, RegionOptions()) == ["queue.send: half of it"])
    var options = RegionOptions()
    options.latencies["queue.send"] = LatencyOverride(.constant(.milliseconds(3)))
    #expect(try used(provider, options).isEmpty)
  }

  /// The guesses behind a message that is sent to a standard queue.
  private func used(_ provider: Provider, _ options: RegionOptions) throws -> [String] {
    let simulation = Simulation()
    let region = try Region(simulation, provider: provider, options: options)
    let queues = try (region.queue("q"), region.queue("f", kind: .fifo))
    #expect(region.assumptions.isEmpty)
    simulation.spawn("sender") { try await queues.0.send(Payload(byteCount: 1)) }
    try simulation.run()
    return region.assumptions
  }

  @Test("is needed whole: a service without a price is refused")
  func prices() throws {
    let provider = TestProvider.make()
    let few = Provider(
      name: "few", region: "here", asOf: provider.asOf,
      entries: provider.entries.filter { $0.key != "prices.queue.request" })
    let region = try Region(Simulation(), provider: few)
    #expect(throws: ProviderError.self) { try region.queue("q") }
  }

  @Test(
    "reads days of the calendar",
    arguments: [
      ("2025-08-01", true), ("2025-8-1", false), ("2025-13-01", false), ("today", false),
      ("2025-08-01T00:00:00Z", false), ("2025-02-29", false), ("2024-02-29", true),
      ("2100-02-29", false), ("2025-04-31", false), ("2025-12-31", true),
    ])
  func days(text: String, isDay: Bool) {
    #expect((CalendarDate(text) != nil) == isDay)
    if isDay { #expect(CalendarDate(text)?.description == text) }
  }
}

@Suite("Latency") struct LatencyTests {
  /// The latencies of requests to a queue, in milliseconds.
  private func draw(_ model: LatencyModel, count: Int, seed: UInt64 = 1) throws -> [Double] {
    var options = RegionOptions()
    options.latencies["queue.count"] = LatencyOverride(model)
    var times: [Double] = []
    try simulate(options: options, seed: seed, log: EventLog(.off)) { region in
      let queue = try region.queue("q")
      for _ in 0..<count {
        let start = region.simulation.now
        _ = try await queue.approximateCount()
        times.append((region.simulation.now - start).inSeconds * 1000)
      }
    }
    return times
  }

  @Test("is drawn from a lognormal distribution with its median and spread")
  func lognormal() throws {
    let times = try draw(
      .lognormal(median: .milliseconds(18), sigma: 0.6, shift: .milliseconds(5)), count: 4000
    )
    .sorted()
    // Median 5 + 18; p99 5 + 18 exp(2.326 * 0.6) = 77.7; three standard errors of 4,000.
    #expect(abs(times[2000] - 23) < 1)
    #expect(abs(times[3960] - 77.7) < 8)
    #expect(times[0] > 5)
  }

  @Test("follows a table of quantiles")
  func quantiles() throws {
    let table = try #require(
      QuantileTable(
        probabilities: [0, 0.5, 0.9, 0.9, 1],
        values: [10, 20, 30, 30, 1000].map { .milliseconds($0) }))
    #expect(table.quantile(0.25) == 0.015)
    #expect(abs(table.quantile(0.95) - 0.515) < 1e-12)
    #expect(table.quantile(1) == 1)
    let times = try draw(.quantiles(table), count: 2000).sorted()
    #expect(abs(times[1000] - 20) < 1)
    #expect(abs(times[500] - 15) < 1)
    #expect(times.allSatisfy { $0 >= 10 && $0 <= 1000 })
  }

  @Test("refuses tables that are none")
  func badTables() {
    let times: [Duration] = [.milliseconds(1), .milliseconds(2)]
    #expect(QuantileTable(probabilities: [0, 0.5], values: times) == nil)
    #expect(QuantileTable(probabilities: [0.1, 1], values: times) == nil)
    #expect(QuantileTable(probabilities: [0, 1], values: times.reversed()) == nil)
    #expect(QuantileTable(probabilities: [0], values: [.zero]) == nil)
  }

  @Test("replays a recording in its order, again from its start where that is wanted")
  func replay() throws {
    let recording: [Duration] = [.milliseconds(7), .milliseconds(3)]
    #expect(try draw(.replay(recording, atEnd: .repeat), count: 5) == [7, 3, 7, 3, 7])
    #expect(throws: ReplayExhausted.self) { try draw(.replay(recording, atEnd: .error), count: 3) }
    #expect(try draw(.samples(recording), count: 50).allSatisfy { $0 == 7 || $0 == 3 })
  }

  @Test("is the same for the same seed, and not moved by another operation")
  func streams() throws {
    let model = LatencyModel.lognormal(median: .milliseconds(18), sigma: 0.6)
    let first = try draw(model, count: 20)
    #expect(try draw(model, count: 20) == first)
    #expect(try draw(model, count: 20, seed: 2) != first)
    var options = RegionOptions()
    options.latencies["queue.count"] = LatencyOverride(model)
    options.latencies["queue.send"] = LatencyOverride(model)
    var times: [Double] = []
    try simulate(options: options) { region in
      let queue = try region.queue("q")
      for _ in 0..<20 {
        try await queue.send(Payload(byteCount: 0))
        let start = region.simulation.now
        _ = try await queue.approximateCount()
        times.append((region.simulation.now - start).inSeconds * 1000)
      }
    }
    #expect(times == first)
  }
}
