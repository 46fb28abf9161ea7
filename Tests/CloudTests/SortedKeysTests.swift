import SimulationKernel
import Testing

@testable import Cloud

@Suite("Sorted keys") struct SortedKeysTests {
  /// What the blocks have to agree with: all keys in one sorted array.
  private func page(
    of keys: [String], prefix: String, after last: String?, limit: Int
  ) -> [String] {
    Array(keys.filter { $0.hasPrefix(prefix) && $0 > (last ?? "") }.prefix(limit))
  }

  @Test("are those of a sorted array, whatever is added and removed", arguments: 0..<20)
  func randomOperations(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: "keys")
    var keys = SortedKeys()
    var reference: Set<String> = []
    for round in 0..<6_000 {
      let folder = ["", "a/", "a/b/", "chunk/\(random.uniform(below: 4))/"].randomElement(
        using: &random)
      let key = (folder ?? "") + "\(random.uniform(below: 1_500))"
      // It grows past several blocks first, and is emptied in the end.
      if reference.contains(key) {
        if round > 3_000 || random.uniform(below: 3) == 0 {
          keys.remove(key)
          reference.remove(key)
        }
      } else if round < 5_000 {
        keys.insert(key)
        reference.insert(key)
      }
      #expect(keys.count == reference.count)
      if round % 100 > 0 { continue }
      let sorted = reference.sorted()
      #expect(keys.page(prefix: "", after: nil, limit: .max) == sorted)
      for prefix in ["a", "a/", "a/b/1", "chunk/2/", "9", "x"] {
        let last = sorted.filter { $0.hasPrefix(prefix) }.randomElement(using: &random)
        for (last, limit) in [(nil, 1_000), (last, 10)] {
          #expect(
            keys.page(prefix: prefix, after: last, limit: limit)
              == page(of: sorted, prefix: prefix, after: last, limit: limit))
        }
      }
    }
  }

  @Test("that come in order, or in the opposite order, are all there")
  func monotone() {
    let ascending = (0..<3_000).map { String(10_000 + $0) }
    for order in [ascending, ascending.reversed()] {
      var keys = SortedKeys()
      for key in order { keys.insert(key) }
      #expect(keys.page(prefix: "1", after: nil, limit: .max) == ascending)
      for key in order { keys.remove(key) }
      #expect(keys.count == 0)
      #expect(keys.page(prefix: "", after: nil, limit: .max).isEmpty)
    }
  }
}

@Suite("Keyed values") struct KeyedValuesTests {
  @Test("are those of a dictionary, whenever somebody first lists them", arguments: 0..<12)
  func randomOperations(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: "values")
    var values = KeyedValues<[Int]>()
    var reference: [String: [Int]] = [:]
    for round in 0..<600 {
      let key = "\(random.uniform(below: 3))/\(random.uniform(below: 40))"
      switch random.uniform(below: 4) {
      case 0: #expect(values.remove(key) == reference.removeValue(forKey: key))
      case 1:
        let old = reference.updateValue([round], forKey: key)
        #expect(values.update([round], at: key) == old)
      default:
        values.change(key, from: [-1]) { $0.append(round) }
        reference[key, default: [-1]].append(round)
      }
      #expect(values[key] == reference[key] && values.count == reference.count)
      // From here on the index follows every change.
      if round < 50 * Int(seed) { continue }
      #expect(
        values.keys(prefix: "1/") == reference.keys.filter { $0.hasPrefix("1/") }.sorted())
    }
    let sorted = reference.keys.sorted()
    #expect(values.keys(prefix: "", after: sorted[3], limit: 5) == Array(sorted[4..<9]))
  }
}

@Suite("Tally") struct TallyTests {
  @Test("keeps the order of first use, not that of asking for a place")
  func order() {
    var tally = Tally<String>()
    let (a, b, c) = (tally.place(of: "a"), tally.place(of: "b"), tally.place(of: "c"))
    tally.add(2, at: c)
    tally.add(0, at: a)
    tally.add(5, at: c)
    tally.add(1, at: tally.place(of: "d"))
    #expect(tally.elements.map(\.name) == ["c", "a", "d"])
    #expect(tally.elements.map(\.count) == [7, 0, 1])
    #expect(tally["c"] == 7 && tally["b"] == 0 && tally["e"] == 0)
    tally.add(1, at: b)
    #expect(tally["b"] == 1)
  }
}

@Suite("Prefix limits") struct PrefixLimitsTests {
  @Test("of prefixes that come and go are as if all had been kept")
  func sweeping() throws {
    let simulation = Simulation()
    var swept = PrefixLimits(simulation, perSecond: 2, rampTime: .seconds(60))
    var kept: [String: PrefixLimit] = [:]
    simulation.spawn("requests") {
      for i in 0..<6_000 {
        // Some prefixes are asked more often than they may be, most a few times.
        let prefix = i % 3 == 0 ? "busy/\(i % 2)" : "step/\(i / 7)"
        let limit = kept[prefix] ?? PrefixLimit(simulation, perSecond: 2, rampTime: .seconds(60))
        kept[prefix] = limit
        #expect(swept.admit(prefix) == limit.admit())
        try await simulation.sleep(for: .milliseconds(37))
      }
    }
    try simulation.run()
    #expect(kept.count == 860)
  }
}
