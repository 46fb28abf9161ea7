import Testing

@testable import Learning

/// Compressions against sorting, sums that are exact, and the bounds of their papers.
struct CompressionTests {
  private static let all: [Compression] = [
    .none, .significance(threshold: 0.7), .topK(share: 0.1), .qsgd(levels: 4, bucket: 64),
  ]

  /// Whole numbers, whose sums in single precision are exact.
  private func wholeNumbers(_ seed: UInt64, _ count: Int) -> [Float] {
    Sample.units(seed, count).map { ($0 * 1000).rounded() }
  }

  @Test("top-k sends the largest of a sorted list", arguments: [1, 7, 500, 1000])
  func largest(_ count: Int) {
    let vector = wholeNumbers(1, 1000)
    var rest = vector
    let sent = LargestEntries.take(count, from: &rest)
    let sorted = (0..<1000).sorted { (-abs(vector[$0]), $0) < (-abs(vector[$1]), $1) }
    #expect(sent.indices == sorted[..<count].sorted().map { Int32($0) })
    #expect(sent.values == sent.indices.map { vector[Int($0)] })
    sent.add(to: &rest)
    #expect(haveSameBits(rest, vector.map { $0 + 0 }))
  }

  @Test("magnitudes that differ in the last bit, zeros and values beyond numbers have an order")
  func magnitudes() {
    var close: [Float] = [1, Float(1).nextUp, -Float(1).nextUp, 1, 0]
    #expect(LargestEntries.take(3, from: &close).indices == [0, 1, 2])
    #expect(close == [0, 0, 0, 1, 0])
    var zeros = [Float](repeating: 0, count: 4)
    #expect(LargestEntries.take(2, from: &zeros).indices == [0, 1])
    var wild: [Float] = [.infinity, 3, .nan, -.infinity]
    #expect(LargestEntries.take(3, from: &wild).indices == [0, 2, 3])
  }

  @Test(
    "what is sent and what is kept add up to what was given",
    arguments: [Compression.topK(share: 0.05), .significance(threshold: 0.7)])
  func errorFeedback(_ compression: Compression) {
    #expect(compression.keepsResidual)
    var compressor = Compressor(compression, dimension: 300, seed: 1, rank: 0)
    var (given, received) = ([Float](repeating: 0, count: 300), [Float](repeating: 0, count: 300))
    for step in 1...20 {
      let vector = wholeNumbers(UInt64(step), 300)
      Vectors.add(vector, to: &given)
      let parameters = [Float](repeating: 500, count: 300)
      let sent = compressor.compress(vector, step: step, parameters: parameters)
      sent.add(to: &received)
      #expect(zip(received, compressor.residual).map { $0 + $1 } == given)
    }
    #expect(received != given)
  }

  @Test("the mean of many quantisations is the vector", arguments: [1, 4, 127])
  func unbiased(_ levels: Int) {
    let (vector, rounds) = (Sample.units(1, 96), 4000)
    let compression = Compression.qsgd(levels: levels, bucket: 32)
    var sums = [Double](repeating: 0, count: 96)
    var errors = [Double](repeating: 0, count: 3)
    var compressor = Compressor(compression, dimension: 96, seed: 1, rank: 0)
    for step in 1...rounds {
      let decoded = compressor.compress(vector, step: step, parameters: []).decoded()
      for i in 0..<96 {
        sums[i] += Double(decoded[i])
        errors[i / 32] += Double((decoded[i] - vector[i]) * (decoded[i] - vector[i]))
      }
    }
    for bucket in 0..<3 {
      let values = vector[32 * bucket..<32 * (bucket + 1)].map { Double($0) }
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let step = norm / Double(levels)
      for i in 32 * bucket..<32 * (bucket + 1) {
        let size = abs(Double(vector[i])) / step
        let odds = size - size.rounded(.down)
        let deviation = step * (odds * (1 - odds) / Double(rounds)).squareRoot()
        #expect(abs(sums[i] / Double(rounds) - Double(vector[i])) <= 5 * deviation + 1e-6)
      }
      // Lemma 3.1 of the paper, with the 32 entries of a bucket.
      let s = Double(levels)
      let bound = min(32 / (s * s), 32.0.squareRoot() / s) * norm * norm
      #expect(errors[bucket] / Double(rounds) <= bound)
    }
  }

