internal import SimulationKernel

/// The function platform's limits and rates, read once from the provider.
struct FunctionRules {
  let memoryRange: ClosedRange<Int>
  let ephemeralStorageRange: ClosedRange<Int>
  let timeoutLimit: Duration
  let synchronousPayloadLimit: Int
  let asynchronousPayloadLimit: Int
  let concurrencyLimit: Int
  let scalingBurst: Double
  let scalingPerSecond: Double
  /// Invocations that are admitted in a second.
  let requestsPerSecond: Double
  let billingGranularity: Duration
  /// The shortest time that is billed.
  let billingMinimum: Duration
  /// What billed memory is rounded up to.
  let billedMemoryStepMB: Int
  /// Whether processors are billed beside memory.
  let billsProcessors: Bool
  let provisionedGranularity: Duration
  /// What the platform logs for an invocation.
  let logBytes: Int
  let keepAlive: KeepAlive
  let idleRule: IdleRule
  let networkRate: Double
  let networkBurst: SharedLink.Burst
  let computeSigma: Double
  let environmentSigma: Double
  /// How often a failed event is tried again.
  let eventRetries: Int
  let retryPauses: [Duration]
  /// How long an event may wait to be admitted.
  let eventAgeLimit: Duration
  /// What an initialisation takes at most; a longer one begins anew in the function's own time.
  let initializationLimit: Duration?
  private let memoryMBPerVCPU: Double
  private let connectionRatePerVCPU: Double

  init(_ region: Region) throws(ProviderError) {
    func megabytes(_ key: String) throws(ProviderError) -> Int {
      try region.fact(Provider.bytes, key) / 1_048_576
    }
    func limit<Value>(
      _ own: Value?, _ read: (Provider) -> (String) throws(ProviderError) -> Value, _ key: String
    ) throws(ProviderError) -> Value {
      if let own { return own }
      return try region.fact(read, key)
    }
    memoryRange = try megabytes("function.memory-min")...megabytes("function.memory-max")
    ephemeralStorageRange =
      try megabytes("function.ephemeral-storage-min")...megabytes("function.ephemeral-storage-max")
    let options = region.options
    timeoutLimit = try limit(
      options.functionTimeoutLimit, Provider.duration, "function.timeout-max")
    synchronousPayloadLimit = try region.fact(Provider.bytes, "function.payload-max")
    asynchronousPayloadLimit = try region.fact(Provider.bytes, "function.event-payload-max")
    let concurrency = try region.fact(Provider.count, "function.concurrency-max")
    concurrencyLimit = region.options.concurrencyLimit ?? concurrency
    let requests = try region.ifKnown(Provider.number, "function.requests-per-execution")
    requestsPerSecond =
      (requests ?? .infinity) * Double(region.options.concurrencyLimit ?? concurrency)
    scalingBurst = try limit(
      options.scalingBurst.map(Double.init), Provider.number, "function.scaling-burst")
    scalingPerSecond = try limit(
      options.scalingPerSecond, Provider.number, "function.scaling-per-second")
    billingGranularity = try region.fact(Provider.duration, "function.billing-granularity")
    billingMinimum =
      try region.ifKnown(Provider.duration, "function.billing-minimum") ?? .zero
    billedMemoryStepMB =
      try region.ifKnown(Provider.bytes, "function.billed-memory-step").map { $0 / 1_048_576 } ?? 1
    billsProcessors = region.provider["prices.function.vcpu-x86_64"] != nil
    provisionedGranularity = try region.fact(
      Provider.duration, "function.provisioned-granularity")
    logBytes = try region.ifKnown(Provider.bytes, "function.log-size") ?? 0
    keepAlive = try FunctionRules.keepAlive(region)
    idleRule = try FunctionRules.idleRule(region)
    networkRate = try region.fact(Provider.bytesPerSecond, "function.network.steady-rate")
    networkBurst = SharedLink.Burst(
      bytes: Double(try region.fact(Provider.bytes, "function.network.bucket")),
      bytesPerSecond: try region.fact(Provider.bytesPerSecond, "function.network.burst-rate"),
      refillPerSecond: try region.fact(Provider.bytesPerSecond, "function.network.bucket-refill"),
      refillLimit: try region.ifKnown(Provider.bytes, "function.network.bucket-refill-max")
        .map(Double.init))
    connectionRatePerVCPU = try region.fact(
      Provider.bytesPerSecond, "function.network.connection-rate-per-vcpu")
    computeSigma = try region.fact(Provider.number, "function.compute-sigma")
    environmentSigma = try region.fact(Provider.number, "function.environment-sigma")
    eventRetries = try region.fact(Provider.count, "function.event-retries")
    eventAgeLimit = try region.fact(Provider.duration, "function.event-age-max")
    initializationLimit = try region.ifKnown(Provider.duration, "function.init-max")
    retryPauses = [
      try region.fact(Provider.duration, "function.event-retry-pause"),
      try region.fact(Provider.duration, "function.event-second-retry-pause"),
    ]
    memoryMBPerVCPU = Double(try megabytes("function.memory-per-vcpu"))
  }

