/// Batch normalisation as its definition says, summed in double precision.
final class ReferenceBatchNormalization: Operation {
  private let layer: BatchNormalization
  private let setting: OperationSetting
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private let statistics: FloatBuffer
  private var input: Floats?

  private var rows: Int { setting.batch * layer.input.height * layer.input.width }

  init(_ layer: BatchNormalization, _ setting: OperationSetting) {
    self.layer = layer
    self.setting = setting
    output = FloatBuffer(count: setting.batch * layer.output.count)
    inputGradient = FloatBuffer(count: setting.batch * layer.input.count)
    statistics = FloatBuffer(count: layer.statisticsCount)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    if setting.mode == .training {
      measure(input)
      layer.report(statistics.floats, of: setting.batch, to: slots.statistics)
    } else {
      statistics.floats.update(from: slots.statistics, count: layer.statisticsCount)
    }
    let channels = layer.channels
    for channel in 0..<channels {
      let (scale, shift) = (slots.parameters[channel], slots.parameters[channels + channel])
      for row in 0..<rows {
        let value = scale * normalized(input[row * channels + channel], channel) + shift
        output.floats[row * channels + channel] = layer.hasReLU ? max(value, 0) : value
      }
    }
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let input else { preconditionFailure("backward follows a forward pass") }
    let channels = layer.channels
    if layer.hasReLU {
      for i in 0..<rows * channels where output.floats[i] <= 0 { outputGradient[i] = 0 }
    }
    var gradient = [Double](repeating: 0, count: 2 * channels)
    for channel in 0..<channels {
      for row in 0..<rows {
        let place = row * channels + channel
        gradient[channel] +=
          Double(outputGradient[place]) * Double(normalized(input[place], channel))
        gradient[channels + channel] += Double(outputGradient[place])
      }
      let meanSlope = Float(gradient[channels + channel] / Double(rows))
      let meanProduct = Float(gradient[channel] / Double(rows))
      let factor = slots.parameters[channel] * inverseDeviation(channel)
      for row in 0..<rows {
        let place = row * channels + channel
        let projected = normalized(input[place], channel) * meanProduct
        inputGradient.floats[place] = factor * (outputGradient[place] - meanSlope - projected)
      }
    }
    slots.store(gradient)
    return inputGradient.floats
  }

  private func measure(_ input: Floats) {
    let channels = layer.channels
    for channel in 0..<channels {
      var sum = 0.0
      for row in 0..<rows { sum += Double(input[row * channels + channel]) }
      let mean = sum / Double(rows)
      var squares = 0.0
      for row in 0..<rows {
        let distance = Double(input[row * channels + channel]) - mean
        squares += distance * distance
      }
      statistics.floats[channel] = Float(mean)
      statistics.floats[channels + channel] = Float(squares / Double(rows))
    }
  }

  private func inverseDeviation(_ channel: Int) -> Float {
    let variance = statistics.floats[layer.channels + channel]
    return 1 / (variance + BatchNormalization.epsilon).squareRoot()
  }

  private func normalized(_ value: Float, _ channel: Int) -> Float {
    (value - statistics.floats[channel]) * inverseDeviation(channel)
  }
}
