import Testing

@testable import Learning

/// What analysis/torch/aggregation.py writes.
struct AggregationCase: Decodable, Sendable {
  let rule: String
  let workers: Int
  let faulty: Int
  let result: [Double]

  var gradients: [[Float]] {
    (0..<workers).map { rank in
      Sample.units(UInt64(rank), result.count).map { rank < faulty ? 100 * $0 : $0 }
    }
  }
}

/// Rules of aggregation against NumPy, brute force and what the papers promise.
struct AggregationTests {
  private static let robust: [AggregationRule] = [
    .trimmedMean(trimmed: 3), .median, .krum(faulty: 3), .multiKrum(faulty: 3, kept: 8),
    .meamed(faulty: 3),
  ]

  private func rule(_ name: String, _ workers: Int, _ faulty: Int) throws -> AggregationRule {
    let rules: [AggregationRule] = [
      .trimmedMean(trimmed: faulty), .median, .krum(faulty: faulty),
      .multiKrum(faulty: faulty, kept: workers - faulty), .meamed(faulty: faulty),
      .zeno(rho: 0.01, trimmed: faulty),
    ]
    return try #require(rules.first { $0.name == name })
  }

  @Test("rules give what their definitions give in NumPy")
  func golden() throws {
    let cases = try Sample.golden([AggregationCase].self, "aggregation")
    #expect(cases.count == 30)
    for item in cases {
      let rule = try rule(item.rule, item.workers, item.faulty)
      let gradients = item.gradients
      let scores = gradients.map { gradient in
        // The loss |x - 0.1|² / 2 at 0 and after a step of 0.5 along the gradient.
        func loss(_ step: Double) -> Double {
          gradient.reduce(0) { $0 + (step * Double($1) + 0.1) * (step * Double($1) + 0.1) / 2 }
        }
        return rule.score(of: gradient, loss: loss(0), movedLoss: loss(0.5))
      }
      let result = rule.aggregate(gradients, scores: rule.needsScores ? scores : [])
      #expect(result.count == item.result.count)
      for (ours, theirs) in zip(result, item.result) {
        #expect(abs(Double(ours) - theirs) < 1e-6, "\(item.rule) of \(item.workers)")
      }
    }
  }

  @Test("the median is that of sorting", arguments: 1...20, [1, 15, 16, 17, 100])
  func median(_ workers: Int, _ length: Int) {
    let gradients = (0..<workers).map { Sample.units(UInt64($0), length) }
    let expected = (0..<length).map { i in
      let sorted = gradients.map { $0[i] }.sorted()
      return (sorted[(workers - 1) / 2] + sorted[workers / 2]) * 0.5
    }
    #expect(AggregationRule.median.aggregate(gradients) == expected)
  }

  @Test(
    "nothing that f workers send moves a rule out of the range of the others", arguments: robust,
    [Float.nan, -.nan, .infinity, -.infinity, 1e30, -1e30])
  func faults(_ rule: AggregationRule, _ value: Float) {
    let honest = (0..<8).map { Sample.units(UInt64($0), 50) }
    let lie = [Float](repeating: value, count: 50)
    let other = [Float](repeating: value == 1e30 ? -.infinity : value, count: 50)
    for gradients in [
      [lie, other, lie] + honest, honest[..<4] + [lie, lie] + honest[4...] + [other],
    ] {
      let result = rule.aggregate(Array(gradients))
      for (i, entry) in result.enumerated() {
        let values = honest.map { $0[i] }
        #expect(entry >= values.min() ?? 0 && entry <= values.max() ?? 0)
      }
    }
  }

  @Test("the mean is led anywhere by one worker")
  func mean() {
    #expect(AggregationRule.mean.aggregate([[1], [2], [-1e9]])[0] < -1e8)
  }

  @Test(
    "coordinate by coordinate, chunks and the whole have the same bits",
    arguments: [
      AggregationRule.mean, .trimmedMean(trimmed: 2), .median, .meamed(faulty: 2),
    ])
  func chunks(_ rule: AggregationRule) {
    #expect(rule.isCoordinatewise)
    let gradients = (0..<7).map { Sample.units(UInt64($0), 1003) }
    let parts = (0..<4).flatMap { part in
      let range = Vectors.chunk(part, of: 4, count: 1003)
      return rule.aggregate(gradients.map { Array($0[range]) })
    }
    #expect(haveSameBits(parts, rule.aggregate(gradients)))
  }

  @Test("Krum's distances are those of the plain formula", arguments: [1, 16, 1024, 5001])
  func distances(_ length: Int) {
    let gradients = (0..<4).map { Sample.units(UInt64($0), length) }
    let distances = Krum.squaredDistances(gradients)
    for i in 0..<4 {
      for j in 0..<4 {
        let expected = zip(gradients[i], gradients[j]).reduce(0.0) {
          $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
        }
        #expect(abs(distances[4 * i + j] - expected) <= 1e-6 * expected)
      }
    }
  }

  @Test("among equal gradients the lowest ranks are taken")
  func ties() {
    let equal = [[Float]](repeating: [1, 2], count: 6)
    #expect(Krum(equal, faulty: 1).best(2) == [0, 1])
    let gradients: [[Float]] = [[1], [2], [4], [8]]
    let zeno = AggregationRule.zeno(rho: 0, trimmed: 2)
    #expect(zeno.aggregate(gradients, scores: [0, 1, 1, 1]) == [3])
    #expect(zeno.aggregate(gradients, scores: [.nan, 0, .nan, -5]) == [5])
  }

  @Test("a rule refuses too few workers and says how many it needs")
  func refusals() {
    #expect(AggregationRule.mean.refusal(workers: 1) == nil)
    #expect(AggregationRule.krum(faulty: 1).refusal(workers: 5) == nil)
    #expect(
      AggregationRule.krum(faulty: 1).refusal(workers: 4)
        == "krum needs at least 5 workers here, and there are 4")
    #expect(AggregationRule.multiKrum(faulty: 1, kept: 5).minimumWorkers == 6)
    #expect(AggregationRule.multiKrum(faulty: 1, kept: 0).refusal(workers: 9) != nil)
    #expect(AggregationRule.trimmedMean(trimmed: 2).refusal(workers: 4) != nil)
    #expect(AggregationRule.trimmedMean(trimmed: -1).refusal(workers: 4) != nil)
    #expect(AggregationRule.meamed(faulty: 2).minimumWorkers == 5)
    #expect(AggregationRule.zeno(rho: 0, trimmed: 3).minimumWorkers == 4)
  }

  @Test("work grows as the textbooks say")
  func work() {
    // Three additions of three streams; four vectors sorted in two passes of reading and writing.
    #expect(AggregationRule.mean.workBytes(gradientBytes: 10, workers: 4) == 90)
    #expect(AggregationRule.median.workBytes(gradientBytes: 10, workers: 4) == 160 + 90)
    #expect(AggregationRule.median.workBytes(gradientBytes: 10, workers: 5) == 300 + 120)
    #expect(AggregationRule.median.workBytes(gradientBytes: 10, workers: 1) == 0)
    #expect(AggregationRule.krum(faulty: 1).workBytes(gradientBytes: 10, workers: 6) == 300)
    #expect(
      AggregationRule.multiKrum(faulty: 1, kept: 3).workBytes(gradientBytes: 10, workers: 6)
        == 360)
    #expect(
      AggregationRule.zeno(rho: 0, trimmed: 1).workBytes(gradientBytes: 10, workers: 4) == 100)
  }
}
