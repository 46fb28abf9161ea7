import Cloud
import GRDB
import Testing

@testable import Results

@Suite("A bill recomputed by SQL from usage and prices") struct RecomputedBillTests {
  /// The amounts of the stored bill and of the view, in the order of the bill.
  private func amounts(_ bill: Bill) throws -> (reported: [Int64], recomputed: [Int64]) {
    try Sample.withDirectory { folder in
      let store = try RunStore(path: folder + "/runs.sqlite")
      try Sample.save(Sample.record(Sample.result(bill: bill)), in: store)
      let database = try #require(store.reader)
      let rows = try database.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT b.pico_usd AS reported, r.pico_usd AS recomputed, typeof(r.pico_usd) AS kind,
              b.quantity = r.quantity AS same_quantity
            FROM bill_lines b JOIN recomputed_bill r USING (run_id, service, item, tier)
            ORDER BY b.position
            """)
      }
      #expect(rows.count == bill.lines.count)
      #expect(rows.allSatisfy { $0["kind"] == "integer" && $0["same_quantity"] == true })
      return (rows.map { $0["reported"] }, rows.map { $0["recomputed"] })
    }
  }

  @Test("10,000 workers of 3008 MB for 900 s, a product beyond 2^63")
  func large() throws {
    let quantity: Int64 = 10_000 * 900_000 * 3008
    let line = Sample.line("function", "compute", quantity, Sample.gbSecond, "0.0000166667")
    #expect(quantity.multipliedReportingOverflow(by: line.picoUSDPerUnit).overflow)
    let amounts = try amounts(Bill(lines: [line]))
    // 10,000 x 900 s x 3008 / 1024 GB = 26,437,500 GB-s, at 0.0000166667 USD: 440.62588125 USD.
    #expect(amounts.reported == [440_625_881_250_000])
    #expect(amounts.recomputed == amounts.reported)
  }

  @Test("tiers, free quantities and halves that round to even")
  func tiers() throws {
    let half = BillingUnit(name: "pair", baseUnit: "piece", baseUnitsPerUnit: 2)
    let bill = Bill(lines: [
      Sample.line("queue", "request", 1_000_000, Sample.requests, "0"),
      Sample.line("queue", "request", 5_000_001, Sample.requests, "0.40"),
      Sample.line("queue", "request", 77, Sample.requests, "0.30"),
      Sample.line("store", "odd", 1, half, "0.000000000001"),
      Sample.line("store", "even", 3, half, "0.000000000001"),
      Sample.line("store", "more", 5, half, "0.000000000003"),
    ])
    let amounts = try amounts(bill)
    // 0.5 -> 0, 1.5 -> 2, 7.5 -> 8: half to even.
    #expect(amounts.reported.suffix(3) == [0, 2, 8])
    #expect(amounts.recomputed == amounts.reported)
  }

  @Test("arbitrary quantities and prices", arguments: 1...8)
  func arbitrary(seed: UInt64) throws {
    var state = seed
    func draw(_ bound: UInt64) -> Int64 {
      // Knuth's MMIX generator: any spread of numbers will do.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64((state >> 11) % bound)
    }
    let units = [Sample.gbSecond, Sample.requests, Sample.hour]
    let lines = (0..<60).map { index in
      let unit = units[index % units.count]
      return Bill.Line(
        service: "service-\(index / 3)", item: "item-\(index)", quantity: 1 + draw(1 << 40),
        unit: unit, perUnit: Money(picoUSD: draw(5_000_000)))
    }
    let amounts = try amounts(Bill(lines: lines))
    #expect(amounts.recomputed == amounts.reported)
  }
}
