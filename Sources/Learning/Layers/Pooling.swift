/// The maximum of each square window; windows do not overlap.
struct MaxPooling: Layer {
  let input: Shape
  let output: Shape
  let window: Int
  var forwardFLOPs: Double { Double(window * window * output.count) }

  init(_ input: Shape, window: Int = 2) {
    self.input = input
    self.window = window
    output = Shape(input.height / window, input.width / window, input.channels)
  }

  func operation(in setting: OperationSetting) -> any Operation {
    if let engine = setting.oneDNN { return OneDNNMaxPooling(self, setting, engine) }
    return ReferenceMaxPooling(self, setting)
  }
}

private final class OneDNNMaxPooling: Operation {
  private let plan: OneDNN.PoolingPlan
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer

  init(_ layer: MaxPooling, _ setting: OperationSetting, _ engine: OneDNN) {
    plan = OneDNN.PoolingPlan(
      engine, layer, batch: setting.batch, trains: setting.mode == .training)
    output = FloatBuffer(count: setting.batch * layer.output.count)
    inputGradient = setting.inputGradient(for: layer)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    plan.forward(input, to: output.floats)
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    plan.backward(outputGradient, to: inputGradient.floats)
    return inputGradient.floats
  }
}

/// The mean of each channel over the whole image.
struct GlobalAverage: Layer {
  let input: Shape
  var output: Shape { Shape(features: input.channels) }
  var forwardFLOPs: Double { Double(input.count) }

  init(_ input: Shape) { self.input = input }

  func operation(in setting: OperationSetting) -> any Operation {
    GlobalAverageOperation(self, setting)
  }
}

/// Simple enough to be the same for both backends.
private final class GlobalAverageOperation: Operation {
  private let places: Int
  private let channels: Int
  private let batch: Int
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer

  init(_ layer: GlobalAverage, _ setting: OperationSetting) {
    places = layer.input.height * layer.input.width
    channels = layer.input.channels
    batch = setting.batch
    output = FloatBuffer(count: batch * channels)
    inputGradient = setting.inputGradient(for: layer)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    let scale = 1 / Float(places)
    output.floats.update(repeating: 0, count: batch * channels)
    for sample in 0..<batch {
      let means = output.floats + sample * channels
      for place in 0..<places {
        add(input + (sample * places + place) * channels, to: means, count: channels)
      }
      for channel in 0..<channels { means[channel] *= scale }
    }
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    let scale = 1 / Float(places)
    for sample in 0..<batch {
      let source = outputGradient + sample * channels
      for place in 0..<places {
        let target = inputGradient.floats + (sample * places + place) * channels
        for channel in 0..<channels { target[channel] = source[channel] * scale }
      }
    }
    return inputGradient.floats
  }
}
