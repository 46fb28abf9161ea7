import Cloud
import SimulationKernel
import Testing

@Suite("Memory store of several nodes") struct MemoryClusterTests {
  /// Two nodes, in which even numbers at the end of a key lie on the first.
  private static func cluster(_ region: Region) throws -> MemoryStore {
    try region.memoryStore(
      "c", on: .elasticache("cache.m5.large"), nodes: 2,
      placement: .numbered { Int($0.split(separator: "/").last ?? "") ?? 0 })
  }

  @Test(
    "places keys as Redis Cluster does",
    arguments: [
      // Slots as redis-py's `key_slot` computes them; three masters have 0 to 5460, 5461 to 10922
      // and 10923 to 16383, as redis-cli deals them.
      ("hello", 866, 0), ("foo", 12182, 2), ("bar", 5061, 0), ("123456789", 12739, 2),
      ("{user1000}.following", 3443, 0), ("user1000", 3443, 0), ("foo{}{bar}", 8363, 1),
      ("foo{{bar}}zap", 4015, 0), ("foo{bar}{zap}", 5061, 0),
    ])
  func slots(key: String, slot: Int, node: Int) throws {
    try simulate { region in
      let three = try region.memoryStore("three", nodes: 3)
      #expect(three.nodeIndex(of: key) == node)
      #expect(HashSlot.slot(of: key) == slot)
    }
  }

  @Test("is used like a single server", arguments: [1, 2, 3, 7])
  func sameResults(nodes: Int) throws {
    let keys = (0..<20).map { "gradient/\($0)" }
    try simulate { region in
      let store = try region.memoryStore("m", nodes: nodes)
      for (index, key) in keys.enumerated() {
        try await store.set(Payload(byteCount: index, contents: index), at: key)
      }
      try await store.append(Payload(byteCount: 5, contents: 5), to: "list")
      let contents = try await store.get(keys: keys.reversed()).map { $0.contents as? Int }
      #expect(contents == (0..<20).reversed())
      #expect(try await store.keys(prefix: "gradient/") == keys.sorted())
      #expect(store.byteCount == 190 + 5)
      await #expect(throws: NoSuchKey.self) { _ = try await store.get(keys: keys + ["gone"]) }
      try await store.delete(keys: keys + ["list", "gone"])
      #expect(store.byteCount == 0)
      #expect(try await store.keys().isEmpty)
    }
  }

  @Test("has a processor for every node")
  func processors() throws {
    // Three works of a second: two on the first node, one on the second.
    try simulate { region in
      let store = try Self.cluster(region)
      _ = try await region.simulation.concurrently(["k/0", "k/1", "k/2"]) { key in
        try await store.run("mean", near: key, work: ServerWork(bytes: 2_000_000_000)) {}
      }
      #expect(abs(region.simulation.now.seconds - (0.001 + 2 * 1.00001)) < 1e-6)
    }
  }

  @Test("asks each node once for several keys")
  func grouping() throws {
    let region = try simulate { region in
      let store = try Self.cluster(region)
      for rank in 0..<6 { store["k/\(rank)"] = Payload(byteCount: 1000) }
      _ = try await store.get(keys: (0..<6).map { "k/\($0)" })
      _ = try await store.get(keys: ["k/0", "k/2"])
      try await store.delete(keys: ["k/1", "k/3"])
    }
    #expect(region.meter.requests("memory-store.get") == 2 + 1)
    #expect(region.meter.requests("memory-store.delete") == 1)
    #expect(region.meter.bytes("memory-store.out") == 8000)
  }

  @Test("bills every node", arguments: [(1, "0.156000000000"), (4, "0.624000000000")])
  func bill(nodes: Int, total: String) throws {
    let region = try simulate { region in
      _ = try region.memoryStore("m", on: .elasticache("cache.m5.large"), nodes: nodes)
      try await region.provision()
    }
    #expect(region.bill().total.decimalUSD == total)
  }

  @Test("looks at every key to find some", arguments: [0, 1000, 1_000_000])
  func scan(count: Int) throws {
    // A round trip of 1 ms, 10 us for the request and 40 ns for each key, whatever is found.
    try simulate { region in
      let store = try region.memoryStore("m")
      for index in 0..<count { store["other/\(index)"] = Payload(byteCount: 1) }
      #expect(try await store.keys(prefix: "gradient/").isEmpty)
      #expect(region.simulation.now.nanoseconds == 1_010_000 + 40 * Int64(count))
    }
  }

  @Test("fails after a crash until it is restarted, and has lost what it held")
  func crash() throws {
    let region = try simulate { region in
      let store = try Self.cluster(region)
      for rank in 0..<2 { store["k/\(rank)"] = Payload(byteCount: 1) }
      try await store.ping()
      store.crash(node: 1)
      #expect(store.isCrashed)
      _ = try await store.get("k/0")
      await #expect(throws: ServiceUnavailable.self) { _ = try await store.get("k/1") }
      await #expect(throws: ServiceUnavailable.self) { try await store.ping() }
      store.restart()
      try await store.ping()
      await #expect(throws: NoSuchKey.self) { _ = try await store.get("k/1") }
    }
    // Three attempts each for the reads and for the pings.
    #expect(region.meter.requests("memory-store.get retried") == 2)
    #expect(region.meter.requests("memory-store.ping retried") == 2)
  }

  @Test("heals within the SDK's retries where it restarts soon")
  func heal() throws {
    try simulate { region in
      let store = try region.memoryStore("m")
      store.crash()
      region.simulation.schedule(after: .milliseconds(2)) { store.restart() }
      try await store.ping()
    }
  }

  @Test("fails the requests that it works on when it goes down")
  func crashDuringWork() throws {
    var happened = false
    try simulate { region in
      let store = try region.memoryStore("m")
      region.simulation.schedule(after: .seconds(1)) { store.crash() }
      await #expect(throws: ServiceUnavailable.self) {
        try await store.run("slow", work: ServerWork(bytes: 4_000_000_000)) { happened = true }
      }
    }
    #expect(!happened)
  }

  @Test("takes a recording in the order of the requests, whichever server they go to")
  func recording() throws {
    var options = RegionOptions()
    options.latencies["memory-store.ping"] = LatencyOverride(
      .replay([1, 2, 3, 4].map { .milliseconds($0) }, atEnd: .error))
    try simulate(options: options) { region in
      for expected in 1...4 {
        let start = region.simulation.now
        try await region.memoryStore("store \(expected % 2)").ping()
        #expect(region.simulation.now - start == .milliseconds(expected) + .microseconds(10))
      }
      await #expect(throws: ReplayExhausted.self) { try await region.memoryStore("new").ping() }
    }
  }
}
