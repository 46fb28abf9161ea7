import Scenarios
import SimulationKernel
import Testing

@Suite struct QuantityTests {
  @Test(
    arguments: [
      ("2000000000 ns", Int64(2_000_000_000)), ("1500000 us", 1_500_000_000),
      ("1500.5 ms", 1_500_500_000), ("1.5 s", 1_500_000_000), ("2 min", 120_000_000_000),
      ("0.1 h", 360_000_000_000), ("90s", 90_000_000_000), ("1_0 s", 10_000_000_000),
      ("2e1 s", 20_000_000_000),
    ])
  func `Durations have six units`(text: String, nanoseconds: Int64) throws {
    let scenario = try read(minimal + "function: { timeout: \(text) }")
    #expect(scenario.function.timeout == .nanoseconds(nanoseconds))
  }

  @Test(
    arguments: [
      ("70000 B", Int64(70_000)), ("1.5 kB", 1500), ("1.5 KiB", 1536), ("3 MB", 3_000_000),
      ("3 MiB", 3_145_728), ("2 GB", 2_000_000_000), ("2 GiB", 2_147_483_648),
    ])
  func `Sizes are decimal or binary as their unit says`(text: String, bytes: Int64) throws {
    let scenario = try read(minimal + "function: { package-size: \(text) }")
    #expect(scenario.function.packageBytes == bytes)
  }

  @Test(arguments: [("1769 MB", 1769), ("1769 MiB", 1769), ("2 GB", 2048), ("1.5 GiB", 1536)])
  func `The memory of a function is in the binary MB of AWS`(text: String, megabytes: Int) throws {
    let scenario = try read(minimal + "function: { memory: \(text) }")
    #expect(scenario.function.memoryMB == megabytes)
  }

  @Test(
    arguments: [
      ("500 MFLOP/s", Int64(500_000_000)), ("25.5 GFLOP/s", 25_500_000_000),
      ("1 TFLOP/s", 1_000_000_000_000),
    ])
  func `Computing speed counts operations a second`(text: String, perSecond: Int64) throws {
    let scenario = try read(minimal + "compute: { rate: \(text) }")
    #expect(scenario.compute.flopsPerSecond == perSecond)
  }

  @Test func `Money is exact to the picodollar`() throws {
    let scenario = try read(minimal + "expect: { cost: \"< 0.000000000001 USD\" }")
    #expect(scenario.expectations.map(\.bound) == [.whole(1)])
  }

  @Test(
    arguments: [
      ("150", "'150' needs a unit: ns, us, ms, s, min or h"),
      ("150 MB", "'150 MB' is a size: expected a duration (ns, us, ms, s, min or h)"),
      ("150 MB/s", "'150 MB/s' is a data rate: expected a duration"),
      ("150 USD", "'150 USD' is an amount of money: expected a duration"),
      ("150 mn", "'mn' is not a unit here: expected a duration"),
      ("150 mins", "; did you mean 'min'?"),
      ("soon", "'soon' is not a duration: expected a number and a unit"),
      ("nan s", "'nan s' is not a duration"),
      ("1.2.3 s", "'1.2.3 s' is not a duration"),
      ("0.1 ns", "'0.1 ns' is finer than the smallest unit, 1 ns"),
      ("1e30 h", "'1e30 h' is absurdly large"),
      ("-5 s", "-5 s is out of range (allowed: 1 s to 24 h)"),
      ("25 h", "25 h is out of range (allowed: 1 s to 24 h)"),
    ])
  func `A wrong quantity is explained`(text: String, expected: String) {
    let found = issues(in: minimal + "function: { timeout: \(text) }")
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("test.yaml:3:22: function.timeout: "), "\(found[0])")
    #expect(found[0].contains(expected), "\(found[0])")
  }

  @Test(
    arguments: [
      (Quantity(900_000_000_000, .duration), "15 min"), (Quantity(0, .duration), "0 ns"),
      (Quantity(1_500_000, .duration), "1500 us"), (Quantity(3008, .memory), "3008 MiB"),
      (Quantity(2_000_000, .size), "2 MB"),
    ])
  func `A quantity is shown in the largest unit that keeps it whole`(
    quantity: Quantity, text: String
  ) {
    #expect(quantity.text == text)
  }
}
