import Cloud
import SimulationKernel
import Testing

@Suite("Object store") struct ObjectStoreTests {
  @Test("returns what was put, replaces it, and bills every miss")
  func roundTrip() throws {
    let region = try simulate { region in
      let store = try region.objectStore("b")
      await #expect(throws: NoSuchKey.self) { _ = try await store.get("k") }
      try await store.put(Payload(byteCount: 10, contents: "first"), at: "k")
      try await store.put(Payload(byteCount: 20, contents: "second"), at: "k")
      let kContents = try await store.get("k").contents
      #expect(kContents as? String == "second")
      try await store.delete("k")
      await #expect(throws: NoSuchKey.self) { _ = try await store.get("k") }
      #expect(store.count == 0)
    }
    #expect(region.meter.usage(service: "object-store", item: "get") == 3)
    #expect(region.meter.bytes("object-store.in") == 30)
    #expect(region.meter.bytes("object-store.out") == 20)
  }

  @Test(
    "lists in order, a thousand keys for one billed request",
    arguments: [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (2000, 2), (2500, 3)])
  func pages(count: Int, requests: Int64) throws {
    // S3 says with a page whether it is the last: a full one may be, as in moto.
    let region = try simulate { region in
      let store = try region.objectStore("b")
      for index in (0..<count).reversed() {
        store.publish(Payload(byteCount: 1), at: "gradients/\(1_000_000 + index)")
      }
      store.publish(Payload(byteCount: 1), at: "gradientt")
      store.publish(Payload(byteCount: 1), at: "a")
      let keys = try await store.list(prefix: "gradients/")
      #expect(keys == (0..<count).map { "gradients/\(1_000_000 + $0)" })
    }
    #expect(region.meter.usage(service: "object-store", item: "list") == requests)
  }

  @Test("lists no more pages than asked for", arguments: [(1, 1000), (2, 2000), (5, 2500)])
  func firstPages(pages: Int, keys: Int) throws {
    let region = try simulate { region in
      let store = try region.objectStore("b")
      for key in (0..<2500).reversed() {
        store.publish(Payload(byteCount: 1), at: "\(10_000 + key)")
      }
      let found = try await store.list(prefix: "1", maximumPages: pages)
      #expect(found == (0..<keys).map { "\(10_000 + $0)" })
    }
    #expect(region.meter.usage(service: "object-store", item: "list") == min(Int64(pages), 3))
  }

  @Test("takes its latency, and its bytes at the connection's bandwidth")
  func timing() throws {
    // 20 ms + 50 MB at 100 MB/s = 520 ms.
    try simulate { region in
      try await region.objectStore("b").put(Payload(byteCount: 50_000_000), at: "k")
      #expect(region.simulation.now == Instant(nanoseconds: 520_000_000))
    }
  }

  @Test("sets up one connection for each environment")
  func firstRequest() throws {
    let changes: [String: ProviderValue] = [
      "object-store.connection-setup": .duration(.milliseconds(40))
    ]
    try simulate(changes) { region in
      let store = try region.objectStore("b")
      var times: [Duration] = []
      for _ in 0..<3 {
        let start = region.simulation.now
        _ = try await store.list()
        times.append(region.simulation.now - start)
      }
      #expect(times == [.milliseconds(60), .milliseconds(20), .milliseconds(20)])
    }
  }

  @Test("refuses more requests a second under one prefix than it takes")
  func throttle() throws {
    let changes: [String: ProviderValue] = [
      "object-store.reads-per-second": .number(10), "sdk.attempts-max": .number(1),
    ]
    let region = try simulate(changes) { region in
      let store = try region.objectStore("b")
      for key in ["a/k", "b/k"] { store.publish(Payload(byteCount: 1), at: key) }
      let keys = Array(repeating: "a/k", count: 15) + Array(repeating: "b/k", count: 10)
      let outcomes = try await region.simulation.concurrently(keys) { key -> Bool in
        do {
          _ = try await store.get(key)
          return true
        } catch is Throttled {
          return false
        }
      }
      #expect(outcomes.filter { !$0 }.count == 5)
    }
    #expect(region.meter.usage(service: "object-store", item: "get") == 20)
  }

  @Test("takes more requests under a prefix once it has refused some for a while")
  func ramp() throws {
    let changes: [String: ProviderValue] = [
      "object-store.reads-per-second": .number(10), "sdk.attempts-max": .number(1),
    ]
    try simulate(changes) { region in
      let store = try region.objectStore("b")
      store.publish(Payload(byteCount: 1), at: "a/k")
      func admitted() async throws -> Int {
        try await region.simulation.concurrently(Array(0..<30)) { _ -> Int in
          do {
            _ = try await store.get("a/k")
            return 1
          } catch is Throttled {
            return 0
          }
        }.reduce(0, +)
      }
      #expect(try await admitted() == 10)
      try await region.simulation.sleep(for: .seconds(60))
      // Ten from the old bucket; then the prefix is split and twenty more are taken.
      #expect(try await admitted() == 30)
    }
  }

  @Test("is faster on several connections, each a billed request")
  func ranges() throws {
    // 80 MB at 100 MB/s are 0.8 s; in eight parts 0.1 s, and 20 ms each way of latency.
    let region = try simulate { region in
      let store = try region.objectStore("b")
      store.publish(Payload(byteCount: 80_000_001, contents: "all"), at: "k")
      let payload = try await store.get("k", ranges: 8)
      #expect(payload.contents as? String == "all")
      #expect(abs(region.simulation.now.seconds - 0.12) < 1e-3)
    }
    #expect(region.meter.usage(service: "object-store", item: "get") == 8)
    #expect(region.meter.bytes("object-store.out") == 80_000_001)
  }

