internal import Cloud
public import Learning
internal import SimulationKernel

/// Makes one vector of several, and takes a worker's time and memory for it.
public struct Aggregator: Sendable {
  /// The rule; nil for the plain sum.
  public let rule: AggregationRule?

  /// Whether vectors can be added up as they come; other rules need all of them at once.
  public var isAdditive: Bool { rule == nil || rule == .mean }

  /// Samples on which a worker judges gradients (Zeno, section 5: four and more).
  private static let judgedSamples = 4

  /// An aggregator of a rule; nil for the plain sum.
  public init(_ rule: AggregationRule?) { self.rule = rule }

  /// Takes in a vector that has just come: a sum grows at once, the other rules keep it.
  public func take(bytes: Int, as worker: Worker) async throws {
    guard isAdditive else { return }
    worker.begin(.aggregate)
    try await worker.process(bytes: 3 * bytes)
  }

  /// Ends a collection of which every vector was taken in when it came.
  ///
  /// - Parameters:
  ///   - vectors: in rank order, which is the order of summation.
  ///   - bytes: the size of one of them in memory.
  ///   - minibatch: what the worker has at hand to judge gradients by.
  /// - Throws: `OutOfMemory` where all of them are needed at once and do not fit.
  public func finish(
    _ vectors: [[Float]], bytes: Int, on minibatch: Minibatch, as worker: Worker
  ) async throws -> [Float] {
    if isAdditive { return combined(vectors) }
    return try await aggregate(vectors, bytes: bytes, on: minibatch, as: worker)
  }

  /// Aggregates vectors that are all there; parameters as in `finish`.
  ///
  /// - Parameter known: what somebody else has made of the same vectors. It is computed once for
  ///   all, where it does not depend on the worker, but takes everybody's time.
  public func aggregate(
    _ vectors: [[Float]], bytes: Int, on minibatch: Minibatch, as worker: Worker,
    known: [Float]? = nil
  ) async throws -> [Float] {
    worker.begin(.aggregate)
    let held = isAdditive ? 0 : vectors.count * bytes
    try worker.allocate(bytes: held)
    defer { worker.free(bytes: held) }
    let work = (rule ?? .mean).workBytes(gradientBytes: bytes, workers: vectors.count)
    try await worker.process(bytes: work)
    guard let rule, rule.needsScores else { return known ?? combined(vectors) }
    let scores = try await scores(of: vectors, by: rule, on: minibatch, as: worker)
    return rule.aggregate(vectors, scores: scores)
  }

  /// What the vectors become; a time-only run has nothing to combine.
  func combined(_ vectors: [[Float]]) -> [Float] {
    if vectors.allSatisfy(\.isEmpty) { return [] }
    return rule?.aggregate(vectors) ?? Vectors.sum(vectors)
  }

  /// Zeno's scores, on the first samples of the minibatch that the worker has at hand.
  private func scores(
    of gradients: [[Float]], by rule: AggregationRule, on minibatch: Minibatch, as worker: Worker
  ) async throws -> [Double] {
    let samples = min(Self.judgedSamples, minibatch.count)
    try await worker.evaluate(samples: samples, times: gradients.count + 1)
    let parameters = worker.replica.parameters
    let judges = Array(minibatch.samples.prefix(samples))
    let rate = worker.job.configuration.optimizer.learningRate
    guard let loss = try worker.loss(at: parameters, on: judges) else {
      return [Double](repeating: 0, count: gradients.count)
    }
    return try gradients.map { gradient in
      var moved = parameters
      Vectors.add(gradient, to: &moved, scaledBy: -rate)
      let movedLoss = try worker.loss(at: moved, on: judges) ?? loss
      return rule.score(of: gradient, loss: loss, movedLoss: movedLoss)
    }
  }
}
