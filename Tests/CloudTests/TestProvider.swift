import Cloud
import SimulationKernel
import Testing

/// A small provider whose latencies are constant, so that tests can show their arithmetic.
enum TestProvider {
  /// The provider with some values replaced.
  static func make(_ changes: [String: ProviderValue] = [:]) -> Provider {
    guard let day = CalendarDate("2026-10-01") else { preconditionFailure("a date") }
    let facts = limits + latencies + machines + prices
    var entries = facts.map { ProviderEntry(key: $0.0, versions: [version($0.1)]) }
    for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
      entries.append(ProviderEntry(key: key, versions: [version(value)]))
    }
    return Provider(name: "test", region: "here", asOf: day, entries: entries)
  }

  static func version(_ value: ProviderValue) -> ProviderEntry.Version {
    .init(value, source: "test", date: "2026-10-01")
  }

  static func price(
    _ usd: String, per unit: String, free: Int64 = 0
  ) -> ProviderValue {
    guard let money = Money(decimalUSD: usd), let unit = BillingUnit(unit) else {
      preconditionFailure("a price")
    }
    return .price(Price(money, per: unit, freeUnits: free))
  }

  private static let megabyte: Int64 = 1_048_576

  private static var limits: [(String, ProviderValue)] {
    [
      ("sdk.attempts-max", .number(3)), ("sdk.backoff-base", .duration(.seconds(1))),
      ("sdk.backoff-max", .duration(.seconds(20))),
      ("sdk.client-bandwidth", .bytesPerSecond(1e9)),
      ("compute.rate", .flopsPerSecond(15e9)),
      ("compute.batch-overhead", .duration(.milliseconds(51))),
      ("compute.parallel-fraction", .number(0.93)), ("compute.vector-rate", .bytesPerSecond(2e9)),
      ("object-store.object-max", .bytes(5 << 30)),
      ("object-store.reads-per-second", .number(5500)),
      ("object-store.writes-per-second", .number(3500)),
      ("object-store.ramp-time", .duration(.seconds(60))),
      ("object-store-express.ramp-time", .duration(.seconds(60))),
      ("object-store-express.object-max", .bytes(5 << 30)),
      ("object-store-express.reads-per-second", .number(200_000)),
      ("object-store-express.writes-per-second", .number(100_000)),
      ("memory-store.request-time", .duration(.microseconds(10))),
      ("memory-store.key-time", .duration(.nanoseconds(40))),
      ("memory-store.byte-rate", .bytesPerSecond(1e9)),
      ("memory-store.value-max", .bytes(512 * megabyte)),
      ("memory-store.billing-minimum", .duration(.seconds(3600))),
      ("memory-store.billing-granularity", .duration(.seconds(3600))),
      ("key-value-table.item-max", .bytes(409_600)), ("key-value-table.page-max", .bytes(1 << 20)),
      ("key-value-table.write-unit", .bytes(1024)), ("key-value-table.read-unit", .bytes(4096)),
      ("broker.instance-type", .text("mq.m5.large")),
      ("broker.message-time", .duration(.microseconds(20))),
      ("broker.billing-minimum", .duration(.seconds(1))),
      ("broker.billing-granularity", .duration(.seconds(1))),
      ("workflow.payload-max", .bytes(262_144)), ("workflow.history-max", .number(25_000)),
      ("workflow.standard-duration-max", .duration(.seconds(31_536_000))),
      ("workflow.express-duration-max", .duration(.seconds(300))),
      ("workflow.map-concurrency-max", .number(40)),
      ("workflow.express-memory", .bytes(64 * megabyte)),
      ("workflow.express-granularity", .duration(.milliseconds(100))),
    ] + functions + queues
  }

  private static var functions: [(String, ProviderValue)] {
    [
      ("function.memory-min", .bytes(128 * megabyte)),
      ("function.memory-max", .bytes(10240 * megabyte)),
      ("function.memory-per-vcpu", .bytes(1769 * megabyte)),
      ("function.timeout-max", .duration(.seconds(900))),
      ("function.ephemeral-storage-min", .bytes(512 * megabyte)),
      ("function.ephemeral-storage-max", .bytes(10240 * megabyte)),
      ("function.payload-max", .bytes(6_000_000)),
      ("function.event-payload-max", .bytes(1_000_000)),
      ("function.concurrency-max", .number(1000)),
      ("function.scaling-burst", .number(1000)), ("function.scaling-per-second", .number(100)),
      ("function.billing-granularity", .duration(.milliseconds(1))),
      ("function.init-billed.zip", .flag(true)), ("function.init-billed.image", .flag(true)),
      ("function.init-max", .duration(.seconds(10))),
      ("function.requests-per-execution", .number(10)),
      ("function.visible-processors.3", .bytes(3009 * megabyte)),
      ("function.visible-processors.4", .bytes(5308 * megabyte)),
      ("function.visible-processors.5", .bytes(7077 * megabyte)),
      ("function.visible-processors.6", .bytes(8846 * megabyte)),
      ("function.log-size", .bytes(400)),
      ("function.event-retries", .number(2)),
      ("function.event-age-max", .duration(.seconds(6 * 3600))),
      ("function.event-retry-pause", .duration(.seconds(60))),
      ("function.event-second-retry-pause", .duration(.seconds(120))),
      ("function.provisioned-granularity", .duration(.seconds(300))),
      ("function.keep-alive", .text("fixed")),
      ("function.keep-alive-time", .duration(.seconds(600))),
      ("function.idle-rule", .text("most-recent")),
      ("function.compute-sigma", .number(0)), ("function.environment-sigma", .number(0)),
      ("function.download-sigma", .number(0)),
      ("function.network.steady-rate", .bytesPerSecond(100_000_000)),
      ("function.network.burst-rate", .bytesPerSecond(1_000_000_000)),
      ("function.network.bucket", .bytes(300_000_000)),
      ("function.network.bucket-refill", .bytesPerSecond(20_000_000)),
      ("function.network.connection-rate-per-vcpu", .bytesPerSecond(2e9)),
      ("function.footprint.none", .bytes(40_000_000)),
      ("function.footprint.pytorch", .bytes(400_000_000)),
    ]
  }

  private static var queues: [(String, ProviderValue)] {
    ["queue", "queue-fifo"].flatMap { queue in
      [
        ("message-max", ProviderValue.bytes(1 << 20)), ("batch-max", .number(10)),
        ("wait-max", .duration(.seconds(20))), ("visibility-timeout", .duration(.seconds(30))),
        ("purge-interval", .duration(.seconds(60))), ("billed-chunk", .bytes(65_536)),
        ("retention", .duration(.seconds(345_600))), ("in-flight-max", .number(120_000)),
        ("requests-per-second", .number(queue == "queue" ? 1_000_000 : 300)),
        ("duplicate-rate", .number(0)), ("count-lag", .duration(.zero)),
      ].map { ("\(queue).\($0.0)", $0.1) }
    }
  }

  private static var latencies: [(String, ProviderValue)] {
    let operations: [(String, [String], Int)] = [
      ("object-store", ["put", "get", "list", "delete"], 20),
      ("object-store-express", ["put", "get", "list", "delete"], 5),
      ("memory-store", ["set", "get", "delete", "append", "run", "scan", "ping"], 1),
      ("key-value-table", ["put", "get", "query", "delete"], 5),
      ("queue", ["send", "receive", "delete", "count", "purge"], 10),
      ("queue-fifo", ["send", "receive", "delete", "count", "purge"], 10),
      ("broker", ["publish", "deliver", "count", "purge"], 1), ("remote-service", ["call"], 1),
      ("workflow", ["start", "transition"], 25),
      ("function", ["invoke", "invoke-event"], 10),
    ]
    let requests = operations.flatMap { service, names, milliseconds in
      names.map { ("\(service).\($0)", ProviderValue.duration(.milliseconds(milliseconds))) } + [
        ("\(service).connection-setup", .duration(.zero)),
        ("\(service).connection-bandwidth", .bytesPerSecond(100_000_000)),
      ]
    }
    return requests + [
      ("function.sandbox", .duration(.milliseconds(200))),
      ("function.download-rate.zip", .bytesPerSecond(100_000_000)),
      ("function.download-rate.image", .bytesPerSecond(400_000_000)),
      ("function.init.python3.12.zip.x86_64", .duration(.milliseconds(100))),
      ("function.init.python3.12.image.x86_64", .duration(.milliseconds(200))),
      ("function.init.python3.12.zip.arm64", .duration(.milliseconds(90))),
      ("function.import-penalty.pytorch", .duration(.seconds(5))),
      ("memory-store.startup", .duration(.seconds(100))),
      ("broker.startup", .duration(.seconds(300))),
      ("virtual-machine.boot", .duration(.seconds(30))),
    ]
  }

  private static var machines: [(String, ProviderValue)] {
    [
      ("virtual-machine.billing-minimum", .duration(.seconds(60))),
      ("virtual-machine.billing-granularity", .duration(.seconds(1))),
      ("virtual-machine.network-burst", .bytesPerSecond(1.25e9)),
      ("virtual-machine.network-burst-time", .duration(.zero)),
      ("virtual-machine.spot-interruptions-per-hour", .number(0)),
      ("virtual-machine.gpu-rate.t4", .flopsPerSecond(2.6e12)),
      ("virtual-machine.types.m5.large.vcpu", .number(2)),
      ("virtual-machine.types.m5.large.memory", .bytes(8192 * megabyte)),
      ("virtual-machine.types.m5.large.network-baseline", .bytesPerSecond(93_750_000)),
      ("virtual-machine.types.g4dn.xlarge.vcpu", .number(4)),
      ("virtual-machine.types.g4dn.xlarge.memory", .bytes(16_384 * megabyte)),
      ("virtual-machine.types.g4dn.xlarge.network-baseline", .bytesPerSecond(625_000_000)),
      ("virtual-machine.types.g4dn.xlarge.gpu", .text("t4")),
      ("virtual-machine.types.g4dn.xlarge.gpu-count", .number(1)),
    ]
  }

  private static var prices: [(String, ProviderValue)] {
    [
      ("function.request", price("0.20", per: "1000000 requests", free: 1)),
      ("function.duration-x86_64", price("0.0000166667", per: "GB-second", free: 400_000)),
      ("function.duration-arm64", price("0.0000133334", per: "GB-second", free: 400_000)),
      ("function.ephemeral-storage", price("0.0000000309", per: "GB-second")),
      ("function.provisioned-duration-x86_64", price("0.0000097222", per: "GB-second")),
      ("function.provisioned-concurrency-x86_64", price("0.0000041667", per: "GB-second")),
      ("function.provisioned-duration-arm64", price("0.0000077778", per: "GB-second")),
      ("function.provisioned-concurrency-arm64", price("0.0000033334", per: "GB-second")),
      ("object-store.storage", price("0.023", per: "GB-month")),
      ("object-store.put", price("0.005", per: "1000 requests")),
      ("object-store.list", price("0.005", per: "1000 requests")),
      ("object-store.get", price("0.0004", per: "1000 requests")),
      ("object-store.delete", price("0", per: "1000 requests")),
      ("object-store-express.storage", price("0.11", per: "GB-month")),
      ("object-store-express.put", price("0.00113", per: "1000 requests")),
      ("object-store-express.list", price("0.00113", per: "1000 requests")),
      ("object-store-express.get", price("0.00003", per: "1000 requests")),
      ("object-store-express.delete", price("0", per: "1000 requests")),
      ("object-store-express.put-bytes", price("0.0032", per: "GB")),
      ("object-store-express.get-bytes", price("0.0006", per: "GB")),
      ("memory-store.cache.m5.large", price("0.156", per: "hour")),
      ("key-value-table.write-unit", price("0.625", per: "1000000 units")),
      ("key-value-table.read-unit", price("0.125", per: "2000000 half-units")),
      ("key-value-table.storage", price("0.25", per: "GB-month")),
      ("queue.request", price("0.40", per: "1000000 requests", free: 1)),
      ("queue-fifo.request", price("0.50", per: "1000000 requests", free: 1)),
      ("broker.mq.m5.large", price("0.288", per: "hour")),
      ("network.endpoint-hours", price("0.01", per: "hour")),
      ("network.endpoint-bytes", price("0.01", per: "GB")),
      ("network.nat-hours", price("0.045", per: "hour")),
      ("network.nat-bytes", price("0.045", per: "GB")),
      ("network.cross-zone", price("0.01", per: "GB")),
      ("logs.ingest", price("0.50", per: "GB", free: 5)),
      ("workflow.transition", price("0.025", per: "1000 transitions", free: 4)),
      ("workflow.express-request", price("1", per: "1000000 requests")),
      ("workflow.express-duration", price("0.00001667", per: "GB-second")),
      ("virtual-machine.m5.large", price("0.096", per: "hour")),
      ("virtual-machine.g4dn.xlarge", price("0.526", per: "hour")),
      ("virtual-machine.spot-g4dn.xlarge", price("0.1841", per: "hour")),
    ].map { ("prices.\($0.0)", $0.1) }
  }
}

/// Runs `body` as the only process of a simulation that runs to its end.
@discardableResult
func simulate(
  _ changes: [String: ProviderValue] = [:], options: RegionOptions = RegionOptions(),
  seed: UInt64 = 1, log: EventLog = EventLog(.kept),
  _ body: @escaping (Region) async throws -> Void
) throws -> Region {
  let simulation = Simulation(seed: seed, log: log)
  let region = try Region(simulation, provider: TestProvider.make(changes), options: options)
  var failure: (any Error)?
  var isFinished = false
  simulation.spawn("test") {
    do { try await body(region) } catch { failure = error }
    isFinished = true
  }
  try simulation.run()
  if let failure { throw failure }
  #expect(isFinished)
  return region
}

/// An amount of money written in US dollars.
func usd(_ text: String) throws -> Money { try #require(Money(decimalUSD: text)) }
