import Testing
import Traces

@Suite struct SamplesTests {
  // numpy.quantile([15, 20, 35, 40, 50], q) gives 15, 20, 29, 35, 46 and 50.
  @Test(arguments: [(0.0, 15.0), (0.25, 20), (0.4, 29), (0.5, 35), (0.9, 46), (1, 50)])
  func `Quantiles are those of NumPy`(probability: Double, expected: Double) throws {
    let samples = try #require(Samples(nanoseconds: [40, 15, 50, 20, 35]))
    #expect(abs(samples.quantile(probability) - expected) < 1e-9)
    #expect(samples.mean == 32)
    #expect(samples.minimum == 15)
    #expect(samples.maximum == 50)
  }

  @Test func `No samples are no distribution`() { #expect(Samples(nanoseconds: []) == nil) }

  @Test func `The quantile function inverts the distribution function`() {
    let distribution = ShiftedLognormal(shift: 10e6, median: 16e6, sigma: 0.84)
    for probability in [0.001, 0.05, 0.5, 0.95, 0.999] {
      let value = distribution.quantile(probability)
      #expect(abs(distribution.cumulative(value) - probability) < 1e-9)
    }
    // The standard normal quantile of 0.975 is 1.959963985.
    let upper = ShiftedLognormal(shift: 0, median: 1, sigma: 1).quantile(0.975)
    #expect(abs(upper - 7.098_994) < 1e-4)
  }

  @Test func `A fit finds the distribution its samples come from`() throws {
    let truth = ShiftedLognormal(shift: 10e6, median: 16e6, sigma: 0.84)
    let samples = try #require(
      Samples(
        nanoseconds: (0..<4000).map { Int64(truth.quantile((Double($0) + 0.5) / 4000)) }))
    let fitted = try #require(ShiftedLognormal(fitting: samples))
    #expect(abs(fitted.shift / truth.shift - 1) < 0.02)
    #expect(abs(fitted.median / truth.median - 1) < 0.02)
    #expect(abs(fitted.sigma / truth.sigma - 1) < 0.02)
    let calibration = try #require(Calibration(of: samples))
    #expect(calibration.fittedCount == 2000)
    #expect(calibration.heldOutCount == 2000)
    #expect(calibration.distance < 0.01)
    #expect(calibration.comparisons.allSatisfy { abs($0.relativeError) < 0.02 })
  }

  @Test func `A fit to two clusters shows a large error on what it did not see`() throws {
    let clusters: [Int64] = (0..<1000).map { $0 % 4 < 2 ? 1_000_000 + $0 : 90_000_000 + $0 }
    let samples = try #require(Samples(nanoseconds: clusters))
    let calibration = try #require(Calibration(of: samples))
    #expect(calibration.distance > 0.2)
  }

  @Test func `Samples that do not vary cannot be fitted`() throws {
    let samples = try #require(Samples(nanoseconds: [5, 5, 5, 5]))
    #expect(ShiftedLognormal(fitting: samples) == nil)
    #expect(Calibration(of: samples) == nil)
  }
}
