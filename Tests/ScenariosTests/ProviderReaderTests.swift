import Cloud
import Scenarios
import SimulationKernel
import Testing

/// A provider with a value of each kind.
private let sample = """
  provider: test
  region: nowhere
  as-of: 2026-01-01
  sources:
    docs: The documentation
    guess: Nobody
  function:
    timeout: { value: 15 min, source: docs, date: 2026-01 }
    memory: { value: 1769 MiB, source: docs, date: 2026-01 }
    concurrency: { value: 1000, source: docs, date: 2026-01 }
    rate: { value: 65 MB/s, source: docs, date: 2026-01 }
    speed: { value: 25 GFLOP/s, source: guess, date: 2026-01, assumed: true, note: not measured }
    idle-rule: { value: newest-first, source: docs, date: 2026-01 }
    billed: { value: true, source: docs, date: 2026-01 }
    granularity:
      - { value: 100 ms, source: docs, date: 2020-11 }
      - { value: 1 ms, since: 2020-12-01, source: docs, date: 2020-12 }
  store:
    get: { value: { constant: 5 ms }, source: docs, date: 2026-01 }
    put: { value: { lognormal: { median: 2 ms, sigma: 0.3 } }, source: docs, date: 2026-01 }
    read:
      value: { quantiles: { trace: storage-latency/quantiles.csv, column: s3_standard_read_ms } }
      source: docs
      date: 2024-04
  prices:
    store:
      get: { value: 0.4 USD, per: 1000000 request, free: 10, source: docs, date: 2026-01 }
      storage:
        value: { tiers: [{ up-to: 100, price: 0.023 USD }, { price: 0.022 USD }] }
        per: GB-month
        source: docs
        date: 2026-01

  """

private func provider(_ text: String) throws -> Provider {
  try ProviderReader(library: TraceLibrary(directories: [])).provider(
    bytes: Array(text.utf8), name: "p.yaml")
}

private func issues(inProvider text: String) -> [String] {
  do {
    _ = try provider(text)
    return []
  } catch let error as ScenarioErrors {
    return error.issues.map(\.description)
  } catch {
    return ["another error: \(error)"]
  }
}

@Suite struct ProviderReaderTests {
  @Test func `Each value is read by its unit`() throws {
    let provider = try provider(sample)
    #expect(provider.name == "test")
    #expect(provider.region == "nowhere")
    #expect(provider.asOf == CalendarDate("2026-01-01"))
    #expect(try provider.duration("function.timeout") == .seconds(900))
    #expect(try provider.bytes("function.memory") == 1769 * 1_048_576)
    #expect(try provider.count("function.concurrency") == 1000)
    #expect(try provider.bytesPerSecond("function.rate") == 65e6)
    #expect(try provider.flopsPerSecond("function.speed") == 25e9)
    #expect(try provider.text("function.idle-rule") == "newest-first")
    #expect(try provider.flag("function.billed"))
    #expect(try provider.latency("store.get") == .constant(.milliseconds(5)))
    #expect(try provider.latency("store.put") == .lognormal(median: .milliseconds(2), sigma: 0.3))
    #expect(provider.assumptions == ["function.speed: not measured"])
  }

  @Test func `A recorded table of quantiles comes with the program`() throws {
    guard case .quantiles(let table) = try provider(sample).latency("store.read") else {
      Issue.record("not a table of quantiles")
      return
    }
    // The median and the extremes of a million reads, as the trace's summary has them.
    #expect(abs(table.quantile(0.5) - 26.864e-3) < 1e-6)
    #expect(table.values.first == .microseconds(10_113))
  }

  @Test func `Prices are exact and have tiers`() throws {
    let provider = try provider(sample)
    let get = try provider.price(service: "store", item: "get")
    #expect(get.tiers.map(\.perUnit) == [Money(picoUSD: 400_000_000_000)])
    #expect(get.unit.baseUnitsPerUnit == 1_000_000)
    #expect(get.freeUnits == 10)
    let storage = try provider.price(service: "store", item: "storage")
    #expect(storage.tiers.map(\.upTo) == [100, nil])
    #expect(storage.tiers.map(\.perUnit.picoUSD) == [23_000_000_000, 22_000_000_000])
  }

