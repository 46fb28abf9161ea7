import SimulationKernel
import Testing

@testable import Training

/// The mathematics of the auto-tuner, against curves whose answer is known.
@Suite struct MLLessCurves {
  // MARK: - Non-negative least squares

  @Test("Finds unknowns that are not negative exactly", arguments: [0, 1, 2.5], [0, 0.5, 7])
  func recoversLinear(a: Double, b: Double) {
    let rows = (1...20).map { [Double($0), 1 / Double($0)] }
    let found = NonNegativeLeastSquares.solve(
      rows: rows, targets: rows.map { a * $0[0] + b * $0[1] },
      weights: rows.indices.map { Double($0 % 3 + 1) })
    #expect(abs(found[0] - a) < 1e-10)
    #expect(abs(found[1] - b) < 1e-10)
  }

  @Test("What would be negative is zero, and the rest is fitted without it")
  func clampsNegatives() {
    // y = x - 1 on x = 1...5 without an intercept: x = sum(x y) / sum(x x) = 40 / 55.
    let rows = (1...5).map { [Double($0), 1] }
    let found = NonNegativeLeastSquares.solve(
      rows: rows, targets: rows.map { $0[0] - 1 }, weights: [1, 1, 1, 1, 1])
    #expect(abs(found[0] - 40.0 / 55) < 1e-12)
    #expect(found[1] == 0)
  }

  @Test("No choice of unknowns is better than the one found: the conditions of Kuhn and Tucker")
  func isOptimal() {
    var random = RandomStream(seed: 3, purpose: "test")
    for _ in 0..<200 {
      let rows = (0..<12).map { _ in (0..<3).map { _ in random.normal() } }
      let targets = rows.map { _ in random.normal() }
      let weights = rows.map { _ in random.uniform() + 0.1 }
      let x = NonNegativeLeastSquares.solve(rows: rows, targets: targets, weights: weights)
      for column in 0..<3 {
        // The slope of the error: zero where the unknown is positive, upwards where it is zero.
        var slope = 0.0
        for (index, row) in rows.enumerated() {
          let miss = row[0] * x[0] + row[1] * x[1] + row[2] * x[2] - targets[index]
          slope += weights[index] * miss * row[column]
        }
        #expect(x[column] >= 0)
        #expect(x[column] > 0 ? abs(slope) < 1e-9 : slope > -1e-9)
      }
    }
  }

  @Test("Columns that say the same share one answer")
  func collinear() {
    // A speed curve has the columns 1, w - 1 and w; with one pool size all three are alike.
    let rows = (0..<5).map { _ in [1.0, 3, 4] }
    let found = NonNegativeLeastSquares.solve(
      rows: rows, targets: [2, 2, 2, 2, 2], weights: [1, 1, 1, 1, 1])
    #expect(abs(found[0] + 3 * found[1] + 4 * found[2] - 2) < 1e-12)
    #expect(found.allSatisfy { $0 >= 0 })
  }

  // MARK: - Loss curves

  static let powers: [[Double]] = [
    [0.05, 0.8, 0.4, 0.3], [0.01, 1, 1, 0], [0.2, 0.5, 0.5, 0.6], [0.002, 1.7, 1.5, 0.1],
  ]
  static let quadratics: [[Double]] = [
    [1e-4, 0.01, 0.5, 0.3], [0, 0.02, 1, 0.1], [2e-5, 0, 0.8, 0.5], [1e-3, 0.1, 2, 0],
  ]

  @Test("A power curve without noise is recovered", arguments: powers)
  func recoversPower(coefficients: [Double]) throws {
    try recover(LossCurve(.power, coefficients))
  }

  @Test("A quadratic curve without noise is recovered", arguments: quadratics)
  func recoversQuadratic(coefficients: [Double]) throws {
    try recover(LossCurve(.quadratic, coefficients))
  }

  private func recover(_ truth: LossCurve) throws {
    let points = (1...300).map { LossCurve.Point(x: Double($0), y: truth.value(at: Double($0))) }
    let fit = try #require(LossCurve.fit(truth.shape, to: points))
    for (found, expected) in zip(fit.coefficients, truth.coefficients) {
      #expect(abs(found - expected) < 1e-3 * max(0.01, expected))
    }
    for x in [1.0, 50, 300, 1000] {
      #expect(abs(fit.value(at: x) / truth.value(at: x) - 1) < 1e-4)
    }
  }

  @Test(
    "The loss is predicted within 1.5 % up to 200 steps ahead, as published",
    arguments: [(100, 0), (200, 0.005), (400, 0.01)], [1, 2, 3, 4, 5])
  func predicts(_ given: (steps: Int, noise: Double), seed: UInt64) throws {
    let steps = given.steps
    var random = RandomStream(seed: seed, purpose: "noise")
    let truth = LossCurve(.power, [0.02, 0.9, 1.2, 0.55])
    let points = (1...steps).map { step in
      let x = Double(step)
      return LossCurve.Point(
        x: x, y: truth.value(at: x) * (1 + given.noise * random.normal()), weight: x * x)
    }
    let fit = try #require(LossCurve.fit(.power, to: points))
    for ahead in stride(from: 10.0, through: 200, by: 10) {
      let x = Double(steps) + ahead
      #expect(abs(fit.value(at: x) / truth.value(at: x) - 1) < 0.015)
    }
  }

