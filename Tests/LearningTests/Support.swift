import Foundation
import Testing

@testable import Learning

/// Small data sets and models, and comparisons of vectors.
enum Sample {
  /// Floats in -1..<1 and labels, both from a seed.
  static func dataset(_ shape: Shape, count: Int, classes: Int, seed: UInt64 = 1000) -> Dataset {
    var random = SeededRandom(seed: seed)
    let values = (0..<count * shape.count).map { _ in random.signedUnit() }
    var other = SeededRandom(seed: seed + 1)
    let labels = (0..<count).map { _ in Int32(other.next() % UInt64(classes)) }
    return Dataset(
      name: "sample", shape: shape, classCount: classes, features: .floats(values),
      labels: labels)
  }

  /// The fixture of Fashion-MNIST.
  static func images() throws -> TrainingData {
    try DatasetCatalog.load(.named("fashion-mnist-fixture"))
  }

  /// The first numbers of a stream, in -1..<1.
  static func units(_ seed: UInt64, _ count: Int) -> [Float] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in random.signedUnit() }
  }

  /// What a script of analysis/torch has written.
  static func golden<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures/golden"))
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }

  /// A shape of images for the names that need three channels.
  static func shape(for model: String) -> Shape {
    ["resnet8", "resnet18", "mobilenet"].contains(model) ? Shape(32, 32, 3) : Shape(28, 28, 1)
  }
}

extension GradientPool {
  /// The gradient, at once.
  func compute(
    _ model: Model, _ parameters: [Float], _ dataset: Dataset, _ samples: [Int32]
  ) throws -> Gradient {
    try gradient(of: model, at: parameters, on: dataset, samples: samples, seed: 0).join()
  }
}

/// The distance of two vectors over the length of the second.
func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
  let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
  let length = b.reduce(0.0) { $0 + pow(Double($1), 2) }
  return (difference / max(length, 1e-30)).squareRoot()
}

/// Whether two vectors are the same bit for bit.
func haveSameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
