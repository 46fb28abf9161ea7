import Cloud
import SimulationKernel
import Testing

@Suite("Key-value table") struct KeyValueTableTests {
  @Test(
    "bills by units of size",
    arguments: [(0, 1, 2), (1024, 1, 2), (1025, 2, 2), (4096, 4, 2), (4097, 5, 4)])
  func units(byteCount: Int, writes: Int64, halfReads: Int64) throws {
    let region = try simulate { region in
      let table = try region.keyValueTable("t")
      try await table.put(Payload(byteCount: byteCount), at: "k")
      _ = try await table.get("k")
    }
    #expect(region.meter.usage(service: "key-value-table", item: "write-unit") == writes)
    #expect(region.meter.usage(service: "key-value-table", item: "read-unit") == halfReads)
  }

  @Test("takes items up to 400 KB and answers queries in pages of 1 MB")
  func limits() throws {
    let region = try simulate { region in
      let table = try region.keyValueTable("t")
      await #expect(throws: PayloadTooLarge.self) {
        try await table.put(Payload(byteCount: 409_601), at: "k")
      }
      for index in 0..<5 { try await table.put(Payload(byteCount: 409_600), at: "w/\(index)") }
      let found = try await table.query(prefix: "w/", consistent: false)
      #expect(found.map(\.key) == (0..<5).map { "w/\($0)" })
      try await table.delete("w/0")
      await #expect(throws: NoSuchKey.self) { _ = try await table.get("w/0") }
    }
    // Two items a page.
    #expect(region.meter.requests("key-value-table.query") == 3)
    // 2 MB read at half a unit for 4 KB, and one miss of a whole unit.
    #expect(region.meter.usage(service: "key-value-table", item: "read-unit") == 500 + 2)
  }

  @Test("lists keys for the read units of the items")
  func keys() throws {
    let region = try simulate { region in
      let table = try region.keyValueTable("t")
      for index in 0..<5 { try await table.put(Payload(byteCount: 409_600), at: "w/\(index)") }
      try await table.put(Payload(byteCount: 1), at: "x/0")
      #expect(try await table.keys(prefix: "w/") == (0..<5).map { "w/\($0)" })
    }
    // Pages of two items; 2,048,000 bytes at a unit for 4 KB, in halves; five keys of three bytes.
    #expect(region.meter.requests("key-value-table.query") == 3)
    #expect(region.meter.usage(service: "key-value-table", item: "read-unit") == 2 * 500)
    #expect(region.meter.bytes("key-value-table.out") == 15)
  }
}