  @Test(arguments: [("2020-11-30", 100), ("2020-12-01", 1), ("2026-01-01", 1)])
  func `A rule that changed is chosen by date`(day: String, milliseconds: Int) throws {
    var provider = try provider(sample)
    provider.date = try #require(CalendarDate(day))
    #expect(try provider.duration("function.granularity") == .milliseconds(milliseconds))
  }

  @Test(
    arguments: [
      ("a: 15 min", "p.yaml:33:4: a: '15 min' has no source: write { value: …, source: "),
      ("a: { value: 1, date: 2026-01 }", "p.yaml:33:4: a.source: is missing"),
      ("a: { value: 1, source: docs }", "p.yaml:33:4: a.date: is missing"),
      (
        "a: { value: 1, source: dcs, date: 2026-01 }",
        "p.yaml:33:24: a: there is no source 'dcs' in 'sources'; did you mean 'docs'?"
      ),
      ("a: { value: 1, source: docs, date: now }", "p.yaml:33:36: a.date: 'now' is not a date"),
      (
        "a: { value: 1 minute, source: docs, date: 2026 }",
        "p.yaml:33:13: a: 'minute' is not a unit"
      ),
      ("a: { value: MiB, source: docs, date: 2026 }", "p.yaml:33:13: a: 'MiB' is a unit without"),
      ("a: { value: -1 s, source: docs, date: 2026 }", "p.yaml:33:13: a: '-1 s' is negative"),
      (
        "a: { value: 1, sauce: docs, source: docs, date: 2026 }",
        "p.yaml:33:16: a: there is no setting 'sauce'"
      ),
      (
        "a: { value: 1, per: hour, source: docs, date: 2026 }",
        "p.yaml:33:21: a: 'per' belongs to prices only"
      ),
      (
        "a: { value: { normal: { mean: 1 s } }, source: docs, date: 2026 }",
        "p.yaml:33:15: a: there is no distribution 'normal'"
      ),
      (
        "a: { value: { quantiles: { trace: no.csv, column: b } }, source: docs, date: 2026 }",
        "p.yaml:33:35: a: there is no trace 'no.csv'"
      ),
      (
        "a: [{ value: 1, source: docs, date: 2026 }, { value: 2, source: docs, date: 2026 }]",
        "p.yaml:33:45: a: needs 'since'"
      ),
      (
        "a: [{ value: 1, source: docs, date: 2026 }, "
          + "{ value: 1 s, since: 2026-01-01, source: docs, date: 2026 }]",
        "p.yaml:33:45: a: is a duration, but was a number before"
      ),
    ])
  func `A bad leaf is reported at its place`(line: String, expected: String) {
    let found = issues(inProvider: sample + line)
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test(
    arguments: [
      ("{ value: 1, per: hour, source: docs, date: 2026 }", "needs a unit: USD"),
      ("{ value: 1 USD, source: docs, date: 2026 }", "a price needs 'per'"),
      ("{ value: 1 USD, per: parsec, source: docs, date: 2026 }", "'parsec' is not a billing unit"),
      (
        "{ value: { tiers: [{ up-to: 5, price: 1 USD }] }, per: hour, source: docs, date: 2026 }",
        "each tier but the last needs an 'up-to'"
      ),
    ])
  func `A bad price is reported`(leaf: String, expected: String) {
    let found = issues(
      inProvider: sample.replacing("prices:\n", with: "prices:\n  x: { y: \(leaf) }\n"))
    #expect(found.count == 1)
    #expect(found[0].contains(expected), "\(found)")
    #expect(found[0].contains(": prices.x.y: "))
  }

  @Test func `A file must say what it describes`() {
    let found = issues(inProvider: "sources: { docs: x }")
    #expect(
      found == [
        "p.yaml:1:1: provider: is missing", "p.yaml:1:1: region: is missing",
        "p.yaml:1:1: as-of: is missing",
      ])
  }

