/// Flows over links that form no star, such as those of a function that talks to two servers.
///
/// Their rates are found by progressive filling: all rates rise together; a flow stops at its cap
/// or with the first of its links that is full. What is left of a flow is counted at every change.
final class Tangle {
  private let simulation: Simulation
  /// In the order in which they began.
  private var flows: [Flow] = []
  private var lastChange: Int64
  private lazy var alarm = Simulation.Alarm(simulation) { [unowned self] in serve() }

  private init(_ simulation: Simulation) {
    self.simulation = simulation
    lastChange = simulation.now.nanoseconds
  }

  /// Makes one tangle of a flow and of all that has to do with its links.
  static func join(_ flow: Flow) {
    let tangle = Tangle(flow.first.simulation)
    flow.forEachLink { tangle.absorb($0) }
    flow.forEachLink { link in
      link.append(flow)
      link.play(.tangled(tangle))
    }
    flow.isActive = true
    tangle.flows.append(flow)
    tangle.flows.sort { $0.number < $1.number }
  }

  /// Takes over a link and all that is connected with it.
  private func absorb(_ link: SharedLink) {
    switch link.role {
    case .idle, .single: break  // a flow that was alone has met the others before
    case .leaf(of: let hub): absorb(hub)
    case .hub:
      link.share.advance(to: lastChange)
      for flow in link.flows {
        link.share.remove(flow)
        flow.isActive = true
        take(flow)
      }
      link.alarm.cancel()
    case .tangled(let other):
      if other === self { return }
      other.advance()
      for flow in other.flows { take(flow) }
      other.flows = []
      other.alarm.cancel()
    }
  }

  private func take(_ flow: Flow) {
    flows.append(flow)
    flow.forEachLink { $0.play(.tangled(self)) }
  }

  /// What remains of a flow.
  func remaining(_ flow: Flow) -> Double {
    advance()
    return flow.remaining
  }

  private func advance() {
    let elapsed = Double(simulation.now.nanoseconds - lastChange) * 1e-9
    lastChange = simulation.now.nanoseconds
    if elapsed == 0 { return }
    for flow in flows { flow.remaining = max(0, flow.remaining - flow.rate * elapsed) }
  }

  // MARK: - Comings and goings

  /// Takes a flow out that is not through.
  func withdraw(_ flow: Flow) {
    advance()
    flows.removeAll { $0 === flow }
    flow.isActive = false
    flow.forEachLink { $0.remove(flow) }
    rearrange()
    flow.updateBursts()
  }

  private func serve() {
    advance()
    let finished = flows.filter { $0.remaining <= Flow.slack(rate: $0.rate, at: $0.bytes) }
    flows.removeAll { $0.remaining <= Flow.slack(rate: $0.rate, at: $0.bytes) }
    for flow in finished {
      flow.isActive = false
      flow.remaining = 0
      flow.forEachLink { $0.remove(flow) }
    }
    rearrange()
    for flow in finished {
      flow.updateBursts()
      simulation.wake(flow.token)
    }
  }

  /// Finds a place for every flow anew, as without those that have left some may form stars.
  private func rearrange() {
    alarm.cancel()
    let flows = self.flows
    self.flows = []
    for flow in flows {
      flow.isActive = false
      flow.forEachLink { link in
        link.flows.removeAll()
        link.role = .idle
      }
    }
    for flow in flows { flow.place() }
    for flow in flows { flow.updateBursts() }
    for flow in flows { flow.refillLinks() }
  }

  // MARK: - Progressive filling

  /// Gives every flow its rate, and sets the alarm to the next that is through.
  func refill() {
    advance()
    fill()
    let next = flows.reduce(.infinity) { min($0, $1.remaining / $1.rate) }
    guard let time = Flow.finish(after: next, from: lastChange) else { return alarm.cancel() }
    alarm.set(to: time)
  }

  /// What progressive filling has left of a link.
  private struct Remainder {
    let link: SharedLink
    var capacity: Double
    var unserved: Int
    var fairShare: Double { unserved > 0 ? max(0, capacity) / Double(unserved) : .infinity }
  }

  private func fill() {
    simulation.fillingCount += 1
    let filling = simulation.fillingCount
    var remainders: [Remainder] = []
    for flow in flows {
      flow.rate = 0
      flow.limit = flow.cap
      flow.forEachLink { link in
        // A link with a single flow is nothing but a cap.
        if link.flows.count == 1 {
          flow.limit = min(flow.limit, link.capacity)
        } else if link.fillPlace.filling != filling {
          link.fillPlace = (filling, remainders.count)
          remainders.append(
            Remainder(link: link, capacity: link.capacity, unserved: link.flows.count))
        }
      }
    }
    func freeze(_ flow: Flow, at rate: Double) {
      flow.rate = rate
      flow.forEachLink { link in
        if link.flows.count == 1 { return }
        remainders[link.fillPlace.index].capacity -= rate
        remainders[link.fillPlace.index].unserved -= 1
      }
    }
    let byLimit = flows.sorted { ($0.limit, $0.number) < ($1.limit, $1.number) }
    var next = 0
    var level = 0.0
    while true {
      while next < byLimit.count, byLimit[next].rate > 0 { next += 1 }
      if next == byLimit.count { return }
      let narrow = remainders.indices.min { remainders[$0].fairShare < remainders[$1].fairShare }
      level = max(level, narrow.map { remainders[$0].fairShare } ?? .infinity)
      if byLimit[next].limit <= level {
        while next < byLimit.count, byLimit[next].limit <= level {
          if byLimit[next].rate == 0 { freeze(byLimit[next], at: byLimit[next].limit) }
          next += 1
        }
      } else if let narrow {
        for flow in remainders[narrow].link.flows where flow.rate == 0 { freeze(flow, at: level) }
      }
    }
  }
}
