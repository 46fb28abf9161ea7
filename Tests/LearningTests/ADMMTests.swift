import Testing

@testable import Learning

/// Workers that only exchange models reach the minimum of the sum of their losses.
struct ADMMTests {
  private let workers = 4

  @Test("the common model meets the conditions of the minimum with an L1 penalty")
  func optimality() throws {
    let dataset = Sample.dataset(Shape(features: 10), count: 200, classes: 3)
    let model = try Model.named("logistic-regression", for: dataset)
    let partition = Partition(dataset: dataset, workers: workers, seed: 1)
    let pool = GradientPool(threads: 1, memory: 0)
    let (start, lambda) = (model.initialParameters(seed: 1), Float(0.05))
    var states = (0..<workers).map { _ in ADMM(start: start, rho: 0.5, lambda: lambda) }
    var replicas = [[Float]](repeating: start, count: workers)
    for _ in 0..<80 {
      for rank in 0..<workers {
        for _ in 0..<12 {
          var gradient = try pool.compute(
            model, replicas[rank], dataset, partition.shards[rank]
          ).values
          states[rank].correct(&gradient, at: replicas[rank])
          Vectors.add(gradient, to: &replicas[rank], scaledBy: -1)
        }
      }
      let mean = Vectors.mean((0..<workers).map { states[$0].message(from: replicas[$0]) })
      for rank in 0..<workers {
        states[rank].endRound(meanMessage: mean, parameters: replicas[rank], workers: workers)
      }
    }
    let minimum = states[0].consensus
    for state in states { #expect(haveSameBits(state.consensus, minimum)) }
    for replica in replicas {
      #expect(zip(replica, minimum).allSatisfy { abs($0 - $1) < 1e-3 })
    }
    // The slope of all losses together: λ against the sign of what is not zero, else less.
    let slope = Vectors.sum(
      try partition.shards.map { try pool.compute(model, minimum, dataset, $0).values })
    for (value, slope) in zip(minimum, slope) {
      if value == 0 {
        #expect(abs(slope) <= lambda + 1e-3)
      } else {
        #expect(abs(slope + (value > 0 ? lambda : -lambda)) < 1e-3)
      }
    }
    let zeros = minimum.filter { $0 == 0 }.count
    #expect(zeros > 3 && zeros < 30, "\(zeros) zeros of \(minimum.count)")
  }

  @Test("one round by hand")
  func round() {
    // z = S(mean, 0.5 / (2 * 1)) moves each entry by 0.25 towards zero; then u += x - z.
    var state = ADMM(start: [0, 0, 0], rho: 1, lambda: 0.5)
    #expect(state.message(from: [1, 2, 3]) == [1, 2, 3])
    state.endRound(meanMessage: [1.25, -0.2, -2.25], parameters: [1, 1, 1], workers: 2)
    #expect(state.consensus == [1, 0, -2])
    #expect(state.dual == [0, 1, 3])
    #expect(state.message(from: [1, 2, 3]) == [1, 3, 6])
    var gradient: [Float] = [10, 10, 10]
    state.correct(&gradient, at: [2, 2, 2])
    #expect(gradient == [11, 13, 17])
  }
}
