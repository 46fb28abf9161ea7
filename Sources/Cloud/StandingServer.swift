internal import SimulationKernel

/// A server that costs money for as long as it stands: a machine, a cache node, a broker.
final class StandingServer {
  /// How the time of a server becomes billed seconds.
  struct Terms {
    /// The shortest time that is billed.
    let minimum: Duration
    /// What a longer time is rounded up to.
    let granularity: Duration
  }

  let name: String
  /// Called when it has started.
  var onReady: () -> Void = {}
  /// Whether it has started and has not been stopped.
  var isRunning: Bool { ready != nil && !isStopped }
  /// Whether the time that is billed has ended.
  var isStopped: Bool { stopped != nil }

  private let simulation: Simulation
  private let service: String
  private let item: String
  private let terms: Terms
  private let startup: LatencySource
  private let created: Instant
  private var launched: Instant?
  private var ready: Instant?
  private var stopped: Instant?

  /// A server that is not running yet.
  init(
    _ region: Region, name: String, service: String, item: String, terms: Terms,
    startup: LatencyModel
  ) throws(ProviderError) {
    try region.requirePrice(service: service, item: item)
    self.name = name
    simulation = region.simulation
    created = region.simulation.now
    self.service = service
    self.item = item
    self.terms = terms
    self.startup = LatencySource(startup, of: "\(service).startup")
    region.register(self)
  }

  /// Launches the server unless it runs, and waits until it is ready.
  func start() async throws {
    guard launched == nil else { return }
    launched = simulation.now
    var random = simulation.random(for: "\(service)/startup", actor: name)
    try await simulation.sleep(for: try startup.draw(from: &random))
    ready = simulation.now
    onReady()
  }

  /// Ends the time that is billed.
  func stop() { stopped = stopped ?? simulation.now }

  /// Billed seconds so far.
  ///
  /// A server that was never launched stands since it was declared.
  func usage(_ charge: StandingCharge) -> UsageMeter.Usage {
    let end = stopped ?? simulation.now
    let nanoseconds =
      switch charge {
      case .job:
        max(terms.minimum, end - (launched ?? created)).wholeNanoseconds
          .roundedUp(to: terms.granularity.wholeNanoseconds)
      case .shared: max(.zero, end - (ready ?? launched ?? created)).wholeNanoseconds
      }
    return UsageMeter.Usage(
      service: service, item: item,
      quantity: nanoseconds.roundedUp(to: 1_000_000_000) / 1_000_000_000)
  }
}

extension Int64 {
  /// The smallest multiple of `step` that is not less.
  func roundedUp(to step: Int64) -> Int64 { (self + step - 1) / step * step }
}
