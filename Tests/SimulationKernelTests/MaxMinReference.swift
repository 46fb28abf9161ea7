/// Max-min fair transfers computed the plain way: every flow at every step, in seconds.
struct MaxMinReference {
  struct Flow {
    let start: Double
    let bytes: Double
    let cap: Double
    let links: [Int]
    /// When it is given up, if it is not through by then.
    var end = Double.infinity
  }

  /// A link gets another capacity.
  struct Change {
    let time: Double
    let link: Int
    let capacity: Double
  }

  /// Bytes saved up at the start, which pass at another rate; nothing is ever saved again.
  struct Burst {
    var bytes: Double
    let bytesPerSecond: Double
  }

  var capacities: [Double]
  let flows: [Flow]
  var changes: [Change] = []
  /// By link.
  var bursts: [Int: Burst] = [:]

  /// When each flow is through, or given up.
  mutating func finishTimes() -> [Double] {
    var finish = [Double?](repeating: nil, count: flows.count)
    var remaining = flows.map(\.bytes)
    var time = 0.0
    changes.sort { $0.time < $1.time }
    while finish.contains(nil) {
      let active = flows.indices.filter { finish[$0] == nil && flows[$0].start <= time }
      let rates = self.rates(active)
      var next =
        flows.indices.filter { finish[$0] == nil && flows[$0].start > time }
        .map { flows[$0].start }.min() ?? .infinity
      if let change = changes.first { next = min(next, change.time) }
      for (f, rate) in zip(active, rates) {
        next = min(next, time + remaining[f] / rate, flows[f].end)
      }
      let loads = bursts.keys.map { link in
        (link, zip(active, rates).filter { flows[$0.0].links.contains(link) }.map(\.1).reduce(0, +))
      }
      for (link, load) in loads where bursts[link]!.bytes > 0 && load > 0 {
        next = min(next, time + bursts[link]!.bytes / load)
      }
      for (link, load) in loads {
        let bytes = bursts[link]!.bytes - load * (next - time)
        bursts[link]!.bytes = bytes < 1e-6 ? 0 : bytes
      }
      for (f, rate) in zip(active, rates) {
        remaining[f] -= rate * (next - time)
        if remaining[f] <= 1e-9 * flows[f].bytes || flows[f].end <= next { finish[f] = next }
      }
      time = next
      while let change = changes.first, change.time <= time {
        capacities[change.link] = change.capacity
        changes.removeFirst()
      }
    }
    return finish.map { $0! }
  }

  /// All rates rise together until a flow meets its cap or a link is full.
  private func rates(_ active: [Int]) -> [Double] {
    var rate = [Double](repeating: 0, count: active.count)
    var rising = Set(active.indices)
    var left = capacities
    for (link, burst) in bursts where burst.bytes > 0 { left[link] = burst.bytesPerSecond }
    while !rising.isEmpty {
      var step = rising.map { flows[active[$0]].cap - rate[$0] }.min()!
      for link in left.indices {
        let users = rising.filter { flows[active[$0]].links.contains(link) }.count
        if users > 0 { step = min(step, left[link] / Double(users)) }
      }
      for i in rising {
        rate[i] += step
        for link in flows[active[i]].links { left[link] -= step }
      }
      let full = left.indices.filter { left[$0] <= 1e-9 * capacities[$0] }
      rising = rising.filter { i in
        rate[i] < flows[active[i]].cap * (1 - 1e-12)
          && !flows[active[i]].links.contains(where: full.contains)
      }
    }
    return rate
  }
}
