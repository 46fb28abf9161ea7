/// A convolution as its definition says, summed in double precision: the oracle of the tests.
final class ReferenceConvolution: Operation {
  private let layer: Convolution
  private let batch: Int
  private let needsInputGradient: Bool
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private var input: Floats?

  init(_ layer: Convolution, _ setting: OperationSetting) {
    self.layer = layer
    batch = setting.batch
    needsInputGradient = setting.needsInputGradient
    output = FloatBuffer(count: batch * layer.output.count)
    inputGradient = setting.inputGradient(for: layer)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    let channels = layer.output.channels
    forEachOutput { sample, row, column, channel, place in
      var sum = layer.hasBias ? Double(slots.parameters[layer.weightCount + channel]) : 0
      forEachTap(sample, row, column, channel) { value, weight in
        sum += Double(input[value]) * Double(slots.parameters[weight])
      }
      output.floats[place * channels + channel] = Float(sum)
    }
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let input else { preconditionFailure("backward follows a forward pass") }
    let channels = layer.output.channels
    var gradient = [Double](repeating: 0, count: layer.parameterCount)
    let below = inputGradient.floats
    if needsInputGradient { below.update(repeating: 0, count: batch * layer.input.count) }
    forEachOutput { sample, row, column, channel, place in
      let slope = outputGradient[place * channels + channel]
      if layer.hasBias { gradient[layer.weightCount + channel] += Double(slope) }
      forEachTap(sample, row, column, channel) { value, weight in
        gradient[weight] += Double(slope) * Double(input[value])
        if needsInputGradient { below[value] += slope * slots.parameters[weight] }
      }
    }
    slots.store(gradient)
    return below
  }

  private func forEachOutput(_ body: (Int, Int, Int, Int, Int) -> Void) {
    let shape = layer.output
    for sample in 0..<batch {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let place = (sample * shape.height + row) * shape.width + column
          for channel in 0..<shape.channels { body(sample, row, column, channel, place) }
        }
      }
    }
  }

  /// Calls `body` with the places of each input value and weight that meet in one output value.
  private func forEachTap(
    _ sample: Int, _ row: Int, _ column: Int, _ channel: Int, _ body: (Int, Int) -> Void
  ) {
    let (shape, k) = (layer.input, layer.kernel)
    let inputs = layer.isDepthwise ? 1 : shape.channels
    for i in 0..<k {
      let y = row * layer.stride + i - layer.padding
      guard y >= 0, y < shape.height else { continue }
      for j in 0..<k {
        let x = column * layer.stride + j - layer.padding
        guard x >= 0, x < shape.width else { continue }
        let place = ((sample * shape.height + y) * shape.width + x) * shape.channels
        for c in 0..<inputs {
          body(
            place + (layer.isDepthwise ? channel : c), ((channel * inputs + c) * k + i) * k + j)
        }
      }
    }
  }
}

/// A dense layer as its definition says.
final class ReferenceDense: Operation {
  private let layer: Dense
  private let batch: Int
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private var input: Floats?

  init(_ layer: Dense, _ setting: OperationSetting) {
    self.layer = layer
    batch = setting.batch
    output = FloatBuffer(count: batch * layer.output.count)
    inputGradient = FloatBuffer(count: batch * layer.input.count)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    let (inputs, outputs) = (layer.input.count, layer.output.count)
    for sample in 0..<batch {
      for row in 0..<outputs {
        var sum = Double(slots.parameters[layer.weightCount + row])
        for column in 0..<inputs {
          let weight = slots.parameters[row * inputs + column]
          sum += Double(weight) * Double(input[sample * inputs + column])
        }
        output.floats[sample * outputs + row] = Float(sum)
      }
    }
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let input else { preconditionFailure("backward follows a forward pass") }
    let (inputs, outputs) = (layer.input.count, layer.output.count)
    var gradient = [Double](repeating: 0, count: layer.parameterCount)
    inputGradient.floats.update(repeating: 0, count: batch * inputs)
    for sample in 0..<batch {
      for row in 0..<outputs {
        let slope = outputGradient[sample * outputs + row]
        gradient[layer.weightCount + row] += Double(slope)
        for column in 0..<inputs {
          let place = sample * inputs + column
          gradient[row * inputs + column] += Double(slope) * Double(input[place])
          inputGradient.floats[place] += slope * slots.parameters[row * inputs + column]
        }
      }
    }
    slots.store(gradient)
    return inputGradient.floats
  }
}

/// Max pooling as its definition says; of equal values the first one counts.
final class ReferenceMaxPooling: Operation {
  private let layer: MaxPooling
  private let batch: Int
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private var chosen: [Int] = []

  init(_ layer: MaxPooling, _ setting: OperationSetting) {
    self.layer = layer
    batch = setting.batch
    output = FloatBuffer(count: batch * layer.output.count)
    inputGradient = FloatBuffer(count: batch * layer.input.count)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    let (shape, from) = (layer.output, layer.input)
    chosen.removeAll(keepingCapacity: true)
    for sample in 0..<batch {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          for channel in 0..<shape.channels {
            var best = -1
            for i in 0..<layer.window {
              for j in 0..<layer.window {
                let y = (sample * from.height + row * layer.window + i) * from.width
                let place = (y + column * layer.window + j) * from.channels + channel
                if best < 0 || input[place] > input[best] { best = place }
              }
            }
            output.floats[chosen.count] = input[best]
            chosen.append(best)
          }
        }
      }
    }
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    inputGradient.floats.update(repeating: 0, count: inputGradient.count)
    for (i, place) in chosen.enumerated() { inputGradient.floats[place] += outputGradient[i] }
    return inputGradient.floats
  }
}

extension Slots {
  /// Puts a layer's gradient where it belongs.
  func store(_ values: [Double]) {
    for (i, value) in values.enumerated() {
      gradient[i] = (accumulates ? gradient[i] : 0) + Float(value)
    }
  }
}
