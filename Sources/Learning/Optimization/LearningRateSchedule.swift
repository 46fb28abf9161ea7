import Foundation

/// How the learning rate changes; steps count from 1.
public indirect enum LearningRateSchedule: Sendable, Hashable {
  /// Always the base rate.
  case constant
  /// Times `factor` after each `every` steps.
  case step(every: Int, factor: Float)
  /// Half a cosine from the base rate to `floor` times it, over `steps`; then constant.
  case cosine(steps: Int, floor: Float = 0)
  /// The base rate over the square root of the step.
  case inverseSquareRoot
  /// Linear from nothing to the base rate over `steps`; then the other schedule from its start.
  case warmUp(steps: Int, then: LearningRateSchedule)

  /// The factor on the base rate at a step.
  public func factor(atStep step: Int) -> Float {
    switch self {
    case .constant:
      return 1
    case .step(let every, let factor):
      return Float(pow(Double(factor), Double((step - 1) / every)))
    case .cosine(let steps, let floor):
      let progress = Double(min(step - 1, steps)) / Double(steps)
      return floor + (1 - floor) * Float(0.5 * (1 + cos(.pi * progress)))
    case .inverseSquareRoot:
      return 1 / Float(step).squareRoot()
    case .warmUp(let steps, let then):
      return step <= steps
        ? Float(step) / Float(steps) : then.factor(atStep: step - steps)
    }
  }
}
