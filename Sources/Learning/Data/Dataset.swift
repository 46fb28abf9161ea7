internal import CVectors

/// Samples with their labels, held once and read by all workers.
public final class Dataset: Sendable {
  /// What it is called in reports.
  public let name: String
  /// The number of samples.
  public let count: Int
  /// The shape of one sample.
  public let shape: Shape
  /// The number of classes; 0 where the target is a number.
  public let classCount: Int
  /// Whether it was generated, which every report of it must say.
  public let isSynthetic: Bool
  /// Hash of the contents, in hexadecimal; independent of file names and compression.
  public let fingerprint: String

  let features: Features
  /// Whether samples are grey images with enough background to work on the rest alone.
  let hasBackground: Bool
  /// One class a sample; for ratings, zeros.
  let labels: [Int32]
  let hash: Fingerprint.Value

  init(
    name: String, shape: Shape, classCount: Int, features: Features, labels: [Int32],
    isSynthetic: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.classCount = classCount
    self.features = features
    self.labels = labels
    self.isSynthetic = isSynthetic
    count = labels.count
    hasBackground = features.hasBackground
    var hash = Fingerprint()
    for number in [shape.height, shape.width, shape.channels, classCount] {
      hash.add(UInt64(number))
    }
    features.add(to: &hash)
    hash.add(labels)
    self.hash = hash.value
    fingerprint = hash.value.hex
  }

  /// The samples of another set, which are shared, with labels of their own.
  private init(_ other: Dataset, labels: [Int32]) {
    name = other.name
    shape = other.shape
    classCount = other.classCount
    isSynthetic = other.isSynthetic
    features = other.features
    hasBackground = other.hasBackground
    count = other.count
    self.labels = labels
    var hash = Fingerprint()
    hash.add(other.hash.high)
    hash.add(other.hash.low)
    hash.add(labels)
    self.hash = hash.value
    fingerprint = hash.value.hex
  }

  /// The same samples, each with the label of the opposite end: c - 1 - y of c classes.
  ///
  /// What a worker learns from that wishes harm; the samples are shared and not copied.
  /// - Throws: `LearningError` where there are no classes.
  public func flippingLabels() throws(LearningError) -> Dataset {
    guard classCount > 1 else {
      throw LearningError("labels of \(name) cannot be flipped: it has no classes")
    }
    return Dataset(self, labels: labels.map { Int32(classCount) - 1 - $0 })
  }

  /// Values of one sample; for sparse data, the dimension.
  public var featureCount: Int { shape.count }

  /// Bytes of one sample as it is stored and fetched: 4 a feature and 8 for the label.
  ///
  /// Sparse samples take 8 bytes for each entry that is present, on average; a rating takes 12.
  public var sampleByteCount: Int {
    switch features {
    case .bytes, .floats: 4 * featureCount + 8
    case .sparse(let rows): 8 * rows.indices.count / max(count, 1) + 8
    case .ratings: 12
    }
  }

  /// Writes samples one after the other as the floats a network reads.
  func gather(_ samples: ArraySlice<Int32>, into target: Floats) {
    for (row, sample) in samples.enumerated() {
      features.copy(Int(sample), count: shape.count, to: target + row * shape.count)
    }
  }
}

/// A training set and the test set that belongs to it.
public struct TrainingData: Sendable {
  /// What the workers learn from.
  public let train: Dataset
  /// What accuracy is measured on.
  public let test: Dataset

  /// A pair of sets of the same shape.
  public init(train: Dataset, test: Dataset) {
    self.train = train
    self.test = test
  }
}

/// The stored form of samples.
enum Features: Sendable {
  /// Bytes and, for each channel, the value that each byte stands for.
  case bytes([UInt8], scale: PixelScale)
  case floats([Float])
  case sparse(SparseRows)
  case ratings(Ratings)

