/// The rectifier max(x, 0), in place.
struct ReLU: Layer {
  let input: Shape
  var output: Shape { input }
  /// It overwrites the values below it and keeps nothing of its own.
  var activationCount: Int { 0 }

  init(_ input: Shape) { self.input = input }

  func operation(in setting: OperationSetting) -> any Operation {
    if let engine = setting.oneDNN { return OneDNNReLU(self, setting, engine) }
    return ReferenceReLU(count: setting.batch * input.count)
  }
}

/// The rectifier by oneDNN; its backward pass needs only the output.
private final class OneDNNReLU: Operation {
  private let plan: OneDNN.ReLUPlan
  private var output: Floats?

  init(_ layer: ReLU, _ setting: OperationSetting, _ engine: OneDNN) {
    plan = OneDNN.ReLUPlan(
      engine, rows: setting.batch, columns: layer.input.count, trains: setting.mode == .training)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    plan.forward(input)
    output = input
    return input
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let output else { preconditionFailure("backward follows a forward pass") }
    plan.backward(outputGradient, output: output)
    return outputGradient
  }
}

/// The rectifier in plain Swift.
final class ReferenceReLU: Operation {
  private let count: Int
  private var output: Floats?

  init(count: Int) { self.count = count }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    for i in 0..<count { input[i] = max(input[i], 0) }
    output = input
    return input
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let output else { preconditionFailure("backward follows a forward pass") }
    for i in 0..<count where output[i] <= 0 { outputGradient[i] = 0 }
    return outputGradient
  }
}
