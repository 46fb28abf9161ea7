/// Batch normalisation with scale and shift, and the rectifier after it where asked for.
struct BatchNormalization: Layer {
  /// Added to the variance, as PyTorch does.
  static let epsilon: Float = 1e-5
  /// The share of a new batch in the running statistics, PyTorch's default.
  static let momentum: Float = 0.1

  let input: Shape
  let hasReLU: Bool
  var output: Shape { input }
  var channels: Int { input.channels }

  init(_ input: Shape, relu: Bool = true) {
    self.input = input
    hasReLU = relu
  }

  var tensors: [ParameterTensor] {
    [
      ParameterTensor(name: "weight", shape: [channels], start: .constant(1)),
      ParameterTensor(name: "bias", shape: [channels], start: .constant(0)),
    ]
  }
  /// Mean and variance (two each), normalisation, scale and shift.
  var forwardFLOPs: Double { Double(8 * input.count) }
  /// Means of all channels, then variances.
  var statisticsCount: Int { 2 * channels }

  func operation(in setting: OperationSetting) -> any Operation {
    if let engine = setting.oneDNN { return OneDNNBatchNormalization(self, setting, engine) }
    return ReferenceBatchNormalization(self, setting)
  }
}

private final class OneDNNBatchNormalization: Operation {
  private let layer: BatchNormalization
  private let setting: OperationSetting
  private let plan: OneDNN.BatchNormalizationPlan
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private let statistics: FloatBuffer

  init(_ layer: BatchNormalization, _ setting: OperationSetting, _ engine: OneDNN) {
    self.layer = layer
    self.setting = setting
    plan = OneDNN.BatchNormalizationPlan(
      engine, layer, batch: setting.batch, trains: setting.mode == .training)
    output = FloatBuffer(count: setting.batch * layer.output.count)
    inputGradient = setting.inputGradient(for: layer)
    statistics = FloatBuffer(count: layer.statisticsCount)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    let isTraining = setting.mode == .training
    plan.forward(
      input, scaleAndShift: slots.parameters,
      statistics: isTraining ? statistics.floats : slots.statistics, to: output.floats)
    if isTraining { layer.report(statistics.floats, of: setting.batch, to: slots.statistics) }
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    precondition(!slots.accumulates, "batch normalisation sees its whole batch at once")
    plan.backward(
      outputGradient, scaleAndShift: slots.parameters, gradient: slots.gradient,
      statistics: statistics.floats, to: inputGradient.floats)
    return inputGradient.floats
  }
}

extension BatchNormalization {
  /// Hands out a batch's statistics with the unbiased variance that running averages use.
  func report(_ statistics: Floats, of batch: Int, to slot: Floats) {
    let samples = Float(batch * input.height * input.width)
    let correction = samples > 1 ? samples / (samples - 1) : 1
    for channel in 0..<channels {
      slot[channel] = statistics[channel]
      slot[channels + channel] = statistics[channels + channel] * correction
    }
  }
}