  func add(to hash: inout Fingerprint) {
    switch self {
    case .bytes(let bytes, let scale):
      hash.add(bytes)
      hash.add(scale.factors)
      hash.add(scale.shifts)
    case .floats(let floats):
      hash.add(floats)
    case .sparse(let rows):
      hash.add(rows.starts)
      hash.add(rows.indices)
      hash.add(rows.values)
    case .ratings(let ratings):
      hash.add(ratings.users)
      hash.add(ratings.items)
      hash.add(ratings.values)
    }
  }

  /// Grey images of which two fifths or more are background: less would not repay leaving it out.
  var hasBackground: Bool {
    guard case .bytes(let bytes, let scale) = self, scale.factors.count == 1 else { return false }
    let background = bytes.reduce(0) { $1 == 0 ? $0 + 1 : $0 }
    return 5 * background >= 2 * bytes.count
  }

  func copy(_ sample: Int, count: Int, to target: Floats) {
    let start = sample * count
    switch self {
    case .bytes(let bytes, let scale):
      bytes.withUnsafeBufferPointer { bytes in
        let source = UnsafeBufferPointer(rebasing: bytes[start..<start + count])
        scale.copy(source, to: target)
      }
    case .floats(let floats):
      floats.withUnsafeBufferPointer { floats in
        guard let base = floats.baseAddress else { return }
        target.update(from: base + start, count: count)
      }
    case .sparse(let rows):
      target.update(repeating: 0, count: count)
      for entry in rows.range(of: sample) {
        target[Int(rows.indices[entry])] = rows.values[entry]
      }
    case .ratings(let ratings):
      target[0] = Float(ratings.users[sample])
      target[1] = Float(ratings.items[sample])
    }
  }
}

/// What a byte of each channel stands for: (byte / 255 - mean) / deviation, as one product.
struct PixelScale: Sendable {
  let factors: [Float]
  let shifts: [Float]

  init(means: [Float], deviations: [Float]) {
    factors = deviations.map { 1 / (255 * $0) }
    shifts = zip(means, deviations).map { -$0 / $1 }
  }

  func copy(_ bytes: UnsafeBufferPointer<UInt8>, to target: Floats) {
    let channels = factors.count
    for channel in 0..<channels {
      let (factor, shift) = (factors[channel], shifts[channel])
      if channels == 1 {
        vectors_scale_bytes(bytes.baseAddress, bytes.count, factor, shift, target)
      } else {
        for i in stride(from: channel, to: bytes.count, by: channels) {
          target[i] = Float(bytes[i]) * factor + shift
        }
      }
    }
  }

  /// The scale that gives these pixels mean 0 and deviation 1 in each channel.
  init(fitting bytes: [UInt8], channels: Int) {
    var sums = [Int](repeating: 0, count: channels)
    var squares = sums
    for (index, byte) in bytes.enumerated() {
      sums[index % channels] += Int(byte)
      squares[index % channels] += Int(byte) * Int(byte)
    }
    let count = Double(max(bytes.count / channels, 1))
    let means = sums.map { Double($0) / count / 255 }
    let deviations = zip(squares, means).map { square, mean in
      max((Double(square) / count / 65025 - mean * mean).squareRoot(), 1.0 / 255)
    }
    self.init(means: means.map { Float($0) }, deviations: deviations.map { Float($0) })
  }
}

/// Rows of which most entries are zero.
struct SparseRows: Sendable {
  /// Where each row starts, and the end.
  var starts: [Int] = [0]
  var indices: [Int32] = []
  var values: [Float] = []

  func range(of row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  mutating func append(_ entries: [(index: Int32, value: Float)]) {
    indices += entries.map(\.index)
    values += entries.map(\.value)
    starts.append(indices.count)
  }
}

/// Who rated what, and how.
struct Ratings: Sendable {
  let users: [Int32]
  let items: [Int32]
  let values: [Float]
  let userCount: Int
  let itemCount: Int
}
