import Testing

@testable import Learning

/// Schedules and clipping against their formulas.
struct OptimizationTests {
  @Test("schedules follow their formulas")
  func schedules() {
    let steps = LearningRateSchedule.step(every: 10, factor: 0.5)
    #expect([1, 10, 11, 20, 21].map(steps.factor(atStep:)) == [1, 1, 0.5, 0.5, 0.25])
    let cosine = LearningRateSchedule.cosine(steps: 100, floor: 0.1)
    #expect(cosine.factor(atStep: 1) == 1)
    #expect(abs(cosine.factor(atStep: 51) - 0.55) < 1e-6)
    #expect(abs(cosine.factor(atStep: 101) - 0.1) < 1e-6)
    #expect(cosine.factor(atStep: 500) == cosine.factor(atStep: 101))
    #expect(LearningRateSchedule.inverseSquareRoot.factor(atStep: 16) == 0.25)
    let warm = LearningRateSchedule.warmUp(steps: 4, then: .step(every: 1, factor: 0.5))
    #expect((1...6).map(warm.factor(atStep:)) == [0.25, 0.5, 0.75, 1, 1, 0.5])
  }

  @Test("an optimizer follows its schedule")
  func optimizer() {
    var optimizer = Optimizer(
      .sgd(learningRate: 1), parameterCount: 1, schedule: .step(every: 1, factor: 0.5))
    var parameters: [Float] = [0]
    for _ in 0..<3 { optimizer.update(&parameters, with: [1]) }
    // -(1 + 1/2 + 1/4)
    #expect(parameters == [-1.75])
    #expect(optimizer.stepCount == 3)
    #expect(optimizer.learningRate == 0.125)
  }

  /// More than a block, and a rest that fills no vector.
  @Test("Adam's bits are those of its formula, one parameter after the other")
  func adam() {
    let count = 2 * 1024 + 21
    let (beta1, beta2, decay, epsilon) = (Float(0.9), Float(0.999), Float(0.01), Float(1e-8))
    var optimizer = Optimizer(
      .adam(
        learningRate: 0.02, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay),
      parameterCount: count)
    var parameters = Sample.units(1, count)
    var expected = parameters
    var (first, second) = (expected.map { _ in Float(0) }, expected.map { _ in Float(0) })
    let powers = [(beta1, beta2), (beta1 * beta1, beta2 * beta2)]
    for (step, power) in powers.enumerated() {
      let gradient = Sample.units(UInt64(10 + step), count)
      optimizer.update(&parameters, with: gradient)
      let rate = 0.02 / (1 - power.0)
      let correction = 1 / (1 - power.1).squareRoot()
      for i in 0..<count {
        let slope = gradient[i] + decay * expected[i]
        first[i] = beta1 * first[i] + (1 - beta1) * slope
        second[i] = beta2 * second[i] + (1 - beta2) * slope * slope
        expected[i] -= rate * first[i] / (second[i].squareRoot() * correction + epsilon)
      }
    }
    #expect(haveSameBits(parameters, expected))
  }

  @Test("clipping by norm keeps the direction, by value each entry")
  func clipping() {
    #expect(GradientClipping.norm(5).clipped([3, 4]) == [3, 4])
    #expect(GradientClipping.norm(1).clipped([3, 4]) == [3 * 0.2, 4 * 0.2])
    #expect(GradientClipping.value(1).clipped([3, -4, 0.5]) == [1, -1, 0.5])
    var optimizer = Optimizer(.sgd(learningRate: 1), parameterCount: 2, clipping: .value(1))
    var parameters: [Float] = [0, 0]
    optimizer.update(&parameters, with: [3, 0.25])
    #expect(parameters == [-1, -0.25])
  }
}
