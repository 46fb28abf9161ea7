/// Two branches from one input, added and rectified; an empty shortcut is the input itself.
struct Residual: Layer {
  let input: Shape
  let main: LayerStack
  let shortcut: LayerStack

  init(_ input: Shape, main: LayerStack, shortcut: LayerStack) {
    precondition(main.output == shortcut.output, "both branches end in the same shape")
    self.input = input
    self.main = main
    self.shortcut = shortcut
  }

  var output: Shape { main.output }
  private var inner: [any Layer] { main.layers + shortcut.layers }
  var tensors: [ParameterTensor] { inner.flatMap(\.tensors) }
  var parameterCount: Int { main.parameterCount + shortcut.parameterCount }
  var statisticsCount: Int { main.statisticsCount + shortcut.statisticsCount }
  var forwardFLOPs: Double {
    inner.reduce(Double(2 * output.count)) { $0 + $1.forwardFLOPs }
  }
  var backwardFLOPs: Double {
    inner.reduce(Double(2 * output.count)) { $0 + $1.backwardFLOPs }
  }
  var activationCount: Int { inner.reduce(output.count) { $0 + $1.activationCount } }

  func operation(in setting: OperationSetting) -> any Operation {
    ResidualOperation(self, setting)
  }
}

private final class ResidualOperation: Operation {
  private let layer: Residual
  private let batch: Int
  private let main: LayerStackOperation
  private let shortcut: LayerStackOperation
  private let output: FloatBuffer
  private let sumGradient: FloatBuffer

  init(_ layer: Residual, _ setting: OperationSetting) {
    self.layer = layer
    batch = setting.batch
    let isTraining = setting.mode == .training
    func branch(_ stack: LayerStack, _ index: Int) -> LayerStackOperation {
      stack.operation(
        in: OperationSetting(
          batch: setting.batch, mode: setting.mode, oneDNN: setting.oneDNN,
          needsInputGradient: true, gradients: setting.gradients.branch(index)))
    }
    main = branch(layer.main, 0)
    shortcut = branch(layer.shortcut, 1)
    output = FloatBuffer(count: batch * layer.output.count)
    sumGradient = setting.gradients.next(
      count: isTraining ? batch * layer.output.count : 0)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    let left = main.forward(input, slots)
    let right = shortcut.forward(input, shortcutSlots(slots))
    let sum = output.floats
    for i in 0..<batch * layer.output.count { sum[i] = max(left[i] + right[i], 0) }
    return sum
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    let (sum, gradient) = (output.floats, sumGradient.floats)
    for i in 0..<batch * layer.output.count {
      // Read whatever the sum is: without a branch the loop runs as vector code.
      let slope = outputGradient[i]
      gradient[i] = sum[i] > 0 ? slope : 0
    }
    let left = main.backward(gradient, slots)
    let right = shortcut.backward(gradient, shortcutSlots(slots))
    add(right, to: left, count: batch * layer.input.count)
    return left
  }

  private func shortcutSlots(_ slots: Slots) -> Slots {
    Slots(
      parameters: slots.parameters + layer.main.parameterCount,
      gradient: slots.gradient + layer.main.parameterCount,
      statistics: slots.statistics + layer.main.statisticsCount, accumulates: slots.accumulates)
  }
}
