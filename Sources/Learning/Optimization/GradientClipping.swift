/// What is done to gradients that are too large.
public enum GradientClipping: Sendable, Hashable {
  /// Nothing.
  case none
  /// Scaled down so that the Euclidean norm is at most this.
  case norm(Float)
  /// Each entry held within plus or minus this.
  case value(Float)

  /// The gradient after clipping.
  public func clipped(_ gradient: [Float]) -> [Float] {
    switch self {
    case .none:
      return gradient
    case .norm(let limit):
      let norm = Vectors.norm(gradient)
      guard norm > limit else { return gradient }
      var scaled = gradient
      Vectors.scale(&scaled, by: limit / norm)
      return scaled
    case .value(let limit):
      return gradient.map { min(max($0, -limit), limit) }
    }
  }
}

/// Gathers the gradients of several batches and gives their mean, in the order they came.
public struct GradientAccumulator: Sendable {
  private var sum: [Float] = []
  /// Gradients gathered since the last mean.
  public private(set) var count = 0

  /// An accumulator that holds nothing.
  public init() {}

  /// Adds one gradient.
  public mutating func add(_ gradient: [Float]) {
    if count == 0 { sum = gradient } else { Vectors.add(gradient, to: &sum) }
    count += 1
  }

  /// The mean of the gradients gathered; the accumulator is empty afterwards.
  public mutating func takeMean() -> [Float] {
    precondition(count > 0, "no gradient has been added")
    var mean = sum
    if count > 1 { Vectors.scale(&mean, by: 1 / Float(count)) }
    sum = []
    count = 0
    return mean
  }
}