  @Test("Too few points, or none that are numbers, make no curve")
  func needsPoints() {
    let three = (1...3).map { LossCurve.Point(x: Double($0), y: 1 / Double($0)) }
    #expect(LossCurve.fit(.power, to: three) == nil)
    let nothing = (1...9).map { LossCurve.Point(x: Double($0), y: .nan) }
    #expect(LossCurve.fit(.quadratic, to: nothing) == nil)
  }

  @Test("A flat curve is its own floor, and never negative")
  func flat() throws {
    let points = (1...50).map { LossCurve.Point(x: Double($0), y: 0.25) }
    for shape in [LossCurve.Shape.power, .quadratic] {
      let fit = try #require(LossCurve.fit(shape, to: points))
      #expect(abs(fit.value(at: 500) - 0.25) < 1e-3)
      #expect(fit.coefficients.allSatisfy { $0 >= 0 })
    }
  }

  // MARK: - Knee, speed, decision

  @Test("Smoothing with a span of 20 keeps a constant, and weighs as it is defined")
  func smoothing() {
    #expect(KneeDetector.smooth([3, 3, 3, 3]).allSatisfy { abs($0 - 3) < 1e-12 })
    // From the front: 0, (1 + 0 k) / (1 + k); from the back: (0 + 1 k) / (1 + k), 1; k = 19/21.
    let k = 19.0 / 21
    let smooth = KneeDetector.smooth([0, 1])
    #expect(abs(smooth[0] - (0 + k / (1 + k)) / 2) < 1e-12)
    #expect(abs(smooth[1] - (1 / (1 + k) + 1) / 2) < 1e-12)
  }

  @Test("A straight descent has no knee; one that flattens has, soon after it does")
  func knee() {
    var straight = KneeDetector()
    var bent = KneeDetector()
    var losses: [Double] = []
    var foundAt: Int?
    for step in 0..<300 {
      losses.append(10 - 0.01 * Double(step))
      straight.look(at: losses)
      let soFar = (0...step).map { $0 < 100 ? 2 - 0.01 * Double($0) : 1 }
      bent.look(at: soFar)
      if bent.isFound, foundAt == nil { foundAt = step }
    }
    #expect(!straight.isFound)
    #expect(foundAt.map { (100..<200).contains($0) } == true)
  }

  @Test("The duration of a step is learned from the pools that were seen")
  func speed() throws {
    var speed = SpeedCurve()
    #expect(speed.secondsPerStep(workers: 4) == nil)
    for workers in [10, 9, 8] {
      for _ in 0..<20 { speed.record(0.2 + 0.03 * Double(workers), workers: workers) }
      // An outlier is not believed.
      speed.record(5, workers: workers)
    }
    let seconds = try #require(speed.secondsPerStep(workers: 7))
    #expect(abs(seconds - 0.41) < 1e-9)
  }

  /// Steps of a pool: `progress` is how much of a full pool's step one of theirs is.
  private func run(
    _ tuner: inout ScaleInTuner, progress: (Int) -> Double, tolerance: Double = 5
  ) -> [(step: Int, workers: Int)] {
    var (time, x, workers) = (Duration.zero, 0.0, 8)
    var removals: [(step: Int, workers: Int)] = []
    for step in 1...2000 {
      time += .milliseconds(100)
      x += progress(workers)
      let loss = 1 / (0.05 * x + 1) + 0.4
      tuner.record(step: step, loss: loss, workers: workers, at: time)
      if tuner.decide(at: time, workers: workers) != nil {
        workers -= 1
        removals.append((step, workers))
      }
    }
    return removals
  }

  @Test("Nobody leaves before the knee; then one an interval, while it does no harm")
  func removesWhileHarmless() {
    var tuner = ScaleInTuner(interval: .seconds(20), horizon: .seconds(10), tolerance: 5)
    // Fewer workers do as well: all may go but one.
    let removals = run(&tuner) { _ in 1 }
    #expect(removals.count == 7)
    #expect(removals.first.map { $0.step > 100 } == true)
    for (earlier, later) in zip(removals, removals.dropFirst()) {
      #expect(later.step - earlier.step >= 200)
    }
  }

  @Test("Nobody else leaves when the loss becomes worse than is tolerated")
  func keepsWhatIsNeeded() {
    var tuner = ScaleInTuner(interval: .seconds(20), horizon: .seconds(10), tolerance: 0.01)
    let removals = run(&tuner) { workers in workers == 8 ? 1 : 0.05 }
    #expect(removals.count == 1)
  }
}
