import Foundation

/// What the outputs of a network are compared with; the value is the mean over the batch.
enum Loss: Sendable {
  /// Cross entropy of the softmax.
  case crossEntropy
  /// The multi-class hinge loss of a linear support vector machine, with margin 1.
  case hinge

  /// The sum of the losses of `batch` samples; the gradient is that of the sum times `scale`.
  func evaluate(
    _ outputs: Floats, classes: Int, labels: ArraySlice<Int32>, scale: Float, gradient: Floats?
  ) -> Double {
    var total = 0.0
    for (row, label) in labels.enumerated() {
      let scores = outputs + row * classes
      let target = gradient.map { $0 + row * classes }
      switch self {
      case .crossEntropy:
        total += crossEntropy(scores, classes, Int(label), scale, target)
      case .hinge:
        total += hinge(scores, classes, Int(label), scale, target)
      }
    }
    return total
  }

  private func crossEntropy(
    _ scores: Floats, _ classes: Int, _ label: Int, _ scale: Float, _ gradient: Floats?
  ) -> Double {
    var largest = scores[0]
    for i in 1..<classes { largest = max(largest, scores[i]) }
    var sum: Float = 0
    for i in 0..<classes {
      let value = exp(scores[i] - largest)
      sum += value
      gradient?[i] = value
    }
    if let gradient {
      let share = scale / sum
      for i in 0..<classes { gradient[i] *= share }
      gradient[label] -= scale
    }
    return Double(log(sum) + largest - scores[label])
  }

  /// As PyTorch's `multi_margin_loss`: the mean over classes of max(0, 1 - score + other score).
  private func hinge(
    _ scores: Floats, _ classes: Int, _ label: Int, _ scale: Float, _ gradient: Floats?
  ) -> Double {
    let share = scale / Float(classes)
    var sum: Float = 0
    gradient?.update(repeating: 0, count: classes)
    for i in 0..<classes where i != label {
      let violation = 1 - scores[label] + scores[i]
      guard violation > 0 else { continue }
      sum += violation
      if let gradient {
        gradient[i] += share
        gradient[label] -= share
      }
    }
    return Double(sum) / Double(classes)
  }
}
