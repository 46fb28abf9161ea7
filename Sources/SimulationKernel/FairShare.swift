/// One capacity shared max-min fairly by flows with caps.
///
/// Flows with the same cap form a lane, and all flows of a lane have the same rate. A lane keeps a
/// clock that counts the bytes served to each of its flows: a flow that enters when the clock shows
/// V is through when it shows V plus its bytes, whoever else comes and goes. So a change costs
/// O(log n) for its flow and O(K) for the K lanes, and nothing for the other flows.
struct FairShare: ~Copyable {
  private struct Lane {
    let cap: Double
    var count = 0
    /// Bytes served to each flow since the lane was last empty.
    var clock = 0.0
    /// Bytes a second for each flow.
    var rate = 0.0
    /// What all flows have in all, less their targets: with the clock, what they have carried.
    var offset = 0.0
    var flows = FlowHeap()

    /// The first flow, once those are gone that have left the lane.
    mutating func first() -> (stop: Double, flow: Unmanaged<Flow>)? {
      while let first = flows.first {
        let isHere = first.flow._withUnsafeGuaranteedRef {
          $0.isActive && $0.laneCap == cap && $0.stop == first.stop
        }
        if isHere { return first }
        flows.removeFirst()
      }
      return nil
    }
  }

  /// Flows in all lanes.
  private(set) var count = 0
  /// In the order of their caps.
  private var lanes: [Lane] = []
  private var lastChange: Int64 = 0

  deinit { for lane in lanes { lane.flows.releaseAll() } }

  /// Bytes that the flows in the lanes have carried so far, in O(K).
  var servedBytes: Double {
    var bytes = 0.0
    for i in lanes.indices where lanes[i].count > 0 {
      bytes += lanes[i].offset + Double(lanes[i].count) * lanes[i].clock
    }
    return bytes
  }

  /// Lets the clocks of the lanes run up to a time in nanoseconds, in O(K).
  mutating func advance(to time: Int64) {
    let elapsed = Double(time - lastChange) * 1e-9
    lastChange = time
    if elapsed == 0 { return }
    for i in lanes.indices where lanes[i].count > 0 { lanes[i].clock += lanes[i].rate * elapsed }
  }

  /// Puts a flow with its remaining bytes into the lane of a cap, where it stops for a look at its
  /// leaf when it has passed its `allowance` of bytes.
  mutating func add(_ flow: Flow, cap: Double, allowance: Double = .infinity) {
    let i = place(of: cap)
    if i == lanes.count || lanes[i].cap != cap { lanes.insert(Lane(cap: cap), at: i) }
    lanes[i].count += 1
    count += 1
    flow.laneCap = cap
    flow.target = lanes[i].clock + flow.remaining
    flow.stop = min(flow.target, lanes[i].clock + allowance)
    lanes[i].offset += flow.bytes - flow.target
    flow.isActive = true
    lanes[i].flows.push(flow)
  }

  /// Lets the clock of a lane show what its only flow, which was added at zero, has been served.
  mutating func resume(_ flow: Flow, after bytes: Double) {
    lanes[place(of: flow.laneCap)].clock = bytes
  }

  /// Takes a flow out of its lane, and notes what remains of it.
  mutating func remove(_ flow: Flow) {
    let i = place(of: flow.laneCap)
    flow.remaining = max(0, flow.target - lanes[i].clock)
    flow.isActive = false
    count -= 1
    lanes[i].count -= 1
    lanes[i].offset -= flow.bytes - flow.target
    if lanes[i].count == 0 {
      _ = lanes[i].first()  // nobody is: this empties the heap
      lanes[i].clock = 0
      lanes[i].offset = 0
    }
  }

  /// What remains of a flow.
  func remaining(_ flow: Flow) -> Double {
    max(0, flow.target - lanes[place(of: flow.laneCap)].clock)
  }

  /// A flow that has reached its stop, the earliest to begin of a lane first.
  mutating func firstDue() -> Flow? {
    for i in lanes.indices where lanes[i].count > 0 {
      guard let (stop, flow) = lanes[i].first() else { continue }
      if stop - lanes[i].clock <= Flow.slack(rate: lanes[i].rate, at: stop) {
        return flow.takeUnretainedValue()
      }
    }
    return nil
  }

  /// Gives every lane its rate: water filling, the smallest caps first.
  ///
  /// - Returns: When the next flow stops, in nanoseconds, if nothing changes.
  mutating func fill(_ capacity: Double) -> Int64? {
    if lanes.count > 16 { lanes.removeAll { $0.count == 0 } }
    var left = capacity
    var unserved = count
    var next = Double.infinity
    for i in lanes.indices where lanes[i].count > 0 {
      let rate = min(lanes[i].cap, left / Double(unserved))
      lanes[i].rate = rate
      left -= rate * Double(lanes[i].count)
      unserved -= lanes[i].count
      if let (stop, _) = lanes[i].first() { next = min(next, (stop - lanes[i].clock) / rate) }
    }
    return Flow.finish(after: next, from: lastChange)
  }

  private func place(of cap: Double) -> Int {
    var (low, high) = (0, lanes.count)
    while low < high {
      let middle = (low + high) / 2
      if lanes[middle].cap < cap { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Flow {
  /// The whole nanosecond `seconds` after `time`, rounded up; nil for never.
  static func finish(after seconds: Double, from time: Int64) -> Int64? {
    if seconds == .infinity { return nil }
    return time + Int64((max(0, seconds) * 1e9).rounded(.up))
  }
}
