internal import CVectors

/// A convolution with windows of 3x3 by Winograd's minimal filtering F(4x4, 3x3).
///
/// Tiles of 6x6 inputs and the windows are transformed, multiplied as matrices at each of 36
/// places, and the sums transformed back to tiles of 4x4 outputs: a quarter of the products of the
/// definition. Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR
/// 2016, section 4.
final class WinogradConvolution: Operation {
  private let layer: Convolution
  private let engine: OneDNN
  private let forwardPass: WinogradFiltering
  private var windowsPass: WinogradGradient?
  private var inputPass: WinogradFiltering?
  private let output: FloatBuffer
  private let inputGradient: FloatBuffer
  private var input: Floats?

  /// Whether more is saved than transforms cost: a third of the products, of as many channels as a
  /// vector has, by windows that several tiles share.
  static func isWorthwhile(_ layer: Convolution, batch: Int) -> Bool {
    guard layer.kernel == 3, layer.stride == 1, layer.padding == 1, !layer.hasBias,
      !layer.isDepthwise
    else { return false }
    let shape = layer.input
    let tiles = winograd_tile_count(winograd_images(shape))
    // Three for each row and column, but for those that meet the border.
    let products = (3 * shape.height - 2) * (3 * shape.width - 2)
    return min(shape.channels, layer.output.channels) >= winograd_lanes
      && batch * tiles >= 4 && 3 * winograd_places * tiles <= 2 * products
  }

  init(_ layer: Convolution, _ setting: OperationSetting, _ engine: OneDNN) {
    self.layer = layer
    self.engine = engine
    let (from, to) = (winograd_images(layer.input), winograd_images(layer.output))
    forwardPass = WinogradFiltering(from, to, batch: setting.batch)
    output = FloatBuffer(count: setting.batch * layer.output.count)
    inputGradient = setting.inputGradient(for: layer)
    if setting.mode == .training {
      windowsPass = WinogradGradient(from, to, batch: setting.batch)
      if setting.needsInputGradient {
        inputPass = WinogradFiltering(to, from, batch: setting.batch)
      }
    }
    for count in [forwardPass.roomCount, windowsPass?.roomCount, inputPass?.roomCount] {
      engine.scratchpad.reserve(count ?? 0)
    }
  }

  func forward(_ input: Floats, _ slots: Slots) -> Floats {
    self.input = input
    let windows = Windows(slots.parameters, of: layer)
    forwardPass.run(input, windows, to: output.floats, in: engine.scratchpad.floats)
    return output.floats
  }

  func backward(_ outputGradient: Floats, _ slots: Slots) -> Floats {
    guard let input, let windowsPass else {
      preconditionFailure("backward follows a forward pass in training")
    }
    let room = engine.scratchpad.floats
    windowsPass.run(input, outputGradient, to: slots.gradient, adds: slots.accumulates, in: room)
    let windows = Windows(slots.parameters, of: layer).turned
    inputPass?.run(outputGradient, windows, to: inputGradient.floats, in: room)
    return inputGradient.floats
  }
}

/// The windows of a convolution as a matrix: a row for each channel that is read, a column for each
/// that is written.
struct Windows {
  let floats: UnsafePointer<Float>
  let rowStride: Int
  let columnStride: Int
  /// Whether each is turned by half a circle, so that gradients go back where values came from.
  let isTurned: Bool

  init(_ floats: UnsafePointer<Float>, of layer: Convolution) {
    self.init(floats, rowStride: 9, columnStride: 9 * layer.input.channels, isTurned: false)
  }

  private init(
    _ floats: UnsafePointer<Float>, rowStride: Int, columnStride: Int, isTurned: Bool
  ) {
    self.floats = floats
    self.rowStride = rowStride
    self.columnStride = columnStride
    self.isTurned = isTurned
  }

  /// Those of the convolution that carries gradients back.
  var turned: Windows {
    Windows(floats, rowStride: columnStride, columnStride: rowStride, isTurned: !isTurned)
  }
}

extension winograd_images {
  init(_ shape: Shape) {
    self.init(height: shape.height, width: shape.width, channels: shape.channels)
  }
}
