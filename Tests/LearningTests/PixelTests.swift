import CVectors
import Testing

@testable import Learning

/// Products that leave the background of images out.
struct PixelTests {
  /// Bytes of which about a half are zero, some rows whole.
  private func bytes(_ rows: Int, _ columns: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<rows).flatMap { row in
      (0..<columns).map { _ in
        let byte = UInt8(random.below(256))
        return row % 5 == 3 || random.below(2) == 0 ? 0 : byte
      }
    }
  }

  /// `count` images of 9x11 with background.
  private func dataset(_ count: Int) -> Dataset {
    Dataset(
      name: "grey", shape: Shape(9, 11, 1), classCount: 10,
      features: .bytes(
        bytes(count, 99, seed: 4), scale: PixelScale(means: [0.3], deviations: [0.4])),
      labels: (0..<count).map { Int32($0 % 10) })
  }

  private func network(_ dataset: Dataset) -> LayerStack {
    LayerStack(dataset.shape).then(Flatten.init)
      .then { Dense($0, to: 2 * vectors_panel) }.then(ReLU.init).then { Dense($0, to: 10) }
  }

  @Test(
    "products with nonzero bytes have the bits of their definition",
    arguments: [(1, 1), (3, 8), (10, 95), (7, 96), (4, 97), (5, 784), (12, 203)])
  func products(_ size: (rows: Int, columns: Int)) {
    let all = bytes(size.rows, size.columns, seed: 1)
    let values = [0] + Sample.units(2, 255)
    let (stride, width) = (vectors_panel + 3, vectors_panel)
    let panel = Sample.units(3, size.columns * width)
    let start = Sample.units(4, size.rows * stride)
    var expected = start
    for row in 0..<size.rows {
      for column in 0..<size.columns where all[row * size.columns + column] != 0 {
        let value = values[Int(all[row * size.columns + column])]
        for i in 0..<width {
          expected[row * stride + i].addProduct(value, panel[column * width + i])
        }
      }
    }
    let (sums, factors) = (FloatBuffer(start), FloatBuffer(panel))
    let matrix = NonzeroBytes(rows: size.rows, columns: size.columns)
    // What an earlier batch has left behind must not be read.
    matrix.fill { $0.update(repeating: 255, count: all.count) }
    matrix.fill { target in for (i, byte) in all.enumerated() { target[i] = byte } }
    matrix.multiply(by: factors.floats, values: values, addingTo: sums.floats, stride: stride)
    #expect(haveSameBits(sums.array, expected))
  }

  @Test("rows become columns", arguments: [(1, 1), (16, 32), (17, 31), (8, 8), (40, 99), (3, 64)])
  func transposes(_ size: (rows: Int, columns: Int)) {
    let (rows, columns) = size
    let (small, large) = (bytes(rows, columns, seed: 7), Sample.units(8, rows * columns))
    var (turned, moved) = ([UInt8](repeating: 0, count: small.count), large)
    vectors_transpose_bytes(small, rows, columns, &turned)
    vectors_transpose(large, rows, columns, &moved)
    for row in 0..<rows {
      for column in 0..<columns {
        #expect(turned[column * rows + row] == small[row * columns + column])
        #expect(moved[column * rows + row] == large[row * columns + column])
      }
    }
  }

  @Test("gradients and losses are those of the plain layers", arguments: [64, 67, 200])
  func plainLayers(_ batch: Int) throws {
    let dataset = dataset(batch)
    #expect(dataset.hasBackground)
    let model = Model("grey", network(dataset))
    let parameters = model.initialParameters(seed: 5)
    let samples = (0..<batch).map { Int32(batch - 1 - $0) }
    let (fast, plain) = (GradientPool(threads: 1), GradientPool(threads: 1, backend: .reference))
    let gradient = try fast.compute(model, parameters, dataset, samples)
    let expected = try plain.compute(model, parameters, dataset, samples)
    #expect(relativeDistance(gradient.values, expected.values) < 1e-5)
    #expect(abs(gradient.loss - expected.loss) < 1e-5)
    let pools = [fast, plain]
    let losses = try pools.map {
      try $0.evaluation(of: model, at: parameters, statistics: [], on: dataset).join().loss
    }
    #expect(abs(losses[0] - losses[1]) < 1e-5)
  }

  @Test("parts of a batch add up to the batch")
  func partsAddUp() throws {
    let dataset = dataset(150)
    let whole = Model("whole", network(dataset))
    let parts = Model("parts", network(dataset), part: 70)
    let parameters = whole.initialParameters(seed: 5)
    let pool = GradientPool(threads: 1)
    let samples = (0..<150).map { Int32($0) }
    let once = try pool.compute(whole, parameters, dataset, samples)
    let added = try pool.compute(parts, parameters, dataset, samples)
    #expect(relativeDistance(added.values, once.values) < 1e-5)
    #expect(abs(added.loss - once.loss) < 1e-6)
  }

  @Test("only grey images with enough background are read without it")
  func rule() throws {
    #expect(try Sample.images().train.hasBackground)
    #expect(try Sample.images().train.flippingLabels().hasBackground)
    let colour = SyntheticData.images(side: 8).generate(samples: 4, testSamples: 1, seed: 1)
    #expect(!colour.train.hasBackground)
    let bright = Features.bytes(
      [0, 0, 0, 1, 2, 3, 4, 5], scale: PixelScale(means: [0], deviations: [1]))
    #expect(!bright.hasBackground)
    #expect(!Sample.dataset(Shape(2, 2, 1), count: 3, classes: 2).hasBackground)
  }
}
