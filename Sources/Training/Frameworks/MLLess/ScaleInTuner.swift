internal import SimulationKernel

/// MLLess's auto-tuner: when learning has become slow, fewer workers do nearly as well.
///
/// Nothing happens before the knee of the loss curve. From then on it decides once an interval:
/// the first time a worker leaves, for lack of anything to compare with; later one leaves if the
/// loss that the present pool will have reached after the horizon is at most `tolerance` percent
/// above the one predicted for the full pool.
///
/// Source: MLLess, section 5; the knee's constants and the weights of the fits are those of
/// pablogs98/MLLess 231b600.
struct ScaleInTuner {
  private let interval: Duration
  private let horizon: Duration
  private let tolerance: Double

  private var losses: [Double] = []
  private var knee = KneeDetector()
  private var speed = SpeedCurve()
  private var lastRecord = Duration.zero
  private var lastDecision = Duration.zero
  /// Steps whose duration says nothing yet about the present number of workers.
  private var unsteadySteps = 4
  /// The first step after the last removal, and what the full pool was like.
  private var firstStep = 1
  private var full: (curve: LossCurve, secondsPerStep: Double)?

  /// A tuner that has seen nothing.
  ///
  /// - Parameter tolerance: in percent.
  init(interval: Duration, horizon: Duration, tolerance: Double) {
    self.interval = interval
    self.horizon = horizon
    self.tolerance = tolerance
  }

  /// Notes a step that so many workers have ended now; steps count from 1.
  mutating func record(step: Int, loss: Double, workers: Int, at now: Duration) {
    losses.append(loss)
    if unsteadySteps > 0 {
      unsteadySteps -= 1
    } else {
      speed.record((now - lastRecord).inSeconds, workers: workers)
    }
    lastRecord = now
    knee.look(at: losses)
  }

  /// Whether a worker is to leave now, and why.
  mutating func decide(at now: Duration, workers: Int) -> String? {
    guard workers >= 2, knee.isFound, now - lastDecision >= interval else { return nil }
    lastDecision = now
    guard let secondsPerStep = speed.secondsPerStep(workers: workers) else { return nil }
    guard let full else { return begin(secondsPerStep) }
    let expected = predict(full.curve, full.secondsPerStep)
    let points = losses.indices.dropFirst(firstStep - 1).map {
      LossCurve.Point(x: Double($0 + 1), y: losses[$0])
    }
    guard let curve = LossCurve.fit(.quadratic, to: points) else { return nil }
    let predicted = predict(curve, secondsPerStep)
    guard 100 * (expected - predicted) > -tolerance * expected else { return nil }
    return remove(
      "in \(horizon.inSeconds) s the loss will be \(predicted), and with all workers \(expected)")
  }

  /// The first removal: what the full pool was like is known now, and later compared with.
  private mutating func begin(_ secondsPerStep: Double) -> String? {
    let points = losses.enumerated().map { index, loss in
      // The deviation of step i is 1 / i: what came last says most about what comes.
      LossCurve.Point(
        x: Double(index + 1), y: loss, weight: Double((index + 1) * (index + 1)))
    }
    guard let curve = LossCurve.fit(.power, to: points) else { return nil }
    full = (curve, secondsPerStep)
    return remove("the knee of the loss curve has passed")
  }

  private mutating func remove(_ reason: String) -> String {
    firstStep = losses.count + 1
    unsteadySteps = 4
    return reason
  }

  /// The loss that a curve has after the horizon at a speed.
  private func predict(_ curve: LossCurve, _ secondsPerStep: Double) -> Double {
    let steps = (horizon.inSeconds / secondsPerStep).rounded(.down)
    return curve.value(at: Double(losses.count) + steps)
  }
}

/// Finds where a falling curve becomes flat.
struct KneeDetector {
  /// Whether the knee has been seen long enough to be believed.
  private(set) var isFound = false
  private var candidate: (index: Int, confirmations: Int)?

  /// Looks at a curve that is one value longer than the last time.
  mutating func look(at losses: [Double]) {
    if isFound || losses.count < 3 { return }
    let smooth = KneeDetector.smooth(losses)
    let slopes = KneeDetector.smooth(zip(smooth.dropFirst(), smooth).map { $0 - $1 })
    guard let index = slopes.firstIndex(where: { $0 > -7.5e-5 }), index > 0 else {
      candidate = nil
      return
    }
    if let candidate, index <= candidate.index {
      self.candidate = (candidate.index, candidate.confirmations + 1)
      isFound = candidate.confirmations + 1 >= 5
    } else {
      candidate = (index, 0)
    }
  }

  /// The mean of the exponentially weighted means (span 20) from the front and from the back.
  static func smooth(_ values: [Double]) -> [Double] {
    zip(forward(values), forward(values.reversed()).reversed()).map { ($0 + $1) / 2 }
  }

  private static func forward(_ values: [Double]) -> [Double] {
    let keep = 1 - 2.0 / 21
    var (sum, weight) = (0.0, 0.0)
    return values.map { value in
      sum = sum * keep + value
      weight = weight * keep + 1
      return sum / weight
    }
  }
}

/// How long a step takes with so many workers: c0 + c1 (w - 1) + c2 w, none of them negative.
struct SpeedCurve {
  private var recent: (workers: Int, seconds: [Double]) = (0, [])
  private var points: [(workers: Int, seconds: Double)] = []

  /// Notes the duration of a step, unless it is 5 % off the median of the last ten.
  mutating func record(_ seconds: Double, workers: Int) {
    if recent.workers != workers { recent = (workers, []) }
    recent.seconds = recent.seconds.suffix(9) + [seconds]
    let median = recent.seconds.sorted()[recent.seconds.count / 2]
    if abs(seconds - median) <= 0.05 * median { points.append((workers, seconds)) }
  }

  /// The expected duration; nil before anything is known.
  func secondsPerStep(workers: Int) -> Double? {
    if points.isEmpty { return nil }
    let coefficients = NonNegativeLeastSquares.solve(
      rows: points.map { [1, Double($0.workers - 1), Double($0.workers)] },
      targets: points.map(\.seconds), weights: points.map { _ in 1 })
    let seconds =
      coefficients[0] + coefficients[1] * Double(workers - 1) + coefficients[2] * Double(workers)
    return seconds > 0 ? seconds : nil
  }
}
