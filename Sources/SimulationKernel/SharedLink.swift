/// Bandwidth shared by the transfers that are on it, max-min fairly, each below a cap of its own.
///
/// A transfer passes one link or two, such as the network interface of a function and that of a
/// server. Nobody can have more without taking it from someone who has less, and no link carries
/// more than its capacity.
///
/// - Complexity: A transfer that begins or ends costs O(log n + K) among n others, where K is the
///   number of different caps, as long as every function talks to one server at a time. Where links
///   are tangled (a function that talks to two servers at once), it costs O(n log n) for the n
///   transfers that share a link with it, directly or through others.
public final class SharedLink: CustomStringConvertible {
  /// A budget of bytes that may pass faster than the link's steady rate.
  public struct Burst: Sendable {
    /// What has been saved up at the start, in bytes.
    public let bytes: Double
    /// What the link carries while some of it is left, in bytes per second.
    public let bytesPerSecond: Double
    /// What is added each second, up to `refillLimit`.
    public let refillPerSecond: Double
    /// What can be saved up again once it was used, in bytes.
    public let refillLimit: Double

    /// A budget of `bytes` at the start, all of which can be saved up again unless told otherwise.
    public init(
      bytes: Double, bytesPerSecond: Double, refillPerSecond: Double, refillLimit: Double? = nil
    ) {
      precondition(bytes >= 0 && bytesPerSecond > refillPerSecond && refillPerSecond >= 0)
      self.bytes = bytes
      self.refillLimit = min(bytes, refillLimit ?? bytes)
      self.bytesPerSecond = bytesPerSecond
      self.refillPerSecond = refillPerSecond
    }
  }

  /// What the link carries when busy and its burst is used up, in bytes per second.
  ///
  /// A change takes effect at once for the transfers that are on the link.
  @exclusivity(unchecked) public var bytesPerSecond: Double {
    didSet {
      precondition(bytesPerSecond > 0, "a link must carry something")
      precondition(bytesPerSecond.isFinite == oldValue.isFinite, "a link stays finite or not")
      if burstEnd == nil, bytesPerSecond != capacity { changeCapacity(to: bytesPerSecond) }
    }
  }
  /// What it may carry beyond that for a while.
  public let burst: Burst?
  /// What it is called when somebody waits for it in vain.
  public let name: String

  let simulation: Simulation
  /// How the flows on the link are kept.
  @exclusivity(unchecked) var role = Role.idle
  /// The flows on the link, in no particular order.
  @exclusivity(unchecked) var flows = FlowList()
  /// What those carried that are through.
  @exclusivity(unchecked) var finishedBytes = 0.0
  /// The flows of a hub.
  @exclusivity(unchecked) var share = FairShare()
  lazy var alarm = Simulation.Alarm(simulation) { [unowned(unsafe) self] in serveHub() }
  /// The link's place among those of its tangle in one of the tangle's fillings.
  var fillPlace = (filling: 0, index: 0)

  /// What it carries now at the most.
  @exclusivity(unchecked) var capacity: Double
  /// When the savings are used up at the earliest, while it bursts, in nanoseconds.
  @exclusivity(unchecked) var burstEnd: Int64?
  /// Bytes that may pass before that, from when the savings were last counted.
  @exclusivity(unchecked) var allowance = Double.infinity
  @exclusivity(unchecked) private var savings: (bytes: Double, time: Instant, carried: Double)
  /// Whether the alarm of the burst was ever set: most links never need one.
  @exclusivity(unchecked) private var isWatched = false
  private lazy var burstAlarm = Simulation.Alarm(simulation) { [unowned(unsafe) self] in
    updateBurst(isBusy: true)
  }

  /// A link of `bytesPerSecond`; an infinite one only counts what passes.
  ///
  /// - Parameter burst: What it may carry faster for a while; full at the start.
  public init(
    _ simulation: Simulation, bytesPerSecond: Double, burst: Burst? = nil, name: String = "a link"
  ) {
    precondition(bytesPerSecond > 0, "a link must carry something")
    if let burst { precondition(burst.bytesPerSecond >= bytesPerSecond, "a burst is faster") }
    self.simulation = simulation
    self.bytesPerSecond = bytesPerSecond
    self.burst = burst
    self.name = name
    capacity = bytesPerSecond
    savings = (burst?.bytes ?? 0, simulation.now, 0)
  }

