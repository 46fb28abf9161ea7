/// The shape of one sample between two layers; values lie row by row, channels innermost.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// Values at each place.
  public let channels: Int

  /// An image of so many rows, columns and channels.
  public init(_ height: Int, _ width: Int, _ channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A plain vector.
  public init(features: Int) { self.init(1, 1, features) }

  /// The number of values of a sample.
  public var count: Int { height * width * channels }

  /// Rows, columns and channels.
  public var description: String { "\(height)x\(width)x\(channels)" }
}

/// One tensor of a layer's parameters, laid out as PyTorch lays out the same one.
struct ParameterTensor: Sendable {
  enum Start: Sendable {
    /// Uniform in plus or minus the bound.
    case uniform(bound: Float)
    case constant(Float)
  }

  let name: String
  let shape: [Int]
  let start: Start

  var count: Int { shape.reduce(1, *) }

  /// Uniform within sqrt(6 / inputs of one output), which keeps the variance of activations
  /// through ReLU layers (He et al., ICCV 2015, arXiv 1502.01852).
  static func weight(_ shape: [Int]) -> ParameterTensor {
    let inputs = shape.dropFirst().reduce(1, *)
    return ParameterTensor(
      name: "weight", shape: shape, start: .uniform(bound: (6 / Float(inputs)).squareRoot()))
  }

  /// A bias starts at zero.
  static func bias(_ count: Int) -> ParameterTensor {
    ParameterTensor(name: "bias", shape: [count], start: .constant(0))
  }
}

/// One layer of a network as a description: shapes, parameters and cost, but no storage.
protocol Layer: Sendable {
  var input: Shape { get }
  var output: Shape { get }
  /// The parameters, in the order they have in the flat buffer.
  var tensors: [ParameterTensor] { get }
  /// Floating-point operations of one sample's forward pass.
  var forwardFLOPs: Double { get }
  /// Floating-point operations of one sample's backward pass.
  var backwardFLOPs: Double { get }
  /// Floats kept for one sample until its backward pass.
  var activationCount: Int { get }
  /// Running statistics that evaluation reads: means and variances of batch normalisation.
  var statisticsCount: Int { get }
  /// The layer at work on batches of one size, in one mode, on one thread.
  func operation(in setting: OperationSetting) -> any Operation
}

extension Layer {
  var tensors: [ParameterTensor] { [] }
  var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
  var forwardFLOPs: Double { Double(output.count) }
  var backwardFLOPs: Double { forwardFLOPs }
  var activationCount: Int { output.count }
  var statisticsCount: Int { 0 }
}

/// What an operation is made for.
struct OperationSetting {
  enum Mode { case training, inference }

  let batch: Int
  let mode: Mode
  /// The oneDNN engine to use, or nil for the plain Swift layers.
  let oneDNN: OneDNN?
  /// Whether anything below learns: the first layer has no use for its input's gradient.
  var needsInputGradient: Bool
  let gradients: GradientBuffers

  /// The buffer for the gradient of a layer's input; empty where none is needed.
  ///
  /// A layer that works in place, or hands gradients on untouched, must not ask for one.
  func inputGradient(for layer: any Layer) -> FloatBuffer {
    guard mode == .training, needsInputGradient else { return FloatBuffer() }
    return gradients.next(count: batch * layer.input.count)
  }
}

/// A layer's own part of the flat buffers.
struct Slots {
  let parameters: UnsafePointer<Float>
  let gradient: Floats
  /// Batch normalisation writes its batch's statistics in training and reads running ones else.
  let statistics: Floats
  /// Whether gradients are added to those of earlier parts of the batch, or replace them.
  let accumulates: Bool

  func advanced(past layer: any Layer) -> Slots {
    Slots(
      parameters: parameters + layer.parameterCount, gradient: gradient + layer.parameterCount,
      statistics: statistics + layer.statisticsCount, accumulates: accumulates)
  }
}

/// A layer at work: it owns its activations and borrows parameters.
protocol Operation: AnyObject {
  /// The output, valid until the next call; the input must stay until `backward` has run.
  func forward(_ input: Floats, _ slots: Slots) -> Floats
  /// Writes the parameters' gradient and returns that of the input, where it is needed.
  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats
}
