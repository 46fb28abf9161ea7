import Cloud
import Testing

@Suite("Money") struct MoneyTests {
  @Test(
    "is written with twelve places",
    arguments: [
      ("0.0000166667", 16_666_700, "0.000016666700"), ("0.20", 200_000_000_000, "0.200000000000"),
      ("12", 12_000_000_000_000, "12.000000000000"), ("-0.000000000001", -1, "-0.000000000001"),
      ("1.0000000000000", 1_000_000_000_000, "1.000000000000"),
    ])
  func decimal(text: String, pico: Int64, printed: String) throws {
    let money = try usd(text)
    #expect(money.picoUSD == pico)
    #expect(money.decimalUSD == printed)
  }

  @Test(
    "is not read from what is no exact amount",
    arguments: ["", "-", ".5", "1.", "1e-6", "0.0000000000001", "99999999", "1,5", " 1"])
  func rejects(text: String) { #expect(Money(decimalUSD: text) == nil) }

  @Test(
    "is rounded to the nearest, and half to even",
    arguments: [(1, 0), (3, 2), (5, 2), (7, 4), (2, 1), (-1, 0), (-3, -2)])
  func halfToEven(quantity: Int64, expected: Int64) {
    // A price of 1 for 2 base units: odd quantities lie halfway.
    let amount = Money(quantity, baseUnitsPerUnit: 2, at: Money(picoUSD: 1))
    #expect(amount.picoUSD == expected)
  }

  @Test("of more than can be counted stays the most that can")
  func most() {
    let much = Money(1_000_000_000, baseUnitsPerUnit: 1, at: Money(picoUSD: 1_000_000_000_000_000))
    #expect(much == Money(picoUSD: .max) && much + much == much)
    #expect(much.description == "at least 9223372.036854775807 USD")
    #expect(Money(picoUSD: .min) - much == Money(picoUSD: .min))
  }

  @Test("stays exact for 10,000 workers of 3008 MB over 900 s")
  func large() throws {
    // 10,000 * 3008 MB * 900,000 ms = 27,072,000,000,000 MB ms = 26,437,500 GB-s, at
    // 0.0000166667 USD: 440.62588125 USD. The product in 1e-12 USD passes 2^63 on the way.
    let unit = try #require(BillingUnit("GB-second"))
    let amount = Money(
      10_000 * 3008 * 900_000, baseUnitsPerUnit: unit.baseUnitsPerUnit,
      at: try usd("0.0000166667"))
    #expect(amount.decimalUSD == "440.625881250000")
  }

  @Test(
    "keeps a remainder times any price below 2^63, so that SQL can do the same",
    arguments: [
      ("GB-second", "0.0000404"), ("hour", "98.32"), ("GB-month", "0.25"), ("GB", "0.12"),
      ("1000000 requests", "1.25"), ("1000 transitions", "0.025"), ("GB-hour", "0.125"),
    ])
  func remainders(unit: String, price: String) throws {
    let unit = try #require(BillingUnit(unit))
    let product = (unit.baseUnitsPerUnit - 1)
      .multipliedReportingOverflow(by: try usd(price).picoUSD)
    #expect(!product.overflow)
  }
}

@Suite("Bill") struct BillTests {
  private func book(_ price: Price) -> PriceBook {
    var book = PriceBook()
    book["service", "item"] = price
    return book
  }

  private func usage(_ quantity: Int64) -> [UsageMeter.Usage] {
    [UsageMeter.Usage(service: "service", item: "item", quantity: quantity)]
  }

  @Test("has one line for each tier that was reached, and is their sum")
  func tiers() throws {
    // AWS Lambda x86: 7e9 GB-s are 6e9 at 0.0000166667 and 1e9 at 0.0000150000 USD.
    let unit = try #require(BillingUnit("GB-second"))
    let price = Price(
      per: unit,
      tiers: [
        .init(upTo: 6_000_000_000, perUnit: try usd("0.0000166667")),
        .init(upTo: 15_000_000_000, perUnit: try usd("0.0000150000")),
        .init(perUnit: try usd("0.0000133334")),
      ])
    let bill = book(price).bill(usage(7_000_000_000 * unit.baseUnitsPerUnit))
    #expect(bill.lines.map(\.amount.decimalUSD) == ["100000.200000000000", "15000.000000000000"])
    #expect(bill.total == (try usd("115000.2")))
    #expect(bill.lines.map(\.quantity).reduce(0, +) == 7_000_000_000 * unit.baseUnitsPerUnit)
  }

  @Test("deducts the free allowance first, where it is on")
  func freeTier() throws {
    let price = Price(
      try usd("0.20"), per: try #require(BillingUnit("1000000 requests")), freeUnits: 1)
    let book = book(price)
    #expect(book.bill(usage(3_000_000), freeTier: true).total == (try usd("0.4")))
    #expect(book.bill(usage(3_000_000)).total == (try usd("0.6")))
    let small = book.bill(usage(10), freeTier: true)
    #expect(small.total == .zero)
    #expect(small.lines.map(\.quantity) == [10])
  }

  @Test(
    "reproduces the costs that lambdaDNN prints",
    arguments: [
      (4, 1728, 525.4, 0.0728), (4, 2048, 463.9, 0.0739), (4, 2368, 416.0, 0.0750),
      (4, 2688, 381.4, 0.0767), (4, 3008, 357.8, 0.0794), (8, 1728, 303.0, 0.0761),
      (8, 2048, 267.9, 0.0785), (8, 2368, 241.8, 0.0809), (8, 2688, 229.5, 0.0863),
      (8, 3008, 215.8, 0.0902),
    ])
  func lambdaDNN(workers: Int, memory: Int, seconds: Double, published: Double) throws {
    // cost = (m/1024 n 1.66667e-5 + 2.6e-5) T, the second term a server of 0.0936 USD an hour.
    var book = PriceBook()
    book["function", "duration"] = Price(
      try usd("0.0000166667"), per: try #require(BillingUnit("GB-second")))
    book["server", "hours"] = Price(try usd("0.0936"), per: try #require(BillingUnit("hour")))
    let meter = UsageMeter()
    let milliseconds = Int64((seconds * 1000).rounded())
    meter.add(Int64(workers * memory) * milliseconds, service: "function", item: "duration")
    meter.add(Int64(seconds.rounded()), service: "server", item: "hours")
    #expect(abs(book.bill(meter.usage).total.inUSD - published) < 1e-4)
  }

  @Test("reproduces MLLess's budgets: 24 workers of 2 GB, a supervisor, Redis and RabbitMQ")
  func mlLess() throws {
    // (24 + 1) * 2 GB * 0.000017 USD + (0.17 + 0.15) USD / 3600 s = 9.389e-4 USD/s: 96 s, 0.09 USD.
    var book = PriceBook()
    book["function", "duration"] = Price(
      try usd("0.000017"), per: try #require(BillingUnit("GB-second")))
    book["server", "hours"] = Price(try usd("0.32"), per: try #require(BillingUnit("hour")))
    let meter = UsageMeter()
    meter.add(25 * 2048 * 1000, service: "function", item: "duration")
    meter.add(1, service: "server", item: "hours")
    let bill = book.bill(meter.usage)
    #expect(bill.total.decimalUSD == "0.000938888889")
    #expect(abs(bill.total.inUSD * 96 - 0.09) < 5e-4)
  }
}
