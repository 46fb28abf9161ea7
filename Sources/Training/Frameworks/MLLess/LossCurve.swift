internal import RealModule

/// A loss that falls like 1 / p(x) towards a floor, with coefficients that are not negative.
///
/// Source: MLLess, section 5: L_P = 1/(a t^b + c) + d for the full pool and
/// l_p = 1/(a t^2 + b t + c) + d for the present one, by non-negative least squares.
struct LossCurve {
  /// What p is.
  enum Shape {
    /// a x^b + c
    case power
    /// a x^2 + b x + c
    case quadratic
  }

  /// A loss that was seen.
  struct Point {
    /// The step, from 1.
    let x: Double
    let y: Double
    /// How many times more than others it counts.
    var weight = 1.0
  }

  let shape: Shape
  /// a, b, c and the floor d.
  private(set) var coefficients: [Double]

  /// The curve with these coefficients.
  init(_ shape: Shape, _ coefficients: [Double]) {
    precondition(coefficients.count == 4, "a curve has a, b, c and d")
    self.shape = shape
    self.coefficients = coefficients
  }

  /// The loss at a step.
  func value(at x: Double) -> Double { 1 / denominator(at: x) + coefficients[3] }

  /// The sum of the weighted squares of what points are away from the curve.
  func error(of points: [Point]) -> Double {
    points.reduce(0) { sum, point in
      let miss = value(at: point.x) - point.y
      return sum + point.weight * miss * miss
    }
  }

  private func denominator(at x: Double) -> Double {
    let (a, b, c) = (coefficients[0], coefficients[1], coefficients[2])
    switch shape {
    case .power: return a * .pow(x, b) + c
    case .quadratic: return (a * x + b) * x + c
    }
  }

  /// By how much the value grows with each coefficient.
  private func slopes(at x: Double) -> SIMD4<Double> {
    let p = denominator(at: x)
    let outer = -1 / (p * p)
    switch shape {
    case .power:
      let power = Double.pow(x, coefficients[1])
      return [outer * power, outer * coefficients[0] * power * .log(x), outer, 1]
    case .quadratic: return [outer * x * x, outer * x, outer, 1]
    }
  }

  // MARK: - Fitting

  /// The curve that is nearest to the points; nil where there are fewer of them than coefficients.
  static func fit(_ shape: Shape, to points: [Point]) -> LossCurve? {
    let finite = points.filter { $0.x > 0 && $0.y.isFinite }
    // Where to begin need not be exact: some forty points say it.
    let thinned = stride(from: 0, to: finite.count, by: finite.count / 40 + 1).map { finite[$0] }
    guard finite.count >= 4, var best = start(shape, thinned) else { return nil }
    best.refine(finite)
    return best
  }

  /// The best of a few curves whose floor, and power, are given: the rest is then linear in
  /// 1 / (y - floor), in which a miss counts (y - floor)^2 times what it is in y.
  private static func start(_ shape: Shape, _ points: [Point]) -> LossCurve? {
    let lowest = points.map(\.y).min() ?? 0
    let powers: [Double] = shape == .power ? [0.25, 0.5, 1, 1.5, 2, 3] : [1]
    var best: (curve: LossCurve, error: Double)?
    for share in [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999] {
      let floor = max(0, lowest * share)
      for power in powers {
        let above = points.map { max($0.y - floor, 1e-12) }
        let rows = points.map { point in
          shape == .power ? [.pow(point.x, power), 1] : [point.x * point.x, point.x, 1]
        }
        let weights = zip(points, above).map { $0.weight * $1 * $1 * $1 * $1 }
        let linear = NonNegativeLeastSquares.solve(
          rows: rows, targets: above.map { 1 / $0 }, weights: weights)
        let curve = LossCurve(
          shape,
          shape == .power ? [linear[0], power, linear[1], floor] : linear + [floor])
        let error = curve.error(of: points)
        if error.isFinite, error < best?.error ?? .infinity { best = (curve, error) }
      }
    }
    return best?.curve
  }

  /// Goes downhill (Levenberg 1944, Marquardt 1963); what would become negative stays at zero.
  private mutating func refine(_ points: [Point]) {
    var error = error(of: points)
    var damping = 1e-3
    for _ in 0..<200 {
      let (matrix, downhill) = normalEquations(points)
      let free = (0..<4).filter { coefficients[$0] > 0 || downhill[$0] > 0 }
      var damped = matrix
      for i in 0..<4 { damped[i][i] *= 1 + damping }
      guard let move = Matrix.solve(damped, downhill, for: free) else { return }
      var next = self
      for (index, change) in zip(free, move) {
        next.coefficients[index] = max(0, coefficients[index] + change)
      }
      let nextError = next.error(of: points)
      if nextError < error {
        let gain = error - nextError
        (self, error) = (next, nextError)
        if gain <= 1e-14 * error { return }
        damping = max(damping / 5, 1e-12)
      } else {
        damping *= 4
        if damping > 1e12 { return }
      }
    }
  }

  private func normalEquations(_ points: [Point]) -> (matrix: [[Double]], downhill: [Double]) {
    var rows = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    var downhill = SIMD4<Double>.zero
    for point in points {
      let slopes = slopes(at: point.x)
      let weighted = point.weight * slopes
      downhill += (point.y - value(at: point.x)) * weighted
      rows.0 += slopes[0] * weighted
      rows.1 += slopes[1] * weighted
      rows.2 += slopes[2] * weighted
      rows.3 += slopes[3] * weighted
    }
    let matrix = [rows.0, rows.1, rows.2, rows.3].map { row in (0..<4).map { row[$0] } }
    return (matrix, (0..<4).map { downhill[$0] })
  }
}
