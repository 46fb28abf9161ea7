/// Bandwidth shared by the transfers that are on it, max-min fairly, each below a cap of its own.
public final class SharedLink {
  /// What the link carries when busy, in bytes per second.
  public let bytesPerSecond: Double

  private struct Flow {
    var remaining: Double
    let cap: Double
    var rate = 0.0
    let wait: Wait
  }

  private let simulation: Simulation
  private var flows: [Flow] = []
  private var lastChange: Instant = .start
  private var alarm: Simulation.Timer?

  /// A link of `bytesPerSecond`.
  public init(_ simulation: Simulation, bytesPerSecond: Double) {
    precondition(bytesPerSecond > 0, "a link must carry something")
    self.simulation = simulation
    self.bytesPerSecond = bytesPerSecond
  }

  /// Waits while `bytes` pass, at no more than `cap` bytes per second.
  public func transfer(bytes: Int64, cap: Double = .infinity) async throws {
    if bytes == 0 { return }
    advance()
    try await simulation.suspend { wait in
      flows.append(Flow(remaining: Double(bytes), cap: cap, wait: wait))
      share()
    }
  }

  private func advance() {
    let elapsed = (simulation.now - lastChange).inSeconds
    lastChange = simulation.now
    for i in flows.indices { flows[i].remaining -= flows[i].rate * elapsed }
  }

  /// Water-filling: the flows with the smallest caps first, each gets its cap or an equal share.
  private func share() {
    if let alarm { simulation.cancel(alarm) }
    flows.removeAll { $0.wait.isOver }
    var capacity = bytesPerSecond
    var left = flows.count
    for i in flows.indices.sorted(by: { flows[$0].cap < flows[$1].cap }) {
      flows[i].rate = min(flows[i].cap, capacity / Double(left))
      capacity -= flows[i].rate
      left -= 1
    }
    guard let next = flows.map({ $0.remaining / $0.rate }).min() else { return }
    let nanoseconds = Int64((max(0, next) * 1e9).rounded(.up))
    alarm = simulation.schedule(after: .nanoseconds(nanoseconds)) { [self] in
      advance()
      for flow in flows where flow.remaining <= flow.rate * 1e-9 { simulation.wake(flow.wait) }
      share()
    }
  }
}
