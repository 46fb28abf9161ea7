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
    guard let count = source.sampleCount else { return nil }
    switch source {
    case .named(let name, _):
      guard let generated = DatasetCatalog.generated[name] else {
        self.init(count: count, of: Self.image(side: 28))
        return
      }
      self.init(of: generated.data, count: count, seed: 1)
    case .synthetic(let data, _, _, let seed): self.init(of: data, count: count, seed: seed)
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

extension DatasetSource {
  /// The samples to learn from, where that is known without reading them; nil for files.
  public var sampleCount: Int? {
    switch self {
    case .named("fashion-mnist", _): 60_000
    case .named("fashion-mnist-fixture", _): 2000
    case .named(let name, _): DatasetCatalog.generated[name]?.samples
    case .synthetic(_, let samples, _, _): samples
    case .idx, .csv, .cifar10: nil
    }
  }
}
