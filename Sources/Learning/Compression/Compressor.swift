/// One sender's compression: it holds what has not been sent yet and the seed of its rounding.
///
/// What it makes is a function of the vectors it was given, the seed, the rank and the step.
public struct Compressor: Sendable {
  /// The method.
  public let compression: Compression
  /// Entries of the vectors it compresses.
  public let dimension: Int

  private let seed: UInt64
  private let rank: Int
  private let part: Int
  private var state: State

  private enum State: Sendable {
    case stateless
    case significance(SignificanceFilter)
    case topK(residual: [Float])
  }

  /// A compressor that has seen nothing yet.
  ///
  /// - Parameter part: tells the chunks of one sender apart, where each is compressed by itself.
  public init(
    _ compression: Compression, dimension: Int, seed: UInt64, rank: Int, part: Int = 0
  ) {
    self.compression = compression
    self.dimension = dimension
    self.seed = seed
    self.rank = rank
    self.part = part
    switch compression {
    case .none:
      state = .stateless
    case .qsgd(let levels, let bucket):
      precondition(levels > 0 && levels <= Int(Int16.max) && bucket > 0, "no such quantisation")
      state = .stateless
    case .significance(let threshold):
      state = .significance(SignificanceFilter(threshold: threshold, parameterCount: dimension))
    case .topK(let share):
      precondition(share > 0 && share <= 1, "a share is above 0 and at most 1")
      state = .topK(residual: [Float](repeating: 0, count: dimension))
    }
  }

  /// What was given and not sent, for methods that keep it; empty for the others.
  public var residual: [Float] {
    switch state {
    case .stateless: []
    case .significance(let filter): filter.residual
    case .topK(let residual): residual
    }
  }

  /// The short form of a vector, with what was kept of earlier ones.
  ///
  /// - Parameters:
  ///   - step: counts from 1; lowers the threshold of significance and seeds the rounding.
  ///   - parameters: what significance is measured against; the other methods do not read it.
  public mutating func compress(
    _ vector: [Float], step: Int, parameters: [Float]
  ) -> CompressedVector {
    precondition(vector.count == dimension, "the compressor was made for other vectors")
    switch (compression, state) {
    case (.significance, .significance(var filter)):
      // Only one owner at a time, or the residual would be copied.
      state = .stateless
      filter.accumulate(vector)
      let sent = filter.select(step: step, parameters: parameters)
      state = .significance(filter)
      return CompressedVector(.sparse(sent))
    case (.topK(let share), .topK(var residual)):
      state = .stateless
      Vectors.add(vector, to: &residual)
      let sent = LargestEntries.take(
        Compression.entries(share: share, of: dimension), from: &residual)
      state = .topK(residual: residual)
      return CompressedVector(.sparse(sent))
    case (.qsgd(let levels, let bucket), _):
      var random = SeededRandom(seed: seed, purpose: "quantisation", rank, step, part)
      return CompressedVector(
        .quantized(QuantizedVector(vector, levels: levels, bucket: bucket, random: &random)))
    default:
      return CompressedVector(.dense(vector))
    }
  }
}
