import Testing

@testable import Learning

/// What must come out equal when the same arithmetic is spread over workers.
struct EqualityTests {
  private let workers = 4
  private let size = 32

  @Test(
    "the mean of the workers' gradients is that of one machine with all batches",
    arguments: [("logistic-regression", 1e-5), ("mlp", 1e-5), ("lenet5", 1e-5)])
  func oneMachine(_ name: String, _ tolerance: Double) throws {
    let data = try Sample.images()
    let model = try Model.named(name, for: data.train)
    let partition = Partition(dataset: data.train, workers: workers, seed: 3)
    let pool = GradientPool(threads: 1)
    let parameters = model.initialParameters(seed: 1)
    let batches = (0..<workers).map {
      partition.batch(rank: $0, epoch: 0, index: 0, size: size)
    }
    let parts = try batches.map { try pool.compute(model, parameters, data.train, $0).values }
    let whole = try pool.compute(model, parameters, data.train, batches.flatMap { $0 })
    #expect(relativeDistance(Vectors.mean(parts), whole.values) < tolerance)
  }

  @Test("in chunks or at once, the sum in rank order has the same bits")
  func chunks() throws {
    var random = SeededRandom(seed: 1)
    let gradients = (0..<workers).map { _ in (0..<1003).map { _ in random.signedUnit() } }
    let whole = Vectors.mean(gradients)
    let parts = (0..<workers).flatMap { part in
      let range = Vectors.chunk(part, of: workers, count: 1003)
      return Vectors.mean(gradients.map { Array($0[range]) })
    }
    #expect(haveSameBits(whole, parts))
  }

  @Test(
    "filtered replicas with threshold 0 follow one machine within 1e-5",
    arguments: [("logistic-regression", 300), ("mlp", 20)])
  func unfiltered(_ name: String, _ steps: Int) throws {
    let data = try Sample.images()
    let model = try Model.named(name, for: data.train)
    let partition = Partition(dataset: data.train, workers: workers, seed: 3)
    let pool = GradientPool(threads: 1, memory: 0)
    let kind = OptimizerKind.sgd(learningRate: 0.05, momentum: 0.9)
    let count = model.parameterCount
    let start = model.initialParameters(seed: 1)
    var replicas = [[Float]](repeating: start, count: workers)
    var optimizers = replicas.map { _ in Optimizer(kind, parameterCount: count) }
    var filters = replicas.map { _ in SignificanceFilter(threshold: 0, parameterCount: count) }
    var machine = start
    var machineOptimizer = Optimizer(kind, parameterCount: count)
    let perEpoch = partition.stepsPerEpoch(batchSize: size)
    for step in 0..<steps {
      let batches = (0..<workers).map {
        partition.batch(rank: $0, epoch: step / perEpoch, index: step % perEpoch, size: size)
      }
      var sent: [SparseVector] = []
      for rank in 0..<workers {
        let gradient = try pool.compute(model, replicas[rank], data.train, batches[rank]).values
        var update = optimizers[rank].step(for: gradient, at: replicas[rank])
        Vectors.scale(&update, by: 1 / Float(workers))
        Vectors.add(update, to: &replicas[rank])
        filters[rank].accumulate(update)
        sent.append(filters[rank].select(step: step + 1, parameters: replicas[rank]))
      }
      for rank in 0..<workers {
        for (sender, update) in sent.enumerated() where sender != rank {
          update.add(to: &replicas[rank])
        }
      }
      let whole = try pool.compute(model, machine, data.train, batches.flatMap { $0 }).values
      machineOptimizer.update(&machine, with: whole)
    }
    for replica in replicas {
      #expect(zip(replica, machine).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) })
    }
  }

  @Test("accumulated gradients of equal batches are the gradient of all of them")
  func accumulation() throws {
    let data = try Sample.images()
    let model = try Model.named("mlp", for: data.train)
    let pool = GradientPool(threads: 1)
    let parameters = model.initialParameters(seed: 1)
    var accumulator = GradientAccumulator()
    for part in 0..<4 {
      let samples = (part * 16..<part * 16 + 16).map { Int32($0) }
      accumulator.add(try pool.compute(model, parameters, data.train, samples).values)
    }
    let whole = try pool.compute(model, parameters, data.train, (0..<64).map { Int32($0) })
    #expect(relativeDistance(accumulator.takeMean(), whole.values) < 1e-5)
    #expect(accumulator.count == 0)
  }
}
