import Cloud
import SimulationKernel
import Testing

/// A service that takes payloads, with the largest that it takes.
struct Taker: Sendable, CustomStringConvertible {
  let description: String
  let limit: Int
  /// Sends a payload of so many bytes.
  let send: @Sendable (Region, Int) async throws -> Void

  static let all: [Taker] = [
    .init(description: "object store", limit: 5 << 30) {
      try await $0.objectStore("b").put(Payload(byteCount: $1), at: "k")
    },
    .init(description: "express store", limit: 5 << 30) {
      try await $0.objectStore("x", kind: .express).put(Payload(byteCount: $1), at: "k")
    },
    .init(description: "memory store", limit: 512 << 20) {
      try await $0.memoryStore("m").set(Payload(byteCount: $1), at: "k")
    },
    .init(description: "memory store, lists", limit: 512 << 20) {
      try await $0.memoryStore("m").append(Payload(byteCount: $1), to: "k")
    },
    .init(description: "key-value table", limit: 400 << 10) {
      try await $0.keyValueTable("t").put(Payload(byteCount: $1), at: "k")
    },
    .init(description: "queue", limit: 1 << 20) {
      try await $0.queue("q").send(Payload(byteCount: $1))
    },
    .init(description: "FIFO queue", limit: 1 << 20) {
      try await $0.queue("f", kind: .fifo).send(Payload(byteCount: $1))
    },
    .init(description: "function", limit: 6_000_000) { region, byteCount in
      let function = try region.functions.register(.small("f"))
      try await region.functions.invoke(function, requestBytes: byteCount) { _ in }
    },
    .init(description: "function, events", limit: 1_000_000) { region, byteCount in
      let function = try region.functions.register(.small("f"))
      _ = try await region.functions.invokeAsynchronously(function, requestBytes: byteCount) { _ in
      }
    },
  ]
}

@Suite("Every store") struct StorageContractTests {
  @Test("takes payloads up to its limit and no larger", arguments: Taker.all)
  func limits(taker: Taker) throws {
    let region = try simulate { region in
      try await taker.send(region, taker.limit)
      let error = await #expect(throws: PayloadTooLarge.self) {
        try await taker.send(region, taker.limit + 1)
      }
      #expect(error?.limit == taker.limit && error?.byteCount == taker.limit + 1)
    }
    // What is refused moves no bytes and is no request.
    let moved = region.meter.bytes.filter { $0.direction.hasSuffix(".in") }.map(\.count)
    #expect(moved == [Int64(taker.limit)])
    #expect(region.meter.requests.map(\.count) == [1])
  }

  @Test("holds the bytes that were put, until they are deleted or replaced")
  func conservation() throws {
    // Random puts, replacements and deletions of 64 KiB blocks; each store has the same in the end.
    let region = try simulate(["sdk.client-bandwidth": .bytesPerSecond(1e15)]) { region in
      let (store, table) = try (region.objectStore("b"), region.keyValueTable("t"))
      let memory = try region.memoryStore("m", nodes: 3)
      var random = RandomStream(seed: 1, purpose: "conservation")
      var sizes: [String: Int] = [:]
      for _ in 0..<300 {
        let key = "k/\(random.uniform(below: 40))"
        if random.uniform() < 0.6 {
          let payload = Payload(byteCount: random.uniform(below: 6) << 16)
          try await store.put(payload, at: key)
          try await table.put(payload, at: key)
          try await memory.set(payload, at: key)
          sizes[key] = payload.byteCount
        } else {
          try await store.delete(key)
          try await table.delete(key)
          try await memory.delete(keys: [key])
          sizes[key] = nil
        }
      }
      let keys = sizes.keys.sorted()
      let total = sizes.values.reduce(0, +)
      #expect(try await store.list() == keys)
      #expect(try await table.keys() == keys)
      #expect(try await memory.keys() == keys)
      #expect(memory.byteCount == total)
      // 4096 hours later what is billed for storage tells what lies there.
      try await region.simulation.sleep(for: .seconds(4096 * 3600))
      for service in ["object-store", "key-value-table"] {
        let stored = region.usage().first { $0.service == service && $0.item == "storage" }
        #expect(abs(Double(stored?.quantity ?? 0) - Double(total) / 256) < 2)
      }
    }
    #expect(region.meter.bytes("object-store.in") == region.meter.bytes("key-value-table.in"))
  }
}
