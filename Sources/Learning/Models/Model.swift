/// A model to train: immutable, the same for every worker.
public struct Model: Sendable {
  /// The name, as in the catalog.
  public let name: String
  /// The shape of one sample.
  public let inputShape: Shape
  /// The number of classes; 0 where the target is a number.
  public let classCount: Int
  /// What time, memory and money models read.
  public let cost: ModelCost

  let architecture: Architecture

  /// What computes.
  enum Architecture: Sendable {
    /// Layers; batches are worked on in parts of `part` samples where that is faster.
    case network(LayerStack, Loss, part: Int?)
    /// Sample by sample.
    case pointwise(any PointwiseModel)
    /// By PyTorch, in a process of its own.
    case external(ExternalArchitecture)
  }

  /// A network and its cost.
  init(_ name: String, _ network: LayerStack, loss: Loss = .crossEntropy, part: Int? = nil) {
    self.name = name
    inputShape = network.input
    classCount = network.output.count
    cost = ModelCost(of: network)
    architecture = .network(network, loss, part: part)
  }

  /// A model without layers, of which each sample touches `touched` parameters.
  init(_ name: String, _ pointwise: any PointwiseModel, dataset: Dataset, touched: Double) {
    self.name = name
    inputShape = dataset.shape
    classCount = dataset.classCount
    let tensors = pointwise.tensors
    cost = ModelCost(
      parameterCount: tensors.reduce(0) { $0 + $1.count }, tensorCount: tensors.count,
      forwardFLOPs: 2 * touched, backwardFLOPs: 2 * touched, activationBytes: Int(8 * touched))
    architecture = .pointwise(pointwise)
  }

  /// A model of the user's own.
  init(external: ExternalArchitecture, cost: ModelCost) {
    name = external.model.className
    inputShape = external.shape
    classCount = external.classCount
    self.cost = cost
    architecture = .external(external)
  }

  /// The tensors that make up the flat buffer, in order; those of a user's own model are its own.
  var tensors: [ParameterTensor] {
    switch architecture {
    case .network(let network, _, _): network.layers.flatMap(\.tensors)
    case .pointwise(let model): model.tensors
    case .external: []
    }
  }

  /// Trainable numbers.
  public var parameterCount: Int { cost.parameterCount }

  /// Tells two models apart that share a name.
  var identity: String {
    let shape = "\(name)/\(inputShape)/\(classCount)/\(parameterCount)"
    guard case .external(let external) = architecture else { return shape }
    return "\(shape)/\(external.model.file)"
  }

  /// The start of training: seeded, and the same for every worker.
  public func initialParameters(seed: UInt64) -> [Float] {
    if case .external(let external) = architecture { return external.parameters }
    var random = SeededRandom(seed: seed, purpose: "parameters")
    return tensors.flatMap { tensor in
      (0..<tensor.count).map { _ in
        switch tensor.start {
        case .uniform(let bound): random.signedUnit() * bound
        case .constant(let value): value
        }
      }
    }
  }

  /// Running statistics before training: mean 0 and variance 1; empty without batch norm.
  public var initialStatistics: [Float] {
    switch architecture {
    case .network(let network, _, _): network.layers.flatMap(\.initialStatistics)
    case .pointwise: []
    case .external(let external): external.statistics
    }
  }

  /// Moves running statistics towards those of one batch, as PyTorch does.
  public func absorb(_ batchStatistics: [Float], into statistics: inout [Float]) {
    precondition(batchStatistics.count == statistics.count, "statistics of another model")
    let share = BatchNormalization.momentum
    for i in 0..<statistics.count {
      statistics[i] = (1 - share) * statistics[i] + share * batchStatistics[i]
    }
  }
}

extension Layer {
  /// Mean 0 and variance 1 of each channel.
  var initialStatistics: [Float] {
    if let residual = self as? Residual {
      return (residual.main.layers + residual.shortcut.layers).flatMap(\.initialStatistics)
    }
    let half = statisticsCount / 2
    return [Float](repeating: 0, count: half) + [Float](repeating: 1, count: half)
  }
}
