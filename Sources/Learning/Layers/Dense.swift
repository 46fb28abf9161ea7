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
    setting.oneDNN == nil ? ReferenceDense(self, setting) : MatrixProducts(self, setting)
  }
}
