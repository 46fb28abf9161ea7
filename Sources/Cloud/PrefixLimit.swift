internal import SimulationKernel

/// The requests per second that an object store takes under one prefix.
///
/// The store adapts: when requests have been refused for a while, it splits the prefix and takes
/// twice as many.
final class PrefixLimit {
  private let simulation: Simulation
  private let rampTime: Duration
  private var bucket: TokenBucket
  private var refusedSince: Instant?

  init(_ simulation: Simulation, perSecond: Double, rampTime: Duration) {
    self.simulation = simulation
    self.rampTime = rampTime
    bucket = TokenBucket(simulation, capacity: perSecond, refillPerSecond: perSecond)
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
