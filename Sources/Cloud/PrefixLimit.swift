internal import SimulationKernel

/// The requests per second that an object store takes under one prefix.
///
/// The store adapts: when requests have been refused for a while, it splits the prefix and takes
/// twice as many.
final class PrefixLimit {
  private let simulation: Simulation
  private let perSecond: Double
  private let rampTime: Duration
  private var bucket: TokenBucket
  private var refusedSince: Instant?

  init(_ simulation: Simulation, perSecond: Double, rampTime: Duration) {
    self.simulation = simulation
    self.perSecond = perSecond
    self.rampTime = rampTime
    bucket = TokenBucket(simulation, capacity: perSecond, refillPerSecond: perSecond)
  }

  /// Whether it is as it was when nothing had been asked of it yet.
  var isAtRest: Bool {
    refusedSince == nil && bucket.capacity == perSecond && bucket.available == perSecond
  }

  /// Takes a request, or tells that there are too many.
  func admit() -> Bool {
    if bucket.take() { return true }
    let since = refusedSince ?? simulation.now
    refusedSince = since
    guard rampTime > .zero, simulation.now - since >= rampTime else { return false }
    let doubled = 2 * bucket.refillPerSecond
    bucket = TokenBucket(simulation, capacity: doubled, refillPerSecond: doubled)
    refusedSince = nil
    return bucket.take()
  }
}

/// The limits of all prefixes that are in use.
///
/// Those that are at rest are forgotten now and then: prefixes may come and go with every step.
struct PrefixLimits {
  private let simulation: Simulation
  private let perSecond: Double
  private let rampTime: Duration
  private var limits: [String: PrefixLimit] = [:]
  /// How many limits to have before those at rest are forgotten.
  private var sweepSize = 1024

  init(_ simulation: Simulation, perSecond: Double, rampTime: Duration) {
    self.simulation = simulation
    self.perSecond = perSecond
    self.rampTime = rampTime
  }

  /// Takes a request under a prefix, or tells that there are too many.
  mutating func admit(_ prefix: String) -> Bool {
    if let limit = limits[prefix] { return limit.admit() }
    if limits.count >= sweepSize {
      limits = limits.filter { !$0.value.isAtRest }  // in any order
      sweepSize = max(1024, 2 * limits.count)
    }
    let limit = PrefixLimit(simulation, perSecond: perSecond, rampTime: rampTime)
    limits[prefix] = limit
    return limit.admit()
  }
}
