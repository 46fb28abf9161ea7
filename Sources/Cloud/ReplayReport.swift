internal import SimulationKernel

/// What became of a replayed trace.
public struct ReplayReport: Hashable, Sendable {
  /// Invocations that arrived.
  public let invocations: Int
  /// Those that started an environment.
  public let coldStarts: Int
  /// Those that were refused for want of concurrency.
  public let rejected: Int
  /// Environments alive, averaged over the time to the last arrival.
  public let meanInstances: Double
  /// Environments that ran something, averaged over the same time.
  public let meanRunning: Double
  /// The most environments alive at the same time, some of which may have been over.
  public let peakInstances: Int
  /// Memory-time of environments that were idle, in GB-seconds, to the last arrival.
  public let idleGBSeconds: Double
  /// Billable usage in base units.
  public let usage: [UsageMeter.Usage]
  /// How long invocations took, cold starts included.
  public let latency: DurationHistogram

  /// Memory-time billed, in GB-seconds.
  public var gbSeconds: Double {
    usage.reduce(0) { $1.item == "request" ? $0 : $0 + Double($1.quantity) / 1_024_000 }
  }
}

/// What a replay counts as it goes.
struct ReplayTally {
  var arrivals = 0
  var rejected = 0
  private var coldStarts = 0
  private var billedMegabyteMilliseconds: Int64 = 0
  private var lifeNanoseconds: Int128 = 0
  private var runNanoseconds: Int128 = 0
  private var idleMegabyteNanoseconds: Int128 = 0
  private var latency = DurationHistogram()

  mutating func begin(
    _ invocation: RecordedInvocation, cold: Int64?, isColdBilled: Bool, granularity: Int64,
    minimum: Int64
  ) {
    if cold != nil { coldStarts += 1 }
    latency.add(nanoseconds: invocation.duration + (cold ?? 0))
    let billed = max(minimum, invocation.duration + (isColdBilled ? cold ?? 0 : 0))
    billedMegabyteMilliseconds +=
      Int64(invocation.memoryMB) * (billed.roundedUp(to: granularity) / 1_000_000)
  }

  /// Counts a run, as far as it was before `horizon`.
  mutating func ran(_ memoryMB: Int, from start: Int64, to end: Int64, before horizon: Int64) {
    let time = Int128(max(0, min(end, horizon) - start))
    runNanoseconds += time
    idleMegabyteNanoseconds -= time * Int128(memoryMB)
  }

  /// Counts an environment's life, as far as it was before `horizon`.
  mutating func lived(_ memoryMB: Int, from start: Int64, to end: Int64, before horizon: Int64) {
    let time = Int128(max(0, min(end, horizon) - start))
    lifeNanoseconds += time
    idleMegabyteNanoseconds += time * Int128(memoryMB)
  }

  func report(until lastArrival: Int64, peak: Int) -> ReplayReport {
    let span = max(1, Double(lastArrival))
    return ReplayReport(
      invocations: arrivals, coldStarts: coldStarts, rejected: rejected,
      meanInstances: Double(lifeNanoseconds) / span,
      meanRunning: Double(runNanoseconds) / span, peakInstances: peak,
      idleGBSeconds: Double(idleMegabyteNanoseconds) / 1024 / 1e9,
      usage: [
        UsageMeter.Usage(
          service: "function", item: "request", quantity: Int64(arrivals - rejected)),
        UsageMeter.Usage(
          service: "function", item: "duration-x86_64", quantity: billedMegabyteMilliseconds),
      ], latency: latency)
  }
}
