/// Turns an image into a vector, channel by channel: the order in which PyTorch flattens.
struct Flatten: Layer {
  let input: Shape
  var output: Shape { Shape(features: input.count) }
  var forwardFLOPs: Double { 0 }

  init(_ input: Shape) { self.input = input }

  func operation(in setting: OperationSetting) -> any Operation {
    FlattenOperation(self, setting)
  }
}

private final class FlattenOperation: Operation {
  private let channels: Int
  private let places: Int
  private let batch: Int
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer

  init(_ layer: Flatten, _ setting: OperationSetting) {
    channels = layer.input.channels
    places = layer.input.height * layer.input.width
    batch = setting.batch
    let isIdentity = channels == 1 || places == 1
    output = FloatBuffer(count: isIdentity ? 0 : batch * layer.input.count)
    inputGradient = isIdentity ? FloatBuffer() : setting.inputGradient(for: layer)
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    guard channels > 1, places > 1 else { return input }
    transpose(input, rows: places, columns: channels, to: output.floats)
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard channels > 1, places > 1, inputGradient.count > 0 else { return outputGradient }
    transpose(outputGradient, rows: channels, columns: places, to: inputGradient.floats)
    return inputGradient.floats
  }

  private func transpose(_ from: Floats, rows: Int, columns: Int, to: Floats) {
    for sample in 0..<batch {
      let (source, target) = (from + sample * rows * columns, to + sample * rows * columns)
      for row in 0..<rows {
        for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
      }
    }
  }
}
