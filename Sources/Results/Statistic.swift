import Foundation

/// The mean of a metric over replications, with its 95 % confidence interval.
public struct Statistic: Sendable, Equatable {
  /// How many values.
  public let count: Int
  /// Their mean.
  public let mean: Double
  /// The interval of Student's t distribution; nil for one value.
  public let interval: ClosedRange<Double>?

  /// The statistic of `values`; nil where there are none.
  public init?(of values: [Double]) {
    guard !values.isEmpty else { return nil }
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    count = values.count
    self.mean = mean
    guard values.count > 1 else {
      interval = nil
      return
    }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let half = StudentT.quantile95(degreesOfFreedom: values.count - 1) * (variance / n).squareRoot()
    interval = (mean - half)...(mean + half)
  }

  /// Half the width of the interval; nil for one value.
  public var halfWidth: Double? { interval.map { ($0.upperBound - $0.lowerBound) / 2 } }
}

/// Student's t distribution for whole degrees of freedom.
enum StudentT {
  /// The t that holds the middle 95 % of the distribution.
  static func quantile95(degreesOfFreedom: Int) -> Double {
    var low = 1.9
    var high = 12.8
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if middleProbability(within: middle, degreesOfFreedom: degreesOfFreedom) < 0.95 {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// The probability that |T| < t.
  ///
  /// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
  static func middleProbability(within t: Double, degreesOfFreedom: Int) -> Double {
    let angle = atan(t / Double(degreesOfFreedom).squareRoot())
    let square = cos(angle) * cos(angle)
    let isOdd = degreesOfFreedom % 2 == 1
    var term = isOdd ? cos(angle) : 1
    var sum = 0.0
    for k in stride(from: isOdd ? 1 : 0, to: degreesOfFreedom - 1, by: 2) {
      sum += term
      term *= square * Double(k + 1) / Double(k + 2)
    }
    return isOdd ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
  }
}
