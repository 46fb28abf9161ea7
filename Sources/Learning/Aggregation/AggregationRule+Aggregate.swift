extension AggregationRule {
  /// The gradient that stands for all, which come in rank order.
  ///
  /// - Parameter scores: one for each gradient, for a rule that `needsScores`; the lowest are
  ///   left out, and of equal ones those of higher rank.
  public func aggregate(_ gradients: [[Float]], scores: [Double] = []) -> [Float] {
    let workers = gradients.count
    if let refusal = refusal(workers: workers) { preconditionFailure(refusal) }
    switch self {
    case .mean:
      return Vectors.mean(gradients)
    case .trimmedMean(let trimmed):
      return OrderStatistics.combine(gradients, .trimmedMean, trimmed)
    case .median:
      return OrderStatistics.combine(gradients, .trimmedMean, (workers - 1) / 2)
    case .meamed(let faulty):
      return OrderStatistics.combine(gradients, .meanAroundMedian, faulty)
    case .krum(let faulty):
      return gradients[Krum(gradients, faulty: faulty).best(1)[0]]
    case .multiKrum(let faulty, let kept):
      return Vectors.mean(Krum(gradients, faulty: faulty).best(kept).map { gradients[$0] })
    case .zeno(_, let trimmed):
      precondition(scores.count == workers, "Zeno needs a score for each gradient")
      let best = scores.indices.sorted {
        AggregationRule.descends(scores[$0], scores[$1], $0, $1)
      }
      return Vectors.mean(best[..<(workers - trimmed)].sorted().map { gradients[$0] })
    }
  }

  /// Zeno's score of a gradient: how far a step along it lowers the loss, less what its length
  /// takes away.
  ///
  /// - Parameters:
  ///   - loss: the loss on the validation samples at the present parameters.
  ///   - movedLoss: the loss there after a step of the learning rate along the gradient, alone.
  public func score(of gradient: [Float], loss: Double, movedLoss: Double) -> Double {
    guard case .zeno(let rho, _) = self else { return 0 }
    let norm = Double(Vectors.norm(gradient))
    return loss - movedLoss - rho * norm * norm
  }

  /// Best first; a score that is not a number is worse than all, and rank decides among equals.
  private static func descends(_ a: Double, _ b: Double, _ i: Int, _ j: Int) -> Bool {
    if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? i < j : b.isNaN }
    return a == b ? i < j : a > b
  }
}
