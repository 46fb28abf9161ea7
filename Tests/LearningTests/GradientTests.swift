import Foundation
import Testing

@testable import Learning

/// A small network around each kind of layer, so that its three gradients are all used.
struct LayerCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let network: LayerStack

  private static let image = Shape(6, 6, 2)

  private static func around(_ name: String, _ layer: (Shape) -> any Layer) -> LayerCase {
    let network = LayerStack(image)
      .then { Convolution($0, to: 4, kernel: 3, padding: 1, bias: true) }
      .then(layer)
      .then(Flatten.init).then { Dense($0, to: 3) }
    return LayerCase(testDescription: name, network: network)
  }

  static let all = [
    around("convolution 3x3") { Convolution($0, to: 5, kernel: 3, padding: 1, bias: true) },
    around("convolution 1x1 without bias") { Convolution($0, to: 3, kernel: 1) },
    around("convolution of stride 2") { Convolution($0, to: 3, kernel: 3, stride: 2, padding: 1) },
    around("convolution 5x5 unpadded") { Convolution($0, to: 3, kernel: 5, bias: true) },
    around("depthwise convolution") {
      Convolution($0, to: $0.channels, kernel: 3, padding: 1, depthwise: true)
    },
    around("depthwise convolution of stride 2") {
      Convolution($0, to: $0.channels, kernel: 3, stride: 2, padding: 1, depthwise: true)
    },
    around("rectifier", ReLU.init),
    around("max pooling") { MaxPooling($0) },
    around("global average", GlobalAverage.init),
    around("batch normalisation") { BatchNormalization($0, relu: false) },
    around("batch normalisation with rectifier") { BatchNormalization($0) },
    around("residual block with identity") { shape in
      Residual(
        shape,
        main: LayerStack(shape).then { Convolution($0, to: 4, kernel: 3, padding: 1) }
          .then { BatchNormalization($0) }.then { Convolution($0, to: 4, kernel: 1) },
        shortcut: LayerStack(shape))
    },
    around("residual block with shortcut") { shape in
      Residual(
        shape,
        main: LayerStack(shape).then { Convolution($0, to: 5, kernel: 3, stride: 2, padding: 1) },
        shortcut: LayerStack(shape).then { Convolution($0, to: 5, kernel: 1, stride: 2) })
    },
    LayerCase(
      testDescription: "convolution 3x3 by transformed tiles",
      network: LayerStack(image)
        .then { Convolution($0, to: 16, kernel: 3, padding: 1, bias: true) }
        .then { Convolution($0, to: 17, kernel: 3, padding: 1) }
        .then(Flatten.init).then { Dense($0, to: 3) }),
    LayerCase(
      testDescription: "dense layers",
      network: LayerStack(image).then(Flatten.init).then { Dense($0, to: 7) }.then(ReLU.init)
        .then { Dense($0, to: 3) }),
  ]
}

/// Gradients against the rise of the loss, which knows nothing of backward passes.
struct GradientTests {
  private let samples = (0..<8).map { Int32($0) }

  @Test(
    "the loss rises by the integral of its gradient", arguments: LayerCase.all, Backend.allCases)
  func finiteDifferences(_ layer: LayerCase, _ backend: Backend) throws {
    try expectSlopes(
      Model("case", layer.network),
      Sample.dataset(
        layer.network.input,
        count: 8, classes: 3), backend)
  }

  @Test("the hinge loss has the gradient it should", arguments: Backend.allCases)
  func hinge(_ backend: Backend) throws {
    let dataset = Sample.dataset(Shape(features: 9), count: 8, classes: 3)
    try expectSlopes(try .named("svm", for: dataset), dataset, backend)
  }