  @Test(
    arguments: [
      ("aws/us-east-1", 900, 200_000_000_000), ("gcp/us-central1", 3600, 400_000_000_000),
      ("azure/eastus", 600, 200_000_000_000), ("knative/us-east-1", 900, 0),
    ])
  func `The providers that come with the program are without a mistake`(
    name: String, timeout: Int, request: Int64
  ) throws {
    let reader = ProviderReader(library: TraceLibrary(directories: []))
    let provider = try reader.provider(named: name)
    #expect("\(provider.name)/\(provider.region)" == name)
    #expect(try provider.duration("function.timeout-max") == .seconds(timeout))
    let price = try provider.price(service: "function", item: "request")
    #expect(price.tiers.map(\.perUnit) == [Money(picoUSD: request)])
    #expect(ProviderReader.names.count == 4, "each is tested here")
  }
}

/// A file that changes some values of the provider that comes with the program.
@Suite struct ProviderExtensionTests {
  private func extended(_ lines: String) -> String {
    "extends: aws/us-east-1\nsources: { us: Our own measurements }\n" + lines
  }

  @Test func `A file of one's own changes any leaf and leaves the others`() throws {
    let provider = try provider(
      extended(
        """
        function:
          timeout-max: { value: 5 min, source: us, date: 2026-11 }
        object-store:
          get: { value: { constant: 3 ms }, source: us, date: 2026-11 }
        prices:
          function:
            request: { value: 0.10 USD, per: 1000000 requests, source: us, date: 2026-11 }
        """))
    #expect(provider.name == "aws")
    #expect(try provider.duration("function.timeout-max") == .seconds(300))
    #expect(try provider.latency("object-store.get") == .constant(.milliseconds(3)))
    let request = try provider.price(service: "function", item: "request")
    #expect(request.tiers.map(\.perUnit) == [Money(picoUSD: 100_000_000_000)])
    #expect(try provider.bytes("function.memory-max") == 10_240 << 20)
  }

  @Test(
    arguments: [
      (
        "function: { timeout-mx: { value: 5 min, source: us, date: 2026 } }",
        "p.yaml:3:25: function.timeout-mx: aws/us-east-1 has no value of this name; "
          + "did you mean 'function.timeout-max'?"
      ),
      (
        "function: { timeout-max: { value: 5 MB, source: us, date: 2026 } }",
        "p.yaml:3:26: function.timeout-max: is a size, but aws/us-east-1 has a duration there"
      ),
      (
        "prices: { function: { duration-x86_64: "
          + "{ value: 1 USD, per: hour, source: us, date: 2026 } } }",
        "p.yaml:3:61: prices.function.duration-x86_64: is metered as usage in MB ms, but 'hour' is "
          + "for usage in s (allowed: as in per: GB-second)"
      ),
      (
        "prices: { memory-store: { node-of-our-own-with-four-shards: "
          + "{ value: 1 USD, per: GB-month, source: us, date: 2026 } } }",
        "p.yaml:3:82: prices.memory-store.node-of-our-own-with-four-shards: is metered as usage in "
          + "s, but 'GB-month' is for usage in MB h"
      ),
      ("region: mars", "p.yaml:3:9: region: comes from the provider that is extended"),
      (
        "function: { timeout-max: { value: 5 min, source: lambda-docs, date: 2026 } }",
        "p.yaml:3:50: function.timeout-max: there is no source 'lambda-docs' in 'sources'"
      ),
    ])
  func `A change that would have no effect is refused`(line: String, expected: String) {
    let found = issues(inProvider: extended(line))
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test func `Only a provider that exists can be extended`() {
    #expect(
      issues(inProvider: "extends: aws/us-esat-1") == [
        "p.yaml:1:10: extends: there is no provider 'aws/us-esat-1' (allowed: "
          + ProviderReader.names.joined(separator: ", ")
          + ", or the path of a file); did you mean 'aws/us-east-1'?"
      ])
  }
}
