import Testing

@testable import Results

@Suite("Exact decimals") struct DecimalsTests {
  @Test(
    "scaled integers are written in full",
    arguments: [
      (1_234_567_890, 12, "0.001234567890"), (0, 12, "0.000000000000"),
      (-1, 12, "-0.000000000001"), (Int64.max, 12, "9223372.036854775807"),
      (Int64.min, 12, "-9223372.036854775808"), (42, 0, "42"),
    ] as [(Int64, Int, String)])
  func full(value: Int64, places: Int, expected: String) {
    #expect(Decimals.text(value, places: places) == expected)
  }

  @Test(
    "zeros at the end are dropped where nothing is lost",
    arguments: [
      (83_250_000_000, "83.25"), (1_000_000_000, "1"), (0, "0"), (1, "0.000000001"),
      (100_000_000_000, "100"),
    ] as [(Int64, String)])
  func shortest(nanoseconds: Int64, expected: String) {
    #expect(Decimals.seconds(nanoseconds) == expected)
  }

  @Test("a quotient is exact, or there is none")
  func quotient() {
    #expect(Decimals.quotient(1, by: 1_024_000) == "0.0000009765625")
    #expect(Decimals.quotient(3_008_000 * 900, by: 1_024_000) == "2643.75")
    #expect(Decimals.quotient(7200, by: 3600) == nil)
    #expect(Decimals.quotient(-1, by: 2) == "-0.5")
    #expect(Decimals.quotient(5, by: 1) == "5")
  }

  @Test("requests are counted, GB-seconds are exact, hours are told in seconds")
  func quantities() {
    let quantities = Sample.record(Sample.result()).bill.map(\.exactQuantity)
    // 98,765,432,123 MB ms / 1,024,000, by Python's decimal module.
    #expect(quantities.map(\.text) == ["96450.6173076171875", "42", "61"])
    #expect(quantities.map(\.unit) == ["GB-second", "requests", "s"])
  }
}
