internal import CVectors

/// How a batch is cut into blocks of tiles and of channels, and where they lie once transformed.
private struct Blocks {
  /// Tiles, and channels of the result, that are worked on at a time: the caches hold what is read
  /// again.
  static let size = 48

  let tiles: Int
  /// Tiles of a full block.
  let tileCount: Int
  /// Whether all tiles are one block: what is kept from block to block then needs little room.
  var isSingle: Bool { tileCount == tiles }

  init(_ images: winograd_images, batch: Int) {
    tiles = batch * winograd_tile_count(images)
    tileCount = min(tiles, Blocks.size)
  }

  /// Calls `body` with the first tile and the count of each block.
  func forEach(_ body: (Int, Int) -> Void) {
    for first in stride(from: 0, to: tiles, by: tileCount) {
      body(first, min(tileCount, tiles - first))
    }
  }

  /// Calls `body` with the first channel and the count of each block.
  static func forEach(of channels: Int, _ body: (Int, Int) -> Void) {
    for first in stride(from: 0, to: channels, by: size) {
      body(first, min(size, channels - first))
    }
  }

  /// A tile's channels lie together, filled up to whole vectors.
  static func layout(tiles: Int, channels: Int) -> winograd_layout {
    let width = vectors(channels) * winograd_lanes
    return winograd_layout(place: place(tiles * width), vector: winograd_lanes, tile: width)
  }

  /// Floats from place to place: with those added, places do not share a set of a cache.
  static func place(_ count: Int) -> Int { count + winograd_lanes }

  static func vectors(_ channels: Int) -> Int {
    (channels + winograd_lanes - 1) / winograd_lanes
  }
}

/// A convolution of a batch: the forward pass, and that of the input's gradient.
struct WinogradFiltering {
  private let from, to: winograd_images
  private let blocks: Blocks
  private let inputs, sums: winograd_layout
  private let windowsPlace: Int

  init(_ from: winograd_images, _ to: winograd_images, batch: Int) {
    self.from = from
    self.to = to
    blocks = Blocks(from, batch: batch)
    let width = min(to.channels, Blocks.size)
    inputs = Blocks.layout(tiles: blocks.tileCount, channels: from.channels)
    sums = Blocks.layout(tiles: blocks.tileCount, channels: width)
    let panels = Blocks.vectors(blocks.isSingle ? width : to.channels)
    windowsPlace = Blocks.place(panels * winograd_lanes * from.channels)
  }

  /// Floats of room that a run needs.
  var roomCount: Int { winograd_places * (inputs.place + sums.place + windowsPlace) }

  /// Reads images x, writes images y; `room` may hold anything.
  func run(_ x: Floats, _ windows: Windows, to y: Floats, in room: Floats) {
    let sum = room + winograd_places * inputs.place
    let allPanels = sum + winograd_places * sums.place
    let strides = winograd_strides(place: inputs.place, row: inputs.tile, column: 1)
    blocks.forEach { first, tiles in
      winograd_transform_inputs(x, from, first, tiles, room, inputs)
      Blocks.forEach(of: to.channels) { channel, channels in
        let panels = allPanels + (blocks.isSingle ? 0 : channel * from.channels)
        if first == 0 {
          winograd_transform_windows(
            windows.floats + channel * windows.columnStride,
            winograd_windows(
              rows: from.channels, row_stride: windows.rowStride, columns: channels,
              column_stride: windows.columnStride),
            windows.isTurned, panels, windowsPlace)
        }
        winograd_multiply(
          room, strides, panels, windowsPlace, tiles, from.channels, Blocks.vectors(channels), sum,
          sums, false)
        winograd_transform_outputs(sum, sums, first, tiles, to, channels, y + channel)
      }
    }
  }
}

/// The gradient of a convolution's windows: the transforms of the forward pass, transposed.
struct WinogradGradient {
  private let from, to: winograd_images
  private let blocks: Blocks
  private let inputs, slopes, sums: winograd_layout

  init(_ from: winograd_images, _ to: winograd_images, batch: Int) {
    self.from = from
    self.to = to
    blocks = Blocks(from, batch: batch)
    inputs = Blocks.layout(tiles: blocks.tileCount, channels: from.channels)
    slopes = Blocks.layout(tiles: blocks.tileCount, channels: to.channels)
    let rows = blocks.isSingle ? min(to.channels, Blocks.size) : to.channels
    sums = Blocks.layout(tiles: rows, channels: from.channels)
  }

  /// Floats of room that a run needs.
  var roomCount: Int { winograd_places * (inputs.place + slopes.place + sums.place) }

  /// Reads the input x and the gradient y of the output, writes that of the windows or adds it.
  func run(_ x: Floats, _ y: Floats, to gradient: Floats, adds: Bool, in room: Floats) {
    let slope = room + winograd_places * inputs.place
    let allSums = slope + winograd_places * slopes.place
    let strides = winograd_strides(place: slopes.place, row: 1, column: slopes.tile)
    blocks.forEach { first, tiles in
      // Panels of sixteen channels, a tile a row.
      let panels = winograd_layout(
        place: inputs.place, vector: tiles * winograd_lanes, tile: winograd_lanes)
      winograd_transform_inputs(x, from, first, tiles, room, panels)
      winograd_transform_slopes(y, to, first, tiles, slope, slopes)
      Blocks.forEach(of: to.channels) { channel, channels in
        let sum = allSums + (blocks.isSingle ? 0 : channel * sums.tile)
        winograd_multiply(
          slope + channel, strides, room, inputs.place, channels, tiles,
          Blocks.vectors(from.channels), sum, sums, first > 0)
        guard first + tiles == blocks.tiles else { return }
        winograd_transform_gradients(
          sum, sums, channels, from.channels, adds, gradient + channel * from.channels * 9)
      }
    }
  }
}
