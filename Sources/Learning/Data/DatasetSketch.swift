/// How large a data set is and how its samples look, known without reading it.
///
/// Time and cost need no more; a few samples stand for all.
public struct DatasetSketch: Sendable {
  /// The number of samples to learn from.
  public let count: Int
  /// A few samples of the same shape: what models are sized for.
  public let example: Dataset

  /// The sketch of a data set that comes by name or from a seed; nil for files.
  public init?(of source: DatasetSource) {
    switch source {
    case .named("fashion-mnist", _): self.init(count: 60_000, of: Self.image(side: 28))
    case .named("fashion-mnist-fixture", _): self.init(count: 2000, of: Self.image(side: 28))
    case .named(let name, _):
      guard let generated = DatasetCatalog.generated[name] else { return nil }
      self.init(of: generated.data, count: generated.samples, seed: 1)
    case .synthetic(let data, let samples, _, let seed):
      self.init(of: data, count: samples, seed: seed)
    case .idx, .csv, .cifar10: return nil
    }
  }

  private init(count: Int, of example: Dataset) {
    self.count = count
    self.example = example
  }

  /// A thousand samples say well enough how many entries a sparse row has.
  private init(of data: SyntheticData, count: Int, seed: UInt64) {
    let example = data.generate(samples: min(count, 1000), testSamples: 1, seed: seed)
    self.init(count: count, of: example.train)
  }

  /// One grey image of one of ten classes.
  private static func image(side: Int) -> Dataset {
    Dataset(
      name: "sketch", shape: Shape(side, side, 1), classCount: 10,
      features: .floats([Float](repeating: 0, count: side * side)), labels: [0])
  }
}
