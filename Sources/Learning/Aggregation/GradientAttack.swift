/// What a worker that wishes harm sends in place of its gradient.
///
/// The released code of SPIRT has the first two, with factor 10 and variance 100; labels are
/// flipped in the data (`Dataset.flippingLabels`).
public enum GradientAttack: Sendable, Hashable {
  /// The gradient turned round, times `factor`.
  case signFlip(factor: Float)
  /// Noise alone: each entry normal with mean zero and this standard deviation.
  case gaussian(deviation: Float)
  /// The gradient times `factor`.
  case scaled(factor: Float)

  /// What is sent; noise depends on seed, rank and step alone.
  public func applied(to gradient: [Float], seed: UInt64, rank: Int, step: Int) -> [Float] {
    switch self {
    case .signFlip(let factor):
      return gradient.map { -factor * $0 }
    case .scaled(let factor):
      return gradient.map { factor * $0 }
    case .gaussian(let deviation):
      var random = SeededRandom(seed: seed, purpose: "attack", rank, step)
      return gradient.map { _ in deviation * Float(random.normal()) }
    }
  }
}
