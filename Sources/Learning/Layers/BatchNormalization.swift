internal import CVectors

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
    setting.oneDNN == nil
      ? ReferenceBatchNormalization(self, setting) : VectorBatchNormalization(self, setting)
  }
}

/// Batch normalisation by kernels of this project, which read their input twice forward and twice
/// back; what the rectifier lets through is computed again and not kept.
private final class VectorBatchNormalization: Operation {
  private let layer: BatchNormalization
  private let setting: OperationSetting
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private let statistics: FloatBuffer
  /// Of each channel the scale over the deviation, and how its gradients fall with the values.
  private let scales, steepness, offsets: FloatBuffer
  private var input: Floats?

  private var channels: Int { layer.channels }
  private var rows: Int { setting.batch * layer.input.height * layer.input.width }

  init(_ layer: BatchNormalization, _ setting: OperationSetting) {
    self.layer = layer
    self.setting = setting
    output = FloatBuffer(count: setting.batch * layer.output.count)
    inputGradient = setting.inputGradient(for: layer)
    statistics = FloatBuffer(count: layer.statisticsCount)
    scales = FloatBuffer(count: layer.channels)
    steepness = FloatBuffer(count: layer.channels)
    offsets = FloatBuffer(count: layer.channels)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    if setting.mode == .training {
      normalize_measure(input, rows, channels, statistics.floats, statistics.floats + channels)
      layer.report(statistics.floats, of: setting.batch, to: slots.statistics)
    } else {
      statistics.floats.update(from: slots.statistics, count: layer.statisticsCount)
    }
    for channel in 0..<channels {
      scales.floats[channel] = slots.parameters[channel] * inverseDeviation(channel)
    }
    normalize_forward(input, rows, channels, normalization(slots), output.floats)
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    precondition(!slots.accumulates, "batch normalisation sees its whole batch at once")
    guard let input else { preconditionFailure("backward follows a forward pass") }
    let (products, slopes) = (slots.gradient, slots.gradient + channels)
    normalize_sum_slopes(
      input, outputGradient, rows, channels, normalization(slots), products, slopes)
    for channel in 0..<channels {
      let inverse = inverseDeviation(channel)
      products[channel] *= inverse
      let share = -scales.floats[channel] / Float(rows)
      steepness.floats[channel] = share * products[channel] * inverse
      offsets.floats[channel] = share * slopes[channel]
    }
    normalize_backward(
      input, outputGradient, rows, channels, normalization(slots), steepness.floats,
      offsets.floats, inputGradient.floats)
    return inputGradient.floats
  }

  private func normalization(_ slots: Slots) -> CVectors.normalization {
    CVectors.normalization(
      means: statistics.floats, scales: scales.floats, shifts: slots.parameters + channels,
      rectifies: layer.hasReLU)
  }

  private func inverseDeviation(_ channel: Int) -> Float {
    let variance = statistics.floats[channels + channel]
    return 1 / (variance + BatchNormalization.epsilon).squareRoot()
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
