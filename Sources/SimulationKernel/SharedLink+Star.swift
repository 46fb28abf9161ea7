/// How flows are kept on their links.
///
/// In the common case links form stars: every flow of a leaf (a function) goes through the same hub
/// (a server), with the same cap. The flows of a leaf then have equal rates, at most an equal share
/// of the leaf each: the leaf is nothing but a cap, and the hub shares its capacity by lanes.
/// Whatever does not fit a star becomes a `Tangle`, and a flow that has its links for itself is
/// alone.
extension SharedLink {
  enum Role {
    case idle
    case single(Flow)
    case hub
    case leaf(of: SharedLink)
    case tangled(Tangle)
  }

  /// What remains of a flow on this link.
  func remaining(_ flow: Flow) -> Double {
    guard flow.isActive else { return flow.remaining }
    switch role {
    case .idle: return flow.remaining
    case .single: return flow.bytes - flow.passedAlone
    case .tangled(let tangle): return tangle.remaining(flow)
    case .hub, .leaf: return flow.hub.remainingInLane(flow)
    }
  }

  private func remainingInLane(_ flow: Flow) -> Double {
    share.advance(to: simulation.now.nanoseconds)
    return share.remaining(flow)
  }

  func append(_ flow: Flow) { flow[placeIn: self] = flows.add(flow) }

  func remove(_ flow: Flow) {
    finishedBytes += flow.bytes - flow.remaining
    flows.remove(at: flow[placeIn: self])
    if flows.isEmpty {
      role = .idle
    } else if case .leaf(of: let hub) = role {
      relane(in: hub)
    }
  }

  // MARK: - The hub

  /// Lets flows go that are through, and shares anew among the others.
  func serveHub() {
    share.advance(to: simulation.now.nanoseconds)
    while let flow = share.firstDue() {
      if flow.stop < flow.target {
        flow.leaf?.updateBurst(isBusy: true)
        continue
      }
      share.remove(flow)
      flow.remaining = 0
      flow.leaveLinks()
      simulation.wake(flow.token)
    }
    refill()
  }

  /// Gives the flows of the hub their rates, and sets the alarm to the next that is through.
  func refill() {
    guard let time = share.fill(capacity) else { return alarm.cancel() }
    alarm.set(to: time)
  }

  // MARK: - The leaf

  /// Gives the flows of a leaf an equal share of it each; the hub has yet to be refilled.
  func relane(in hub: SharedLink) {
    let share = capacity / Double(flows.count)
    for flow in flows where flow.isActive {
      let cap = min(flow.cap, share)
      if cap == flow.laneCap, allowance == .infinity, flow.stop == flow.target { continue }
      hub.share.remove(flow)
      hub.share.add(flow, cap: cap, allowance: allowance / Double(flows.count))
    }
  }

  /// Whether a flow through this link and `hub` keeps this link a leaf and that one a hub.
  func canBeLeaf(of hub: SharedLink, for flow: Flow) -> Bool {
    switch hub.role {
    case .idle, .hub: break
    case .single, .leaf, .tangled: return false
    }
    return switch role {
    case .idle: true
    case .leaf(of: let present): present === hub && flows.first?.cap == flow.cap
    case .single, .hub, .tangled: false
    }
  }

  /// Carries more or less from now on: shares anew wherever that matters.
  func changeCapacity(to new: Double) {
    capacity = new
    let now = simulation.now.nanoseconds
    switch role {
    case .idle: break
    case .single(let flow): flow.meetOthers()
    case .hub:
      share.advance(to: now)
      refill()
    case .leaf(of: let hub):
      hub.share.advance(to: now)
      relane(in: hub)
      hub.refill()
    case .tangled(let tangle): tangle.refill()
    }
  }
}

extension Flow {
  /// The leaf, where the flow's links form a star that has one.
  var leaf: SharedLink? { hub === first ? second : first }

  /// The hub, where the flow's links form a star.
  var hub: SharedLink {
    if case .leaf(of: let hub) = first.role { return hub }
    if let second, case .leaf(of: let hub) = second.role { return hub }
    return first
  }

  /// Enters its links; returns when it is through, where it has them for itself.
  func enter() -> Int64? {
    if first.flows.isEmpty, second?.flows.isEmpty ?? true { return beginAlone() }
    forEachLink { if case .single(let flow) = $0.role { flow.meetOthers() } }
    beginShared()
    return nil
  }

  /// Enters links on which there are others, or will be other rates.
  func beginShared() {
    forEachLink { $0.updateBurst(isBusy: true) }
    place()
    refillLinks()
  }

  /// Finds its place among the other flows of its links, which have to be refilled then.
  func place() {
    if let second {
      if first.canBeLeaf(of: second, for: self) { return enter(hub: second, leaf: first) }
      if second.canBeLeaf(of: first, for: self) { return enter(hub: first, leaf: second) }
    } else {
      switch first.role {
      case .idle, .hub: return enter(hub: first)
      case .single, .leaf, .tangled: break
      }
    }
    Tangle.join(self)
  }

  private func enter(hub: SharedLink, leaf: SharedLink? = nil) {
    if hub.flows.isEmpty { hub.play(.hub) }
    hub.append(self)
    hub.share.advance(to: hub.simulation.now.nanoseconds)
    if let leaf {
      if leaf.flows.isEmpty { leaf.play(.leaf(of: hub)) }
      leaf.append(self)
      let count = Double(leaf.flows.count)
      hub.share.add(
        self, cap: min(cap, leaf.capacity / count), allowance: leaf.allowance / count)
      if count > 1 { leaf.relane(in: hub) }
    } else {
      hub.share.add(self, cap: cap)
    }
  }

  /// Gives the flow, and those that share links with it, their rates.
  func refillLinks() {
    if case .tangled(let tangle) = first.role { tangle.refill() } else { hub.refill() }
  }

  /// Leaves its links before it is through.
  func withdraw() {
    if case .single = first.role { return endAlone(remaining: bytes - passedAlone) }
    if case .tangled(let tangle) = first.role { return tangle.withdraw(self) }
    let hub = self.hub
    hub.share.advance(to: hub.simulation.now.nanoseconds)
    hub.share.remove(self)
    leaveLinks()
    hub.refill()
  }

  /// Takes the flow, which is no longer active, off its links.
  func leaveLinks() {
    forEachLink { $0.remove(self) }
    updateBursts()
  }

  /// Lets its links decide anew whether they burst, once it has gone.
  func updateBursts() { forEachLink { $0.updateBurst(isBusy: !$0.flows.isEmpty) } }
}
