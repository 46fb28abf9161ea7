import Testing

@testable import Learning

/// What hostile workers send, and what a rule that looks at the loss makes of it.
struct AttackTests {
  @Test("signs are flipped, gradients scaled")
  func factors() {
    let gradient: [Float] = [1, -2, 0.5]
    func sent(_ attack: GradientAttack) -> [Float] {
      attack.applied(to: gradient, seed: 1, rank: 0, step: 1)
    }
    #expect(sent(.signFlip(factor: 10)) == [-10, 20, -5])
    #expect(sent(.scaled(factor: 4)) == [4, -8, 2])
  }

  @Test("noise is normal, and a stream of its own for each seed, rank and step")
  func noise() {
    let attack = GradientAttack.gaussian(deviation: 10)
    let zeros = [Float](repeating: 1, count: 100_000)
    let noise = attack.applied(to: zeros, seed: 1, rank: 2, step: 3).map { Double($0) }
    let mean = noise.reduce(0, +) / 1e5
    let variance = noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    // Five standard errors.
    #expect(abs(mean) < 5 * 10 / 316)
    #expect(abs(variance - 100) < 5 * 100 * 1.414 / 316)
    #expect(abs(Double(noise.filter { abs($0) < 10 }.count) / 1e5 - 0.6827) < 0.008)
    let short: [Float] = [0, 0]
    let first = attack.applied(to: short, seed: 1, rank: 2, step: 3)
    #expect(first == noise[..<2].map { Float($0) })
    for (seed, rank, step) in [(2, 2, 3), (1, 3, 3), (1, 2, 4)] {
      #expect(attack.applied(to: short, seed: UInt64(seed), rank: rank, step: step) != first)
    }
  }

  @Test("flipped labels count from the other end, over the same samples")
  func labels() throws {
    let data = try Sample.images().train
    let flipped = try data.flippingLabels()
    #expect(flipped.labels == data.labels.map { 9 - $0 })
    #expect(flipped.fingerprint != data.fingerprint)
    #expect(try flipped.flippingLabels().labels == data.labels)
    guard case .bytes(let own, _) = flipped.features, case .bytes(let all, _) = data.features
    else { throw LearningError("the fixture holds bytes") }
    #expect(
      own.withUnsafeBytes { $0.baseAddress } == all.withUnsafeBytes { $0.baseAddress },
      "samples were copied")
    let ratings = SyntheticData.ratings(users: 4, items: 3, rank: 2)
      .generate(samples: 8, testSamples: 1, seed: 3).train
    #expect(throws: LearningError.self) { try ratings.flippingLabels() }
  }

  @Test("a loss on some samples is that of the gradient there, on any number of threads")
  func lossOnSamples() throws {
    let data = try Sample.images().train
    let model = try Model.named("mlp", for: data)
    let start = model.initialParameters(seed: 1)
    let samples = (0..<1500).map { Int32($0 * 7 % 2000) }
    let losses = try [1, 2, 4].map { threads in
      try GradientPool(threads: threads).evaluation(
        of: model, at: start, statistics: [], on: data, samples: samples
      ).join().loss
    }
    #expect(Set(losses).count == 1)
    let gradient = try GradientPool(threads: 1).compute(model, start, data, samples)
    #expect(abs(losses[0] - gradient.loss) < 1e-6)
  }

  @Test("Zeno leaves out the workers whose gradients lead astray")
  func zeno() throws {
    let data = try Sample.images()
    let model = try Model.named("mlp", for: data.train)
    let pool = GradientPool(threads: 1)
    let parameters = model.initialParameters(seed: 1)
    let partition = Partition(dataset: data.train, workers: 6, seed: 3)
    let honest = try (0..<6).map {
      try pool.compute(
        model, parameters, data.train, partition.batch(rank: $0, epoch: 0, index: 0, size: 32)
      ).values
    }
    var sent = honest
    for rank in [1, 4] {
      sent[rank] = GradientAttack.signFlip(factor: 10)
        .applied(to: sent[rank], seed: 1, rank: rank, step: 1)
    }
    let rule = AggregationRule.zeno(rho: 1e-4, trimmed: 2)
    let validation = (0..<100).map { Int32($0) }
    func loss(_ parameters: [Float]) throws -> Double {
      try pool.evaluation(
        of: model, at: parameters, statistics: [], on: data.train, samples: validation
      ).join().loss
    }
    let before = try loss(parameters)
    let scores = try sent.map { gradient in
      var moved = parameters
      Vectors.add(gradient, to: &moved, scaledBy: -0.05)
      return rule.score(of: gradient, loss: before, movedLoss: try loss(moved))
    }
    let result = rule.aggregate(sent, scores: scores)
    #expect(haveSameBits(result, Vectors.mean([0, 2, 3, 5].map { honest[$0] })))
  }
}
