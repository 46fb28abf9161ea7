internal import Foundation

/// A lognormal distribution that begins at `shift`: a fixed part and a skewed one.
public struct ShiftedLognormal: Sendable, Hashable {
  /// The fixed part, in nanoseconds.
  public let shift: Double
  /// The median of the skewed part, in nanoseconds.
  public let median: Double
  /// The standard deviation of the logarithm of the skewed part.
  public let sigma: Double

  /// The distribution of `shift` + `median` exp(`sigma` z).
  public init(shift: Double, median: Double, sigma: Double) {
    self.shift = shift
    self.median = median
    self.sigma = sigma
  }

  /// Fits `samples`; nil if they do not vary, or some are zero.
  ///
  /// The likelihood has no maximum when the shift is free, so the shift comes from three quantiles:
  /// of a lognormal, (x.05 - s)(x.95 - s) = (x.50 - s)^2 (Aitchison and Brown, 1957).
  /// The rest is the mean and the deviation of the logarithms.
  public init?(fitting samples: Samples) {
    guard samples.minimum < samples.maximum else { return nil }
    let (low, middle, high) = (
      samples.quantile(0.05), samples.quantile(0.5), samples.quantile(0.95)
    )
    let skew = low + high - 2 * middle
    let solved = skew > 0 ? (low * high - middle * middle) / skew : 0
    // The smallest sample must stay to the right of the shift, or its logarithm does not exist.
    let shift = min(max(0, solved), 0.99 * Double(samples.minimum))
    guard Double(samples.minimum) > shift else { return nil }
    let logarithms = samples.nanoseconds.map { log(Double($0) - shift) }
    let count = Double(logarithms.count)
    let mean = logarithms.reduce(0, +) / count
    let variance = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    guard variance > 0 else { return nil }
    self.init(shift: shift, median: exp(mean), sigma: variance.squareRoot())
  }

  /// The mean, in nanoseconds.
  public var mean: Double { shift + median * exp(sigma * sigma / 2) }

  /// The probability of a value of at most `nanoseconds`.
  public func cumulative(_ nanoseconds: Double) -> Double {
    guard nanoseconds > shift else { return 0 }
    return 0.5 * erfc(-log((nanoseconds - shift) / median) / (sigma * 2.0.squareRoot()))
  }

  /// The quantile of `probability`, in nanoseconds.
  public func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a quantile lies between 0 and 1")
    // The distribution function rises, so halving finds z; 60 halvings reach the last bit.
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle / 2.0.squareRoot()) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return shift + median * exp(sigma * (low + high) / 2)
  }
}

/// A fitted distribution with its errors on samples it was not fitted to.
public struct Calibration: Sendable, Hashable {
  /// A measured value beside the fitted one.
  public struct Comparison: Sendable, Hashable {
    /// As in `mean` or `p99`.
    public let name: String
    /// What the held-out samples say, in nanoseconds.
    public let measured: Double
    /// What the distribution says, in nanoseconds.
    public let fitted: Double
    /// How far the fitted value is off, as a part of the measured one.
    public var relativeError: Double { fitted / measured - 1 }
  }

  /// The distribution, fitted to every second sample.
  public let distribution: ShiftedLognormal
  /// How many samples it was fitted to.
  public let fittedCount: Int
  /// How many samples it was compared with.
  public let heldOutCount: Int
  /// The largest distance of the distributions, of Kolmogorov and Smirnov.
  public let distance: Double
  /// The mean and some quantiles.
  public let comparisons: [Comparison]

  /// Fits every second sample and compares with the others; nil if there are too few or they do
  /// not vary.
  ///
  /// Alternating halves see the same hours of a trace, so a drift over the day does not count as
  /// an error of the fit.
  public init?(of samples: Samples) {
    let values = samples.nanoseconds
    let seen = stride(from: 0, to: values.count, by: 2).map { values[$0] }
    let unseen = stride(from: 1, to: values.count, by: 2).map { values[$0] }
    guard let fitted = Samples(nanoseconds: seen), let heldOut = Samples(nanoseconds: unseen),
      let distribution = ShiftedLognormal(fitting: fitted)
    else { return nil }
    self.distribution = distribution
    fittedCount = fitted.count
    heldOutCount = heldOut.count
    distance = heldOut.distance(to: distribution.cumulative)
    let quantiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)]
    comparisons =
      [Comparison(name: "mean", measured: heldOut.mean, fitted: distribution.mean)]
      + quantiles.map { name, probability in
        Comparison(
          name: name, measured: heldOut.quantile(probability),
          fitted: distribution.quantile(probability))
      }
  }
}
