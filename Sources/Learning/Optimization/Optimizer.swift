internal import CVectors

/// A rule that turns gradients into updates.
public enum OptimizerKind: Sendable, Hashable {
  /// Stochastic gradient descent as PyTorch defines it: v = m v + g, then the parameter loses
  /// learningRate times v, or times g + m v with Nesterov's momentum.
  case sgd(
    learningRate: Float, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0)
  /// Adam with bias correction (doi:10.48550/arXiv.1412.6980).
  case adam(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999,
    epsilon: Float = 1e-8, weightDecay: Float = 0)

  /// The base learning rate, before any schedule.
  public var learningRate: Float {
    switch self {
    case .sgd(let rate, _, _, _), .adam(let rate, _, _, _, _): rate
    }
  }
}

/// The state of an optimizer for one replica of a model.
public struct Optimizer: Sendable {
  /// The rule.
  public let kind: OptimizerKind
  /// How the learning rate changes with the steps.
  public let schedule: LearningRateSchedule
  /// What is done to gradients that are too large.
  public let clipping: GradientClipping
  /// Updates made so far.
  public private(set) var stepCount = 0

  private var velocity: [Float] = []
  private var secondMoment: [Float] = []

  /// An optimizer that has seen no gradient yet.
  public init(
    _ kind: OptimizerKind, parameterCount: Int, schedule: LearningRateSchedule = .constant,
    clipping: GradientClipping = .none
  ) {
    self.kind = kind
    self.schedule = schedule
    self.clipping = clipping
    switch kind {
    case .sgd(_, let momentum, _, _):
      if momentum != 0 { velocity = [Float](repeating: 0, count: parameterCount) }
    case .adam:
      velocity = [Float](repeating: 0, count: parameterCount)
      secondMoment = velocity
    }
  }

  /// The learning rate of the next step.
  public var learningRate: Float { kind.learningRate * schedule.factor(atStep: stepCount + 1) }

  /// Moves the parameters by one step.
  public mutating func update(_ parameters: inout [Float], with gradient: [Float]) {
    advance(gradient, parameters: parameters.count) { optimizer, gradient in
      parameters.withUnsafeMutableBufferPointer { parameters in
        optimizer.forEachStep(gradient, at: UnsafeBufferPointer(parameters)) { index, step in
          parameters[index] += step
        }
      }
    }
  }

  /// The signed step that `update` would add, without taking it; the state moves on.
  public mutating func step(for gradient: [Float], at parameters: [Float]) -> [Float] {
    var steps: [Float] = []
    advance(gradient, parameters: parameters.count) { optimizer, gradient in
      steps = [Float](unsafeUninitializedCapacity: parameters.count) { result, count in
        parameters.withUnsafeBufferPointer { parameters in
          optimizer.forEachStep(gradient, at: parameters) { index, step in
            result.initializeElement(at: index, to: step)
          }
        }
        count = parameters.count
      }
    }
    return steps
  }

  private mutating func advance(
    _ gradient: [Float], parameters: Int, _ body: (inout Optimizer, [Float]) -> Void
  ) {
    precondition(gradient.count == parameters, "the gradient belongs to another model")
    if case .none = clipping {
      body(&self, gradient)
    } else {
      body(&self, clipping.clipped(gradient))
    }
    stepCount += 1
  }

  /// Moves the state by one gradient and hands out each parameter's step.
  @inline(__always)
  private mutating func forEachStep(
    _ gradient: [Float], at parameters: UnsafeBufferPointer<Float>, _ body: (Int, Float) -> Void
  ) {
    let rate = learningRate
    switch kind {
    case .sgd(_, let momentum, let nesterov, let decay):
      gradient.withUnsafeBufferPointer { gradient in
        guard momentum != 0 else {
          for i in 0..<gradient.count { body(i, -(rate * (gradient[i] + decay * parameters[i]))) }
          return
        }
        velocity.withUnsafeMutableBufferPointer { velocity in
          for i in 0..<gradient.count {
            let slope = gradient[i] + decay * parameters[i]
            let v = momentum * velocity[i] + slope
            velocity[i] = v
            body(i, -(rate * (nesterov ? slope + momentum * v : v)))
          }
        }
      }
    case .adam(_, let beta1, let beta2, let epsilon, let decay):
      let step = stepCount + 1
      let rule = vectors_adam(
        beta1: beta1, beta2: beta2, decay: decay, rate: rate / (1 - power(beta1, step)),
        correction: 1 / (1 - power(beta2, step)).squareRoot(), epsilon: epsilon)
      forEachAdamStep(gradient, at: parameters, by: rule, body)
    }
  }

  /// Moves Adam's moments, a block of parameters at a time: their steps stay in the nearest cache.
  @inline(__always)
  private mutating func forEachAdamStep(
    _ gradient: [Float], at parameters: UnsafeBufferPointer<Float>, by rule: vectors_adam,
    _ body: (Int, Float) -> Void
  ) {
    let block = 1024
    withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { steps in
      gradient.withUnsafeBufferPointer { gradient in
        velocity.withUnsafeMutableBufferPointer { first in
          secondMoment.withUnsafeMutableBufferPointer { second in
            guard let slopes = gradient.baseAddress, let values = parameters.baseAddress,
              let means = first.baseAddress, let squares = second.baseAddress,
              let moves = steps.baseAddress
            else { return }
            for start in stride(from: 0, to: gradient.count, by: block) {
              let count = min(block, gradient.count - start)
              vectors_move_adam(
                slopes + start, values + start, rule, count, means + start, squares + start, moves)
              for i in 0..<count { body(start + i, moves[i]) }
            }
          }
        }
      }
    }
  }

  /// A whole power by squaring, so that its bits do not depend on a library.
  private func power(_ base: Float, _ exponent: Int) -> Float {
    var (result, square, rest) = (Float(1), base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
