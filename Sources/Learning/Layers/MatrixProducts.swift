internal import CVectors

/// A dense layer as three matrix products: Y = X Wᵀ + b, dW = dYᵀ X, dX = dY W.
///
/// A convolution with windows of one place is a dense layer at each place of its images.
final class MatrixProducts: Operation {
  /// Up to so many outputs, the library's product is less than half as fast as it could be.
  private static let narrow = 16

  private let rows: Int
  private let inputs: Int
  private let outputs: Int
  private let hasBias: Bool
  private let needsInputGradient: Bool
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private var input: Floats?

  private var weightCount: Int { inputs * outputs }

  convenience init(_ layer: Dense, _ setting: OperationSetting) {
    self.init(
      layer, setting, rows: setting.batch, inputs: layer.input.count,
      outputs: layer.output.count, hasBias: true)
  }

  convenience init(_ layer: Convolution, _ setting: OperationSetting) {
    precondition(layer.isPointwise, "these windows have more than one place")
    self.init(
      layer, setting, rows: setting.batch * layer.input.height * layer.input.width,
      inputs: layer.input.channels, outputs: layer.output.channels, hasBias: layer.hasBias)
  }

  private init(
    _ layer: any Layer, _ setting: OperationSetting, rows: Int, inputs: Int, outputs: Int,
    hasBias: Bool
  ) {
    self.rows = rows
    self.inputs = inputs
    self.outputs = outputs
    self.hasBias = hasBias
    needsInputGradient = setting.needsInputGradient
    output = FloatBuffer(count: rows * outputs)
    inputGradient = setting.inputGradient(for: layer)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    let bias = slots.parameters + weightCount
    if hasBias && outputs <= MatrixProducts.narrow {
      vectors_multiply_narrow(
        input, rows, inputs, slots.parameters, outputs, bias, output.floats)
      return output.floats
    }
    if hasBias {
      for row in 0..<rows { (output.floats + row * outputs).update(from: bias, count: outputs) }
    }
    OneDNN.multiply(
      rows: rows, columns: outputs, inner: inputs, Matrix(input, stride: inputs),
      Matrix(slots.parameters, stride: inputs, isTransposed: true), into: output.floats,
      accumulates: hasBias)
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let input else { preconditionFailure("backward follows a forward pass") }
    OneDNN.multiply(
      rows: outputs, columns: inputs, inner: rows,
      Matrix(outputGradient, stride: outputs, isTransposed: true), Matrix(input, stride: inputs),
      into: slots.gradient, accumulates: slots.accumulates)
    if hasBias { sumRows(of: outputGradient, to: slots.gradient + weightCount, slots.accumulates) }
    guard needsInputGradient else { return outputGradient }
    OneDNN.multiply(
      rows: rows, columns: inputs, inner: outputs, Matrix(outputGradient, stride: outputs),
      Matrix(slots.parameters, stride: inputs), into: inputGradient.floats, accumulates: false)
    return inputGradient.floats
  }

  private func sumRows(of outputGradient: Floats, to bias: Floats, _ accumulates: Bool) {
    if !accumulates { bias.update(repeating: 0, count: outputs) }
    for row in 0..<rows { add(outputGradient + row * outputs, to: bias, count: outputs) }
  }
}
