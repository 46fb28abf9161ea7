import CVectors
import Testing

@testable import Learning

/// Vector kernels against the plain formula.
struct VectorTests {
  private func vectors(_ count: Int, length: Int) -> [[Float]] {
    var random = SeededRandom(seed: 9)
    return (0..<count).map { _ in (0..<length).map { _ in random.signedUnit() } }
  }

  @Test(
    "the mean adds in the order given, then scales", arguments: [1, 2, 3, 8], [1, 15, 2048, 5001])
  func mean(_ count: Int, _ length: Int) {
    let vectors = vectors(count, length: length)
    let expected = (0..<length).map { i in
      vectors.dropFirst().reduce(vectors[0][i]) { $0 + $1[i] } * (1 / Float(count))
    }
    #expect(haveSameBits(Vectors.mean(vectors), expected))
    var reused: [Float] = []
    Vectors.mean(vectors, into: &reused)
    #expect(haveSameBits(reused, expected))
  }

  @Test("sum, scaled addition and norm")
  func arithmetic() {
    #expect(Vectors.sum([[1, 2], [3, 4], [5, 6]]) == [9, 12])
    var y: [Float] = [1, 2, 3]
    Vectors.add([10, 20, 30], to: &y, scaledBy: 0.5)
    #expect(y == [6, 12, 18])
    #expect(Vectors.norm([3, 4]) == 5)
    #expect(Vectors.norm([Float](repeating: 2, count: 25)) == 10)
  }

  @Test(
    "chunks cover everything once, the first ones one longer", arguments: [1, 3, 4, 7], [0, 5, 28])
  func chunk(_ parts: Int, _ count: Int) {
    let chunks = (0..<parts).map { Vectors.chunk($0, of: parts, count: count) }
    #expect(chunks.flatMap { Array($0) } == Array(0..<count))
    let sizes = chunks.map(\.count)
    #expect(sizes == sizes.sorted(by: >))
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
  }

  @Test("the filter sends what the definition says", arguments: [Float(0), 0.1, 0.7, 100], [1, 4])
  func filter(_ threshold: Float, _ step: Int) {
    let both = vectors(2, length: 1000)
    var filter = SignificanceFilter(threshold: threshold, parameterCount: 1000)
    filter.accumulate(both[0])
    let bound = threshold / Float(step).squareRoot()
    let expected = (0..<1000).filter { abs(both[0][$0]) > bound * abs(both[1][$0]) }
    let sent = filter.select(step: step, parameters: both[1])
    #expect(sent.indices == expected.map { Int32($0) })
    #expect(sent.values == expected.map { both[0][$0] })
    // What is sent and what stays add up to what there was.
    var sum = filter.residual
    #expect(expected.allSatisfy { sum[$0] == 0 })
    sent.add(to: &sum)
    #expect(haveSameBits(sum, both[0]))
    #expect(sent.wireByteCount == min(8 * expected.count, 4000))
    #expect(sent.density == Double(expected.count) / 1000)
  }

  @Test("a parameter of zero passes any update but zero itself")
  func filterAtZero() {
    var filter = SignificanceFilter(threshold: 0.7, parameterCount: 2)
    filter.accumulate([1e-20, 0])
    #expect(filter.select(step: 1, parameters: [0, 0]).indices == [0])
  }

  @Test(
    "narrow products have the bits of their definition", arguments: [1, 2, 5, 10, 16],
    [(1, 1), (3, 15), (4, 16), (5, 17), (9, 784)])
  func narrow(_ columns: Int, _ size: (rows: Int, inner: Int)) {
    let x = Sample.units(1, size.rows * size.inner)
    let w = Sample.units(2, columns * size.inner)
    let bias = Sample.units(3, columns)
    var expected: [Float] = []
    for row in 0..<size.rows {
      for column in 0..<columns {
        // Sixteen sums, each product rounded once with its sum.
        var sums = [Float](repeating: 0, count: 16)
        for k in 0..<size.inner {
          sums[k % 16].addProduct(x[row * size.inner + k], w[column * size.inner + k])
        }
        expected.append(sums.reduce(bias[column], +))
      }
    }
    var result = [Float](repeating: .nan, count: size.rows * columns)
    vectors_multiply_narrow(x, size.rows, size.inner, w, columns, bias, &result)
    #expect(haveSameBits(result, expected))
  }
}