  /// The text of it in errors and logs.
  public var description: String { name }

  /// How many transfers are on the link.
  public var activeTransfers: Int { flows.count }

  /// Bytes that have passed so far; O(caps) for a server's link, O(transfers on it) for others.
  public var bytesCarried: Double {
    if flows.isEmpty { return finishedBytes }
    if case .hub = role {
      share.advance(to: simulation.now.nanoseconds)
      return finishedBytes + share.servedBytes
    }
    return flows.reduce(finishedBytes) { $0 + $1.bytes - remaining($1) }
  }

  /// Waits while `bytes` pass, at no more than `cap` bytes per second.
  ///
  /// - Parameter other: A second link that the bytes pass at the same time.
  public func transfer(
    bytes: Int64, through other: SharedLink? = nil, cap: Double = .infinity
  ) async throws {
    if bytes == 0 { return }
    guard let flow = Flow(of: bytes, over: self, through: other, cap: cap) else {
      let seconds = count(bytes, through: other, cap: cap)
      if seconds > 0 { try await simulation.sleep(for: .rounded(seconds: seconds)) }
      return
    }
    do {
      try await simulation.park(for: self) { flow.begin($0) }
    } catch {
      flow.abandon()
      throw error
    }
    flow.end()
  }

  /// Counts what passes links of which none can be a bottleneck; returns how long it takes, in
  /// seconds.
  func count(_ bytes: Int64, through other: SharedLink?, cap: Double) -> Double {
    finishedBytes += Double(bytes)
    other?.finishedBytes += Double(bytes)
    return Double(bytes) / cap
  }

  // MARK: - Burst

  /// Decides whether the link is faster than usual, and until when at least; called before a flow
  /// comes, when one has gone, and when the savings may be used up.
  func updateBurst(isBusy: Bool) {
    if burst == nil { return }
    let new = settleBurst(isBusy: isBusy)
    watchBurst()
    // The flows of a leaf may go on as long as its savings allow, which has changed as well.
    if case .leaf = role { changeCapacity(to: new) }
    if new != capacity { changeCapacity(to: new) }
  }

  /// Counts the savings; returns what the link carries from now on.
  func settleBurst(isBusy: Bool) -> Double {
    guard let burst else { return bytesPerSecond }
    let now = simulation.now
    let carried = bytesCarried
    let refilled = now.seconds(since: savings.time) * burst.refillPerSecond
    let bytes = savings.bytes + refilled - (carried - savings.carried)
    savings = (min(max(burst.refillLimit, savings.bytes), max(0, bytes)), now, carried)
    // A microsecond's worth counts as nothing, else the last bytes would be counted for ever.
    guard isBusy, savings.bytes > 1e-6 * burst.bytesPerSecond else {
      (burstEnd, allowance) = (nil, .infinity)
      return bytesPerSecond
    }
    let seconds = savings.bytes / (burst.bytesPerSecond - burst.refillPerSecond)
    burstEnd = now.nanoseconds + Int64((seconds * 1e9).rounded(.up))
    allowance = seconds * burst.bytesPerSecond
    return burst.bytesPerSecond
  }

  /// Sees to it that the savings are counted again before they are used up.
  ///
  /// The flows of a leaf stop in their lanes for it: behind a busy server that is much later than
  /// the clock would have it. Others set an alarm.
  private func watchBurst() {
    switch role {
    case .hub, .tangled:
      if let burstEnd {
        isWatched = true
        return burstAlarm.set(to: max(burstEnd, simulation.now.nanoseconds))
      }
    case .idle, .single, .leaf: break
    }
    if isWatched { burstAlarm.cancel() }
  }

  /// Takes up another role among the links.
  func play(_ role: Role) {
    self.role = role
    if burst != nil { watchBurst() }
  }
}
