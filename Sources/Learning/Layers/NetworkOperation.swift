/// A whole network at work: what reads the samples, and the layers above it.
final class NetworkOperation {
  private let input: any InputOperation
  /// The layer that reads the samples itself; nil where they are gathered as floats.
  private let reader: Dense?
  private let layers: LayerStackOperation

  init(_ network: LayerStack, hasBackground: Bool, _ setting: OperationSetting) {
    if hasBackground, setting.oneDNN != nil, let (first, rest) = network.denseStart,
      PixelDense.isWorthwhile(first, batch: setting.batch)
    {
      var above = setting
      above.needsInputGradient = true
      input = PixelDense(first, setting)
      reader = first
      layers = rest.operation(in: above)
    } else {
      input = GatheredInput(network.input, batch: setting.batch)
      reader = nil
      layers = network.operation(in: setting)
    }
  }

  func forward(_ samples: ArraySlice<Int32>, of dataset: Dataset, _ slots: Slots) -> Floats {
    layers.forward(input.forward(samples, of: dataset, slots), above(slots))
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) {
    input.backward(layers.backward(outputGradient, above(slots)), slots)
  }

  private func above(_ slots: Slots) -> Slots {
    reader.map { slots.advanced(past: $0) } ?? slots
  }
}

/// The bottom of a network at work: it reads samples as the data set holds them.
protocol InputOperation: AnyObject {
  /// What the layers above read, valid until the next call.
  ///
  /// Of fewer samples than a batch, the rows behind the last may be those of an earlier call.
  func forward(_ samples: ArraySlice<Int32>, of dataset: Dataset, _ slots: Slots) -> Floats
  /// Writes the gradient of its parameters, if it has any.
  func backward(_ outputGradient: Floats, _ slots: Slots)
}

/// Samples as floats, which any layer reads.
private final class GatheredInput: InputOperation {
  private let floats: FloatBuffer

  init(_ shape: Shape, batch: Int) { floats = FloatBuffer(count: batch * shape.count) }

  func forward(_ samples: ArraySlice<Int32>, of dataset: Dataset, _ slots: Slots) -> Floats {
    dataset.gather(samples, into: floats.floats)
    return floats.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) {}
}