  @Test("bills what lies there, by size and time")
  func storage() throws {
    // 100 MiB for 7,300 h are 730,000 MB h = 730000/747520 GB-months at 0.023 USD.
    let region = try simulate { region in
      let store = try region.objectStore("b")
      store.publish(Payload(byteCount: 104_857_600), at: "k")
      try await region.simulation.sleep(for: .seconds(7300 * 3600))
      store.publish(Payload(byteCount: 0), at: "k")
      try await region.simulation.sleep(for: .seconds(3600))
    }
    let line = try #require(region.bill().lines.first { $0.item == "storage" })
    #expect(line.quantity == 730_000)
    #expect(abs(line.amount.inUSD - 730_000 / 747_520.0 * 0.023) < 1e-11)
  }

  @Test("bills bytes as well in one zone")
  func express() throws {
    let region = try simulate { region in
      let store = try region.objectStore("x", kind: .express)
      try await store.put(Payload(byteCount: 2_097_152), at: "k")
      _ = try await store.get("k")
    }
    // 2 MiB are 1/512 GB: 0.0032/512 + 0.0006/512 + 0.00113/1000 + 0.00003/1000 USD.
    #expect(region.bill().total == (try usd("0.000008581875")))
  }
}

@Suite("Memory store") struct MemoryStoreTests {
  @Test("serves one request after the other")
  func processor() throws {
    try simulate { region in
      let store = try region.memoryStore("m")
      // 2e9 bytes of work at 2 GB/s are one second; two of them follow each other.
      _ = try await region.simulation.concurrently([1, 2]) { _ in
        try await store.run("mean", work: ServerWork(bytes: 2_000_000_000)) {}
      }
      #expect(abs(region.simulation.now.seconds - (0.001 + 2 * 1.00001)) < 1e-6)
    }
  }

  @Test("runs effects on its values when the work is done")
  func effect() throws {
    try simulate { region in
      let store = try region.memoryStore("m")
      for value in [2.0, 4.0] {
        try await store.append(Payload(byteCount: 8, contents: value), to: "gradients")
      }
      let mean = try await store.run("mean", work: ServerWork(bytes: 16)) { () -> Double in
        let values = store.list("gradients").compactMap { $0.contents as? Double }
        let mean = values.reduce(0, +) / Double(values.count)
        store["mean"] = Payload(byteCount: 8, contents: mean)
        return mean
      }
      #expect(mean == 3)
      let meanContents = try await store.get("mean").contents
      #expect(meanContents as? Double == 3)
      let elements = try await store.elements(of: "gradients")
      #expect(elements.count == 2)
      #expect(store.byteCount == 24)
      try await store.delete(keys: ["mean", "gradients"])
      #expect(store.byteCount == 0)
    }
  }

  @Test("takes no value above 512 MB, and no more than its memory")
  func limits() throws {
    try simulate { region in
      let store = try region.memoryStore("m")
      await #expect(throws: PayloadTooLarge.self) {
        try await store.set(Payload(byteCount: (512 << 20) + 1), at: "k")
      }
      // 16 values of 512 MB fill the 8 GiB of an m5.large.
      for index in 0..<16 { try await store.set(Payload(byteCount: 512 << 20), at: "\(index)") }
      await #expect(throws: OutOfMemory.self) {
        try await store.append(Payload(byteCount: 1), to: "list")
      }
      try await store.set(Payload(byteCount: 512 << 20), at: "15")
    }
  }

  @Test("shares its server's network among its callers")
  func network() throws {
    // Two values of 93.75 MB through 93.75 MB/s take two seconds together, however many ask.
    let changes: [String: ProviderValue] = [
      "memory-store.connection-bandwidth": .bytesPerSecond(1e9)
    ]
    try simulate(changes) { region in
      let store = try region.memoryStore("m")
      store["k"] = Payload(byteCount: 93_750_000)
      _ = try await region.simulation.concurrently([1, 2]) { _ in _ = try await store.get("k") }
      #expect(abs(region.simulation.now.seconds - 2.1) < 0.1)
    }
  }

  @Test(
    "is billed by the second on EC2 and by the hour on ElastiCache",
    arguments: [
      (MemoryStore.Host.ec2("m5.large"), 0, StandingCharge.job, "0.001600000000"),
      (.ec2("m5.large"), 90, .job, "0.003200000000"),
      (.ec2("m5.large"), 90, .shared, "0.002400000000"),
      (.elasticache("cache.m5.large"), 0, .job, "0.156000000000"),
      (.elasticache("cache.m5.large"), 3501, .job, "0.312000000000"),
      (.elasticache("cache.m5.large"), 3600, .shared, "0.156000000000"),
    ])
  func standing(
    host: MemoryStore.Host, seconds: Int, charge: StandingCharge, expected: String
  ) throws {
    // m5.large at 0.096 USD/h: 60 s at least, 30 s of boot included; a node 0.156 USD/h, 100 s.
    let region = try simulate { region in
      _ = try region.memoryStore("m", on: host)
      try await region.provision()
      try await region.simulation.sleep(for: .seconds(seconds))
    }
    #expect(region.bill(standing: charge).total.decimalUSD == expected)
  }
}
