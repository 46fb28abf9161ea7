import Testing

@testable import Learning

/// A convolution by transformed tiles, with sizes that fill neither tiles nor vectors nor blocks.
struct WinogradCase: CustomTestStringConvertible, Sendable {
  let shape: Shape
  let channels: Int
  let batch: Int

  var testDescription: String { "\(shape) to \(channels), \(batch) images" }
  var layer: Convolution { Convolution(shape, to: channels, kernel: 3, padding: 1) }

  static let all = [
    WinogradCase(shape: Shape(4, 4, 16), channels: 16, batch: 4),
    WinogradCase(shape: Shape(7, 7, 19), channels: 37, batch: 3),
    WinogradCase(shape: Shape(6, 11, 16), channels: 17, batch: 1),
    // More than one block of tiles, of channels, and of both.
    WinogradCase(shape: Shape(9, 13, 33), channels: 16, batch: 5),
    WinogradCase(shape: Shape(8, 6, 50), channels: 101, batch: 2),
    WinogradCase(shape: Shape(16, 14, 16), channels: 49, batch: 4),
  ]
}

struct WinogradTests {
  private func compute(
    _ setup: WinogradCase, _ engine: OneDNN?, accumulates: Bool = false
  ) -> [[Float]] {
    let run = LayerRun(layer: setup.layer, batch: setup.batch, accumulates: accumulates)
    #expect((run.operation(engine) is WinogradConvolution) == (engine != nil))
    return run.results(engine)
  }

  @Test("transformed tiles give what the definition gives", arguments: WinogradCase.all)
  func plainLayer(_ setup: WinogradCase) {
    for accumulates in [false, true] {
      let fast = compute(setup, OneDNN(), accumulates: accumulates)
      let plain = compute(setup, nil, accumulates: accumulates)
      for (ours, expected) in zip(fast, plain) {
        #expect(relativeDistance(ours, expected) < 3e-6)
      }
    }
  }

  @Test("what the room held before does not matter")
  func room() {
    let engine = OneDNN()
    let fresh = WinogradCase.all.map { compute($0, OneDNN()) }
    for _ in 0..<2 {
      for (setup, expected) in zip(WinogradCase.all, fresh) {
        #expect(zip(compute(setup, engine), expected).allSatisfy { haveSameBits($0, $1) })
      }
    }
  }

  @Test("bits are the same on every machine, optimized or not")
  func bits() {
    let results = compute(WinogradCase.all[1], OneDNN())
    let digests = results.map(digest)
    #expect(
      digests == [
        17_291_051_328_014_191_193, 1_300_496_661_256_999_763, 17_140_244_616_268_364_075,
      ]
    )
  }

  @Test("tiles are for windows of 3x3 that meet enough channels and places")
  func rule() {
    func isWorthwhile(
      _ shape: Shape, _ channels: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1,
      bias: Bool = false, depthwise: Bool = false, batch: Int = 32
    ) -> Bool {
      let layer = Convolution(
        shape, to: channels, kernel: kernel, stride: stride, padding: padding, bias: bias,
        depthwise: depthwise)
      return WinogradConvolution.isWorthwhile(layer, batch: batch)
    }
    let shape = Shape(8, 8, 16)
    #expect(isWorthwhile(shape, 16))
    #expect(isWorthwhile(shape, 16, batch: 1))
    #expect(!isWorthwhile(shape, 15))
    #expect(!isWorthwhile(Shape(8, 8, 3), 16))
    #expect(!isWorthwhile(shape, 16, kernel: 5))
    #expect(!isWorthwhile(shape, 16, stride: 2))
    #expect(!isWorthwhile(shape, 16, padding: 0))
    #expect(!isWorthwhile(shape, 16, bias: true))
    #expect(!isWorthwhile(shape, 16, depthwise: true))
    #expect(isWorthwhile(Shape(4, 4, 512), 512, batch: 4))
    #expect(!isWorthwhile(Shape(4, 4, 512), 512, batch: 3))
    // Most of a tile would lie outside of the image.
    #expect(!isWorthwhile(Shape(5, 5, 64), 64))
    #expect(!isWorthwhile(Shape(2, 2, 64), 64))
  }
}
