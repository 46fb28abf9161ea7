/// One worker's part in the alternating direction method of multipliers with an L1 penalty.
///
/// Workers minimise their own losses, held to a common model; together they minimise
/// Σ loss_w(x) + λ |x|₁, each loss the mean over a worker's samples. In scaled form:
/// S. Boyd et al., "Distributed Optimization and Statistical Learning via the ADMM", 2011, section
/// 7.1.1. LambdaML trains its linear models so (J. Jiang et al., SIGMOD 2021).
public struct ADMM: Sendable {
  /// The strength ρ with which a worker is held to the common model; LambdaML takes 0.01.
  public let rho: Float
  /// The L1 penalty λ; LambdaML takes 0.01.
  public let lambda: Float
  /// The common model z.
  public private(set) var consensus: [Float]
  /// What the worker was off in all rounds together: u.
  public private(set) var dual: [Float]

  /// A worker's state before the first round, at the common start.
  public init(start: [Float], rho: Float = 0.01, lambda: Float = 0.01) {
    precondition(rho > 0 && lambda >= 0, "ADMM needs a positive rho and no negative lambda")
    self.rho = rho
    self.lambda = lambda
    consensus = start
    dual = [Float](repeating: 0, count: start.count)
  }

  /// Adds the pull of the common model to the gradient of the worker's own loss: ρ (x - z + u),
  /// the gradient of ρ/2 |x - z + u|².
  public func correct(_ gradient: inout [Float], at parameters: [Float]) {
    precondition(gradient.count == dual.count, "the gradient belongs to another model")
    precondition(parameters.count == dual.count, "the parameters belong to another model")
    for i in 0..<gradient.count {
      gradient[i] += rho * (parameters[i] - consensus[i] + dual[i])
    }
  }

  /// What the worker sends at the end of a round: x + u.
  public func message(from parameters: [Float]) -> [Float] {
    var message = parameters
    Vectors.add(dual, to: &message)
    return message
  }

  /// Ends the round with the mean of the messages of all workers.
  ///
  /// z = S(mean, λ / (W ρ)), where S moves each entry towards zero by as much; then u += x - z.
  public mutating func endRound(meanMessage: [Float], parameters: [Float], workers: Int) {
    precondition(meanMessage.count == dual.count, "the messages belong to another model")
    let shrinkage = lambda / (Float(workers) * rho)
    for i in 0..<dual.count {
      let value = meanMessage[i]
      consensus[i] = value > shrinkage ? value - shrinkage : min(value + shrinkage, 0)
      dual[i] += parameters[i] - consensus[i]
    }
  }
}
