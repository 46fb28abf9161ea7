/// A latency that a scenario puts in the place of the provider's.
public struct LatencyOverride: Sendable {
  /// The latency.
  public let model: LatencyModel
  /// Whether it was measured to the last byte, so that no bandwidth is to be added.
  public let includesTransfer: Bool

  /// A latency instead of the provider's.
  public init(_ model: LatencyModel, includesTransfer: Bool = false) {
    self.model = model
    self.includesTransfer = includesTransfer
  }
}

/// How standing servers are charged to the job.
public enum StandingCharge: String, Hashable, Sendable, CaseIterable {
  /// From provisioning to the job's end, with the provider's minimum and rounding.
  case job
  /// The seconds of the job only, as one of many users of a server that runs anyway.
  case shared
}

/// What a scenario decides about a region.
public struct RegionOptions: Sendable {
  /// Latencies instead of the provider's, by operation such as `object-store.get`.
  public var latencies: [String: LatencyOverride] = [:]
  /// The part of requests that fails, by operation.
  public var failureRates: [String: Double] = [:]
  /// Times in which services refuse requests although their limits allow them.
  public var throttleStorms: [ThrottleStorm] = []
  /// The part of messages that is lost, by service: `queue`, `queue-fifo` or `broker`.
  public var lossRates: [String: Double] = [:]
  /// The part of messages that is delivered twice, by service; else the provider's.
  public var duplicateRates: [String: Double] = [:]
  /// The day whose rules and prices hold; nil for the provider's own.
  public var date: CalendarDate?
  /// Whether free allowances are deducted.
  public var freeTier = false
  /// How long idle execution environments live; nil for the provider's policy.
  public var keepAlive: KeepAlive?
  /// Which idle environment an invocation gets; nil for the provider's rule.
  public var idleRule: IdleRule?
  /// Concurrent executions of the account; nil for the provider's default.
  public var concurrencyLimit: Int?
  /// New environments of one function at once; nil for the provider's limit.
  public var scalingBurst: Int?
  /// New environments of one function in a second after that; nil for the provider's limit.
  public var scalingPerSecond: Double?
  /// The longest that a function may run; nil for the provider's limit.
  public var functionTimeoutLimit: Duration?
  /// The private network that functions are in, where that is billed.
  public var privateNetwork: PrivateNetwork?
  /// How standing servers are charged in what a job has cost so far.
  public var standing = StandingCharge.job
  /// Whether the log lines of functions are billed.
  public var billsLogs = false
  /// How fast functions compute; nil for the provider's model.
  public var compute: ComputeModel?

  /// The provider's defaults.
  public init() {}
}
