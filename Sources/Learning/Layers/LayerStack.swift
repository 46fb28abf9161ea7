/// Layers one after the other.
struct LayerStack: Sendable {
  let input: Shape
  private(set) var layers: [any Layer] = []

  init(_ input: Shape) { self.input = input }

  var output: Shape { layers.last?.output ?? input }
  var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
  var statisticsCount: Int { layers.reduce(0) { $0 + $1.statisticsCount } }

  /// The same layers and one more, made for the shape that arrives there.
  func then(_ layer: (Shape) -> any Layer) -> LayerStack {
    var longer = self
    longer.layers.append(layer(output))
    return longer
  }

  /// The dense layer that reads samples of one channel as they are, and the layers after it.
  var denseStart: (first: Dense, rest: LayerStack)? {
    let own = layers.drop { $0 is Flatten }
    guard input.channels == 1, let first = own.first as? Dense else { return nil }
    var rest = LayerStack(first.output)
    rest.layers += own.dropFirst()
    return (first, rest)
  }

  func operation(in setting: OperationSetting) -> LayerStackOperation {
    LayerStackOperation(self, setting)
  }
}

/// A sequence at work.
final class LayerStackOperation {
  private let steps: [(layer: any Layer, operation: any Operation)]

  init(_ stack: LayerStack, _ setting: OperationSetting) {
    var steps: [(any Layer, any Operation)] = []
    var own = setting
    for layer in stack.layers {
      steps.append((layer, layer.operation(in: own)))
      // In front of the first parameters no gradient is needed.
      own.needsInputGradient = own.needsInputGradient || layer.parameterCount > 0
    }
    self.steps = steps
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    var value = input
    var slots = slots
    for (layer, operation) in steps {
      value = operation.forward(value, slots)
      slots = slots.advanced(past: layer)
    }
    return value
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    var places: [Slots] = []
    var next = slots
    for (layer, _) in steps {
      places.append(next)
      next = next.advanced(past: layer)
    }
    var value = outputGradient
    for (step, place) in zip(steps, places).reversed() {
      value = step.operation.backward(value, place)
    }
    return value
  }
}
