/// What time, memory and money models read of a model, trained or only priced.
public struct ModelCost: Sendable, Hashable {
  /// Trainable numbers.
  public var parameterCount: Int
  /// Tensors they form: some stores take one request each.
  public var tensorCount: Int
  /// Floating-point operations of the forward pass of one sample.
  public var forwardFLOPs: Double
  /// Floating-point operations of the backward pass of one sample.
  public var backwardFLOPs: Double
  /// Bytes of activations kept for one sample until its backward pass.
  public var activationBytes: Int

  /// A cost known from elsewhere.
  public init(
    parameterCount: Int, tensorCount: Int, forwardFLOPs: Double, backwardFLOPs: Double,
    activationBytes: Int
  ) {
    self.parameterCount = parameterCount
    self.tensorCount = tensorCount
    self.forwardFLOPs = forwardFLOPs
    self.backwardFLOPs = backwardFLOPs
    self.activationBytes = activationBytes
  }

  /// Bytes of one gradient, and of the parameters, in single precision.
  public var gradientBytes: Int { 4 * parameterCount }

  /// The cost of a network, computed from its layers.
  init(of network: LayerStack) {
    let tensors = network.layers.flatMap(\.tensors)
    // The first layer that learns hands no gradient down: it saves one of its two products.
    let first = network.layers.first { $0.parameterCount > 0 }
    let saved = first.map { $0.backwardFLOPs - $0.forwardFLOPs } ?? 0
    self.init(
      parameterCount: network.parameterCount, tensorCount: tensors.count,
      forwardFLOPs: network.layers.reduce(0) { $0 + $1.forwardFLOPs },
      backwardFLOPs: network.layers.reduce(-saved) { $0 + $1.backwardFLOPs },
      activationBytes: 4 * network.layers.reduce(network.input.count) { $0 + $1.activationCount })
  }
}