  @Test("models without layers have the gradient of their loss")
  func pointwise() throws {
    let rows = SyntheticData.sparse(features: 40, entries: 5)
      .generate(samples: 8, testSamples: 1, seed: 3).train
    try expectSlopes(try .named("sparse-logistic-regression", for: rows), rows, .reference)
    let ratings = SyntheticData.ratings(users: 4, items: 3, rank: 2)
      .generate(samples: 8, testSamples: 1, seed: 3).train
    try expectSlopes(try .named("matrix-factorization", for: ratings), ratings, .reference)
  }

  @Test("oneDNN and the plain layers agree", arguments: LayerCase.all)
  func backendsAgree(_ layer: LayerCase) throws {
    let model = Model("case", layer.network)
    let dataset = Sample.dataset(layer.network.input, count: 8, classes: 3)
    let parameters = model.initialParameters(seed: 5)
    let fast = try GradientPool(threads: 1).compute(model, parameters, dataset, samples)
    let plain = try GradientPool(threads: 1, backend: .reference)
      .compute(model, parameters, dataset, samples)
    #expect(relativeDistance(fast.values, plain.values) < 1e-5)
    #expect(relativeDistance(fast.batchStatistics, plain.batchStatistics) < 1e-5)
    #expect(abs(fast.loss - plain.loss) < 1e-5)
  }

  @Test("the whole zoo agrees on both backends", arguments: ["lenet5", "resnet8"])
  func zooAgrees(_ name: String) throws {
    let dataset = Sample.dataset(Sample.shape(for: name), count: 8, classes: 10)
    let model = try Model.named(name, for: dataset)
    let parameters = model.initialParameters(seed: 5)
    let some = Array(samples[..<3])
    let fast = try GradientPool(threads: 1).compute(model, parameters, dataset, some)
    let plain = try GradientPool(threads: 1, backend: .reference)
      .compute(model, parameters, dataset, some)
    #expect(relativeDistance(fast.values, plain.values) < 1e-4)
  }

  @Test("parts of a batch add up to the batch")
  func partsAddUp() throws {
    let dataset = Sample.dataset(Shape(28, 28, 1), count: 80, classes: 10)
    let model = try Model.named("lenet5", for: dataset)
    let whole = Model("lenet5", try lenet5(dataset))
    let parameters = model.initialParameters(seed: 5)
    let samples = (0..<80).map { Int32($0) }
    let pool = GradientPool(threads: 1, memory: 0)
    let parts = try pool.compute(model, parameters, dataset, samples)
    let once = try pool.compute(whole, parameters, dataset, samples)
    #expect(relativeDistance(parts.values, once.values) < 1e-5)
    #expect(abs(parts.loss - once.loss) < 1e-6)
  }

  /// Compares the rise of the loss over a short way with the integral of g·d along it.
  ///
  /// The integral is right even where the way crosses a bend of a rectifier or a maximum.
  private func expectSlopes(_ model: Model, _ dataset: Dataset, _ backend: Backend) throws {
    let pool = GradientPool(threads: 1, backend: backend, memory: 0)
    // Small weights, where the loss bends little over the way.
    var random = SeededRandom(seed: 3)
    let parameters = model.initialParameters(seed: 2).map { 0.4 * $0 + 0.1 * random.signedUnit() }
    let (reach, points): (Float, Int) = (1e-2, 32)
    for direction in 0..<3 {
      var random = SeededRandom(seed: UInt64(50 + direction))
      var d = parameters.map { _ in random.signedUnit() }
      Vectors.scale(&d, by: 1 / Vectors.norm(d))
      func gradient(_ step: Float) throws -> Gradient {
        var moved = parameters
        Vectors.add(d, to: &moved, scaledBy: step)
        return try pool.compute(model, moved, dataset, samples)
      }
      let slope = (try gradient(reach).loss - gradient(-reach).loss) / Double(2 * reach)
      var integral = 0.0
      for point in 0..<points {
        let step = reach * (2 * (Float(point) + 0.5) / Float(points) - 1)
        let values = try gradient(step).values
        integral += zip(values, d).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      }
      #expect(abs(slope - integral / Double(points)) < 1e-4)
    }
  }
}
