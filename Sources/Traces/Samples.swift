/// A point of a distribution: with this probability a value is at most so long.
public struct QuantilePoint: Sendable, Hashable {
  /// From 0 to 1.
  public let probability: Double
  /// The quantile, in whole nanoseconds.
  public let nanoseconds: Int64

  /// The quantile of `probability`.
  public init(probability: Double, nanoseconds: Int64) {
    self.probability = probability
    self.nanoseconds = nanoseconds
  }
}

/// Measured durations, at least one, in whole nanoseconds.
public struct Samples: Sendable, Hashable {
  /// The samples in the order in which they were measured.
  public let nanoseconds: [Int64]
  private let sorted: [Int64]

  /// Samples in the order in which they were measured; nil if there are none.
  public init?(nanoseconds: [Int64]) {
    guard !nanoseconds.isEmpty else { return nil }
    self.nanoseconds = nanoseconds
    sorted = nanoseconds.sorted()
  }

  /// How many there are.
  public var count: Int { nanoseconds.count }
  /// The samples as durations, in the order in which they were measured.
  public var durations: [Duration] { nanoseconds.map { .nanoseconds($0) } }
  /// The shortest, in nanoseconds.
  public var minimum: Int64 { sorted[0] }
  /// The longest, in nanoseconds.
  public var maximum: Int64 { sorted[sorted.count - 1] }

  /// The arithmetic mean, in nanoseconds.
  public var mean: Double { nanoseconds.reduce(0.0) { $0 + Double($1) } / Double(count) }

  /// The quantile of `probability` in nanoseconds, linear between samples.
  ///
  /// This is type 7 of Hyndman and Fan (1996), the default of R and NumPy.
  public func quantile(_ probability: Double) -> Double {
    precondition((0...1).contains(probability), "a probability lies between 0 and 1")
    let position = probability * Double(count - 1)
    let low = Int(position.rounded(.down))
    let high = min(low + 1, count - 1)
    let part = position - Double(low)
    return Double(sorted[low]) * (1 - part) + Double(sorted[high]) * part
  }

  /// The largest distance between these samples' distribution and a continuous one.
  ///
  /// This is the statistic of Kolmogorov and Smirnov, from 0 to 1.
  public func distance(to cumulative: (Double) -> Double) -> Double {
    var largest = 0.0
    for (index, value) in sorted.enumerated() {
      let expected = cumulative(Double(value))
      largest = max(
        largest, abs(Double(index + 1) / Double(count) - expected),
        abs(Double(index) / Double(count) - expected))
    }
    return largest
  }
}
