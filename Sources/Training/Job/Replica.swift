internal import Learning

/// One worker's copy of the model, with the state of its optimizer.
public final class Replica {
  /// The parameters, as one flat buffer; empty in a time-only run.
  public var parameters: [Float]
  /// Running statistics of batch norm; empty without it.
  public var statistics: [Float]
  /// How many updates were applied.
  public private(set) var updates = 0

  private let model: Model?
  private var optimizer: Optimizer

  /// The replica with which every worker begins.
  public init(_ configuration: TrainingConfiguration) {
    let subject = configuration.subject
    model = subject?.model
    parameters =
      subject?.start?.parameters
      ?? subject?.model.initialParameters(seed: configuration.seed) ?? []
    statistics = subject?.start?.statistics ?? subject?.model.initialStatistics ?? []
    optimizer = Optimizer(
      configuration.optimizer, parameterCount: parameters.count, schedule: configuration.schedule,
      clipping: configuration.clipping)
  }

  /// Applies one optimizer step for `gradient`.
  public func update(with gradient: [Float]) {
    optimizer.update(&parameters, with: gradient)
    updates += 1
  }

  /// The optimizer's step for `gradient`, which is not applied.
  public func step(for gradient: [Float]) -> [Float] {
    updates += 1
    return optimizer.step(for: gradient, at: parameters)
  }

  /// Becomes a copy of another replica, its optimizer's state included.
  func adopt(_ other: Replica) {
    (parameters, statistics) = (other.parameters, other.statistics)
    (optimizer, updates) = (other.optimizer, other.updates)
  }

  /// Takes over what another replica had after so many updates.
  public func adopt(_ parameters: [Float], updates: Int) {
    self.parameters = parameters
    self.updates = updates
  }

  /// Takes the statistics of a minibatch into the running ones.
  public func absorb(_ batchStatistics: [Float]) {
    if !batchStatistics.isEmpty { model?.absorb(batchStatistics, into: &statistics) }
  }
}

extension OptimizerKind {
  /// Vectors of state beside the parameters: none, the momentum, or Adam's two moments.
  var stateVectors: Int {
    switch self {
    case .sgd(_, let momentum, _, _): momentum == 0 ? 0 : 1
    case .adam: 2
    }
  }
}