  @Test("each quantised entry is one of the two levels beside it")
  func levels() {
    let vector = Sample.units(2, 100)
    var random = SeededRandom(seed: 1)
    let quantized = QuantizedVector(vector, levels: 5, bucket: 100, random: &random)
    let norm = Double(Vectors.norm(vector))
    for (value, level) in zip(vector, quantized.levels) {
      let size = Double(value) * 5 / norm
      #expect(Double(level) >= size.rounded(.down) && Double(level) <= size.rounded(.up))
    }
  }

  @Test("quantisation of zeros, single entries and infinities")
  func quantizedEdges() {
    func decoded(_ vector: [Float]) -> [Float] {
      var compressor = Compressor(
        .qsgd(levels: 4, bucket: 1), dimension: vector.count, seed: 1, rank: 0)
      return compressor.compress(vector, step: 1, parameters: []).decoded()
    }
    #expect(decoded([0, 5, -0.1]) == [0, 5, -0.1])
    #expect(decoded([.infinity, 1]).map(\.isNaN) == [true, false])
  }

  @Test("the same sender and step give the same bits, others do not")
  func determinism() {
    func sent(_ seed: UInt64, _ rank: Int, _ step: Int, _ part: Int) -> [Float] {
      var compressor = Compressor(
        .qsgd(levels: 1, bucket: 64), dimension: 64, seed: seed, rank: rank, part: part)
      return compressor.compress(Sample.units(1, 64), step: step, parameters: []).decoded()
    }
    let first = sent(1, 0, 1, 0)
    #expect(haveSameBits(sent(1, 0, 1, 0), first))
    for other in [sent(2, 0, 1, 0), sent(1, 1, 1, 0), sent(1, 0, 2, 0), sent(1, 0, 1, 1)] {
      #expect(other != first)
    }
  }

  @Test("bytes on the wire, counted by hand")
  func wireBytes() {
    #expect(Compression.none.wireBytes(dimension: 1000) == 4000)
    #expect(Compression.topK(share: 0.01).wireBytes(dimension: 1000) == 80)
    // Beyond half of the entries the dense vector is shorter.
    #expect(Compression.topK(share: 0.9).wireBytes(dimension: 1000) == 4000)
    #expect(Compression.topK(share: 1e-9).wireBytes(dimension: 1000) == 8)
    #expect(Compression.significance(threshold: 1).wireBytes(dimension: 1000, density: 0.1) == 800)
    // 3, 9, 255 and 257 values take 2, 4, 8 and 9 bits, beside two norms of 4 bytes.
    for (levels, bits) in [(1, 2), (4, 4), (127, 8), (128, 9)] {
      let compression = Compression.qsgd(levels: levels, bucket: 512)
      #expect(compression.wireBytes(dimension: 1000) == 8 + 1000 * bits / 8)
    }
  }

  @Test("a vector knows its bytes, and those of a larger one like it", arguments: all)
  func priced(_ compression: Compression) {
    var compressor = Compressor(compression, dimension: 1000, seed: 1, rank: 0)
    let vector = Sample.units(1, 1000)
    let sent = compressor.compress(vector, step: 1, parameters: Sample.units(2, 1000))
    for dimension in [1000, 10_000] {
      #expect(
        sent.wireBytes(pricedAs: dimension)
          == compression.wireBytes(dimension: dimension, density: sent.density))
    }
    #expect(sent.wireBytes == sent.wireBytes(pricedAs: 1000))
    var sum = vector
    sent.add(to: &sum)
    #expect(sum == zip(vector, sent.decoded()).map { $0 + $1 })
  }
}
