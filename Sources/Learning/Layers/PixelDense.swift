internal import CVectors

/// A dense layer at the bottom of a network, on grey images of which much is background: byte 0.
///
/// A pixel is shift + factor * byte. With V for the factors times bytes, which are zero in the
/// background, X is V + shift, so that Y = V Wᵀ + (b + shift * sums of the rows of W) and
/// dW = dYᵀ V + shift * sums of the columns of dY: the products leave the background out.
final class PixelDense: InputOperation {
  private let layer: Dense
  private let batch: Int
  /// A sample a row.
  private let pixels: NonzeroBytes
  /// A place in the image a row.
  private let transposed: NonzeroBytes
  /// Columns of the other factor, and of the weights' gradient: `vectors_panel` at a time.
  private let panel: FloatBuffer
  private let outputPanel: FloatBuffer
  private let sums = FloatBuffer(count: vectors_panel)
  private let output: FloatBuffer
  /// What a byte stands for, but for the shift.
  private var values = [Float](repeating: 0, count: 256)
  private var shift: Float = 0

  /// Whether the products take longer than what prepares them; outputs must fill their panels.
  static func isWorthwhile(_ layer: Dense, batch: Int) -> Bool {
    batch >= 64 && layer.output.count % vectors_panel == 0
  }

  init(_ layer: Dense, _ setting: OperationSetting) {
    self.layer = layer
    batch = setting.batch
    pixels = NonzeroBytes(rows: batch, columns: layer.input.count)
    let trains = setting.mode == .training
    transposed = NonzeroBytes(rows: trains ? layer.input.count : 0, columns: batch)
    panel = FloatBuffer(count: layer.input.count * vectors_panel)
    outputPanel = FloatBuffer(count: trains ? batch * vectors_panel : 0)
    output = FloatBuffer(count: batch * layer.output.count)
  }

  func forward(_ samples: ArraySlice<Int32>, of dataset: Dataset, _ slots: Slots) -> Floats {
    read(samples, of: dataset)
    let (inputs, outputs) = (layer.input.count, layer.output.count)
    for first in stride(from: 0, to: outputs, by: vectors_panel) {
      vectors_transpose(slots.parameters + first * inputs, vectors_panel, inputs, panel.floats)
      let start = sumRows(of: panel.floats, count: inputs)
      let bias = slots.parameters + layer.weightCount + first
      for i in 0..<vectors_panel { start[i] = bias[i] + shift * start[i] }
      let target = output.floats + first
      for row in 0..<batch { (target + row * outputs).update(from: start, count: vectors_panel) }
      pixels.multiply(by: panel.floats, values: values, addingTo: target, stride: outputs)
    }
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) {
    let (inputs, outputs) = (layer.input.count, layer.output.count)
    transposed.fill { vectors_transpose_bytes(pixels.bytes, batch, inputs, $0) }
    for first in stride(from: 0, to: outputs, by: vectors_panel) {
      for row in 0..<batch {
        (outputPanel.floats + row * vectors_panel)
          .update(from: outputGradient + row * outputs + first, count: vectors_panel)
      }
      let start = sumRows(of: outputPanel.floats, count: batch)
      let bias = slots.gradient + layer.weightCount + first
      if !slots.accumulates { bias.update(repeating: 0, count: vectors_panel) }
      add(start, to: bias, count: vectors_panel)
      for i in 0..<vectors_panel { start[i] *= shift }
      let gradient = slots.gradient + first * inputs
      if slots.accumulates {
        vectors_transpose(gradient, vectors_panel, inputs, panel.floats)
      } else {
        panel.floats.update(repeating: 0, count: inputs * vectors_panel)
      }
      for row in 0..<inputs {
        add(start, to: panel.floats + row * vectors_panel, count: vectors_panel)
      }
      transposed.multiply(
        by: outputPanel.floats, values: values, addingTo: panel.floats, stride: vectors_panel)
      vectors_transpose(panel.floats, inputs, vectors_panel, gradient)
    }
  }

  private func read(_ samples: ArraySlice<Int32>, of dataset: Dataset) {
    guard case .bytes(let bytes, let scale) = dataset.features else {
      preconditionFailure("only bytes have a background")
    }
    shift = scale.shifts[0]
    for byte in 0..<256 { values[byte] = Float(byte) * scale.factors[0] }
    let count = layer.input.count
    pixels.fill { target in
      bytes.withUnsafeBufferPointer { bytes in
        guard let source = bytes.baseAddress else { return }
        for (row, sample) in samples.enumerated() {
          (target + row * count).update(from: source + Int(sample) * count, count: count)
        }
      }
    }
  }

  /// The sums of the columns of a panel of so many rows.
  private func sumRows(of panel: Floats, count: Int) -> Floats {
    sums.floats.update(repeating: 0, count: vectors_panel)
    for row in 0..<count {
      add(panel + row * vectors_panel, to: sums.floats, count: vectors_panel)
    }
    return sums.floats
  }
}
