internal import CVectors

/// A fully connected layer; its input is a vector.
struct Dense: Layer {
  let input: Shape
  let output: Shape

  init(_ input: Shape, to outputs: Int) {
    self.input = input
    output = Shape(features: outputs)
  }

  var weightCount: Int { input.count * output.count }
  var tensors: [ParameterTensor] {
    [.weight([output.count, input.count]), .bias(output.count)]
  }
  var forwardFLOPs: Double { Double(2 * weightCount) }
  var backwardFLOPs: Double { 2 * forwardFLOPs }

  func operation(in setting: OperationSetting) -> any Operation {
    setting.oneDNN == nil ? ReferenceDense(self, setting) : OneDNNDense(self, setting)
  }
}

/// A dense layer as three matrix products: Y = X Wᵀ + b, dW = dYᵀ X, dX = dY W.
private final class OneDNNDense: Operation {
  /// Up to so many outputs, the library's product is less than half as fast as it could be.
  private static let narrow = 16

  private let layer: Dense
  private let batch: Int
  private let needsInputGradient: Bool
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private var input: Floats?

  init(_ layer: Dense, _ setting: OperationSetting) {
    self.layer = layer
    batch = setting.batch
    needsInputGradient = setting.needsInputGradient
    output = FloatBuffer(count: batch * layer.output.count)
    inputGradient = setting.inputGradient(for: layer)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    let (inputs, outputs) = (layer.input.count, layer.output.count)
    let bias = slots.parameters + layer.weightCount
    guard outputs > OneDNNDense.narrow else {
      vectors_multiply_narrow(
        input, batch, inputs, slots.parameters, outputs, bias, output.floats)
      return output.floats
    }
    for row in 0..<batch { (output.floats + row * outputs).update(from: bias, count: outputs) }
    OneDNN.multiply(
      rows: batch, columns: outputs, inner: inputs, Matrix(input, stride: inputs),
      Matrix(slots.parameters, stride: inputs, isTransposed: true), addingTo: output.floats)
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let input else { preconditionFailure("backward follows a forward pass") }
    let (inputs, outputs) = (layer.input.count, layer.output.count)
    OneDNN.multiply(
      rows: outputs, columns: inputs, inner: batch,
      Matrix(outputGradient, stride: outputs, isTransposed: true), Matrix(input, stride: inputs),
      into: slots.gradient, accumulates: slots.accumulates)
    let bias = slots.gradient + layer.weightCount
    if !slots.accumulates { bias.update(repeating: 0, count: outputs) }
    for row in 0..<batch { add(outputGradient + row * outputs, to: bias, count: outputs) }
    guard needsInputGradient else { return outputGradient }
    OneDNN.multiply(
      rows: batch, columns: inputs, inner: outputs, Matrix(outputGradient, stride: outputs),
      Matrix(slots.parameters, stride: inputs), into: inputGradient.floats, accumulates: false)
    return inputGradient.floats
  }
}
