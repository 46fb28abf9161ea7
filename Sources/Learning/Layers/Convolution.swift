internal import CVectors

/// A two-dimensional convolution with square windows; depthwise when each channel has its own.
struct Convolution: Layer {
  let input: Shape
  let output: Shape
  let kernel: Int
  let stride: Int
  let padding: Int
  let hasBias: Bool
  let isDepthwise: Bool

  init(
    _ input: Shape, to channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    bias: Bool = false, depthwise: Bool = false
  ) {
    precondition(!depthwise || channels == input.channels, "a depthwise filter keeps the channels")
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    hasBias = bias
    isDepthwise = depthwise
    output = Shape(
      (input.height + 2 * padding - kernel) / stride + 1,
      (input.width + 2 * padding - kernel) / stride + 1, channels)
  }

  /// Inputs of one output value.
  var fanIn: Int { kernel * kernel * (isDepthwise ? 1 : input.channels) }
  var weightCount: Int { output.channels * fanIn }
  /// Whether each output is made of the channels at its own place, and of nothing else.
  var isPointwise: Bool { kernel == 1 && stride == 1 && padding == 0 && !isDepthwise }

  var tensors: [ParameterTensor] {
    let channels = isDepthwise ? 1 : input.channels
    let weight = ParameterTensor.weight([output.channels, channels, kernel, kernel])
    return hasBias ? [weight, .bias(output.channels)] : [weight]
  }

  var forwardFLOPs: Double { Double(2 * fanIn * output.count) }
  var backwardFLOPs: Double { 2 * forwardFLOPs }

  func operation(in setting: OperationSetting) -> any Operation {
    guard let engine = setting.oneDNN else { return ReferenceConvolution(self, setting) }
    if WinogradConvolution.isWorthwhile(self, batch: setting.batch) {
      return WinogradConvolution(self, setting, engine)
    }
    return isPointwise ? MatrixProducts(self, setting) : OneDNNConvolution(self, setting, engine)
  }
}

/// A convolution by oneDNN: its weights are reordered from the flat buffer to the library's layout.
private final class OneDNNConvolution: Operation {
  private let layer: Convolution
  private let plan: OneDNN.ConvolutionPlan
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private let partial: FloatBuffer
  /// What the kernel of this project reads that sums the windows' gradient in the library's place.
  private let depthwise: depthwise_shape?
  private let batch: Int
  private var input: Floats?

  init(_ layer: Convolution, _ setting: OperationSetting, _ engine: OneDNN) {
    self.layer = layer
    batch = setting.batch
    depthwise = layer.smallDepthwiseShape
    plan = OneDNN.ConvolutionPlan(
      engine, layer, batch: setting.batch, trains: setting.mode == .training,
      needsWeightsGradient: depthwise == nil, needsInputGradient: setting.needsInputGradient)
    output = FloatBuffer(count: setting.batch * layer.output.count)
    inputGradient = setting.inputGradient(for: layer)
    partial = FloatBuffer(count: setting.mode == .training ? layer.parameterCount : 0)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    plan.forward(
      input, weights: slots.parameters, bias: slots.parameters + layer.weightCount,
      to: output.floats)
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    plan.read(outputGradient)
    if let depthwise {
      guard let input else { preconditionFailure("backward follows a forward pass") }
      vectors_depthwise_gradient(
        input, outputGradient, batch, depthwise, slots.accumulates, slots.gradient)
    } else {
      sumWeights(slots)
    }
    plan.backwardInput(to: inputGradient.floats)
    return inputGradient.floats
  }

  private func sumWeights(_ slots: Slots) {
    let target = slots.accumulates ? partial.floats : slots.gradient
    plan.backwardWeights(to: target, bias: target + layer.weightCount)
    if slots.accumulates { add(target, to: slots.gradient, count: layer.parameterCount) }
  }
}

extension Convolution {
  /// The shape of a depthwise filter whose windows' gradient oneDNN is slow to sum, or nil.
  ///
  /// Up to four columns it takes twice as long as this project, and sixty times where a window is
  /// larger than an image: there it makes matrices.
  var smallDepthwiseShape: depthwise_shape? {
    guard isDepthwise, kernel == 3, padding == 1, !hasBias, output.width <= 4 else { return nil }
    return depthwise_shape(
      channels: input.channels, height: input.height, width: input.width, rows: output.height,
      columns: output.width, stride: stride)
  }

  /// Steps and padding before and after, each for rows and columns; windows reach no further.
  var geometry: (stride: [Int64], before: [Int64], after: [Int64]) {
    func after(_ size: Int, _ outputs: Int) -> Int64 {
      Int64((outputs - 1) * stride + kernel - size - padding)
    }
    return (
      [Int64(stride), Int64(stride)], [Int64(padding), Int64(padding)],
      [after(input.height, output.height), after(input.width, output.width)]
    )
  }
}