  /// The share of processors that comes with an amount of memory.
  func vCPUs(memoryMB: Int) -> Double { Double(memoryMB) / memoryMBPerVCPU }

  /// The processors that a function of an amount of memory sees: two at least on AWS, which says
  /// from which memory on there are more; else as many as it has a share of.
  func visibleProcessors(_ region: Region, memoryMB: Int) throws(ProviderError) -> Int {
    var count = 2
    while let least = try region.ifKnown(
      Provider.bytes, "function.visible-processors.\(count + 1)")
    {
      if least > memoryMB * 1_048_576 { return count }
      count += 1
    }
    return max(count == 2 ? 1 : count, Int(vCPUs(memoryMB: memoryMB).rounded(.up)))
  }

  /// The memory that is billed for an amount of memory.
  func billedMB(memoryMB: Int) -> Int64 {
    Int64(memoryMB).roundedUp(to: Int64(billedMemoryStepMB))
  }

  /// What one connection of a function carries: its client is bound by its one thread.
  func connectionRate(_ function: FunctionConfiguration) -> Double {
    connectionRatePerVCPU * min(1, vCPUs(memoryMB: function.memoryMB))
  }

  /// - Throws: `UnsupportedConfiguration` with the allowed range.
  func check(_ function: FunctionConfiguration) throws(UnsupportedConfiguration) {
    func require(_ condition: Bool, _ problem: String) throws(UnsupportedConfiguration) {
      if !condition { throw UnsupportedConfiguration(subject: function.name, problem: problem) }
    }
    try require(
      memoryRange.contains(function.memoryMB),
      "memory must be \(memoryRange.lowerBound) to \(memoryRange.upperBound) MB,"
        + " not \(function.memoryMB)")
    try require(
      ephemeralStorageRange.contains(function.ephemeralStorageMB),
      "/tmp must be \(ephemeralStorageRange.lowerBound) to"
        + " \(ephemeralStorageRange.upperBound) MB, not \(function.ephemeralStorageMB)")
    if let timeout = function.timeout {
      try require(
        timeout > .zero && timeout <= timeoutLimit,
        "timeout must be at most \(timeoutLimit.inSeconds) s, not \(timeout.inSeconds)")
    }
    try require(function.packageBytes >= 0, "a package has no negative size")
    try require(
      (function.reservedConcurrency ?? 0) <= concurrencyLimit,
      "reserved concurrency exceeds the account's \(concurrencyLimit)")
  }

  private static func keepAlive(_ region: Region) throws(ProviderError) -> KeepAlive {
    let time = try region.fact(Provider.duration, "function.keep-alive-time")
    if let chosen = region.options.keepAlive { return chosen }
    switch try region.fact(Provider.text, "function.keep-alive") {
    case "none": return .none
    case "fixed": return .fixed(time)
    case "half-life": return .halfLife(time)
    default: throw region.unknownWord("function.keep-alive", "none, fixed or half-life")
    }
  }

  private static func idleRule(_ region: Region) throws(ProviderError) -> IdleRule {
    if let chosen = region.options.idleRule { return chosen }
    let word = try region.fact(Provider.text, "function.idle-rule")
    guard let rule = IdleRule(rawValue: word) else {
      let rules = IdleRule.allCases.map(\.rawValue).joined(separator: ", ")
      throw region.unknownWord("function.idle-rule", "one of \(rules)")
    }
    return rule
  }
}

extension Region {
  func unknownWord(_ key: String, _ allowed: String) -> ProviderError {
    ProviderError(
      provider: "\(provider.name)/\(provider.region)", key: key, problem: "must be \(allowed)")
  }

  /// A value that not every provider has.
  func ifKnown<Value>(
    _ read: (Provider) -> (String) throws(ProviderError) -> Value, _ key: String
  ) throws(ProviderError) -> Value? {
    provider[key] == nil ? nil : try fact(read, key)
  }

  /// The latency of a step that is no request, the scenario's before the provider's.
  func latency(_ key: String) throws(ProviderError) -> LatencyModel {
    if let override = options.latencies[key] { return override.model }
    return try fact(Provider.latency, key)
  }
}
