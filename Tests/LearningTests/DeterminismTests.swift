import Foundation
import Synchronization
import Testing

@testable import Learning

/// The same bits whatever the threads and the timing, and nothing computed twice.
struct DeterminismTests {
  /// Trains four workers for some steps; each step's gradients are started before any is joined.
  private func train(_ name: String, with pool: GradientPool) throws -> [Float] {
    let data = try Sample.images()
    let model = try Model.named(name, for: data.train)
    let partition = Partition(dataset: data.train, workers: 4, seed: 3)
    var parameters = model.initialParameters(seed: 1)
    var statistics = model.initialStatistics
    var optimizer = Optimizer(
      .sgd(learningRate: 0.05, momentum: 0.9), parameterCount: parameters.count)
    for step in 0..<6 {
      let tasks = (0..<4).map { rank in
        pool.gradient(
          of: model, at: parameters, on: data.train,
          samples: partition.batch(rank: rank, epoch: 0, index: step, size: 72), seed: 1)
      }
      let gradients = try tasks.map { try $0.join() }
      optimizer.update(&parameters, with: Vectors.mean(gradients.map(\.values)))
      for gradient in gradients { model.absorb(gradient.batchStatistics, into: &statistics) }
    }
    let evaluation = try pool.evaluation(
      of: model, at: parameters, statistics: statistics, on: data.test
    ).join()
    return parameters + statistics + [Float(evaluation.loss), Float(evaluation.accuracy)]
  }

  @Test(
    "one thread or many, with random delays: same bits", arguments: ["mlp", "lenet5", "resnet8"])
  func sameBits(_ name: String) throws {
    let alone = try train(name, with: GradientPool(threads: 1))
    for threads in [2, 4] {
      let pool = GradientPool(
        threads: threads, backend: .oneDNN, portable: false, memory: 1 << 20,
        delay: { Thread.sleep(forTimeInterval: .random(in: 0...0.004)) })
      #expect(haveSameBits(try train(name, with: pool), alone))
    }
  }

  @Test("independent runs share a pool without touching each other")
  func sharedPool() throws {
    let pool = GradientPool(threads: 2)
    let results = Mutex<[Result<[Float], any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      let result = Result { try train("mlp", with: pool) }
      results.withLock { $0.append(result) }
    }
    let alone = try train("mlp", with: GradientPool(threads: 1))
    #expect(results.withLock { $0.count } == 4)
    for result in results.withLock({ $0 }) { #expect(haveSameBits(try result.get(), alone)) }
  }

  @Test("what was computed for the same parameters and batch is not computed again")
  func memo() throws {
    let data = try Sample.images()
    let model = try Model.named("mlp", for: data.train)
    let computations = Atomic<Int>(0)
    let pool = GradientPool(
      threads: 1, backend: .oneDNN, portable: false, memory: 100 << 20,
      delay: { computations.add(1, ordering: .relaxed) })
    let start = model.initialParameters(seed: 1)
    let first = try pool.compute(model, start, data.train, [1, 2, 3])
    let again = pool.gradient(
      of: model, at: start, on: data.train, samples: [1, 2, 3], seed: 0)
    #expect(again.isSaved)
    #expect(haveSameBits(try again.join().values, first.values))
    #expect(pool.savedCount == 1)
    var moved = start
    moved[5] = -moved[5]
    moved[700] = -moved[700]
    _ = try pool.compute(model, moved, data.train, [1, 2, 3])
    _ = try pool.compute(model, start, data.train, [1, 2, 4])
    _ = try pool.compute(model, start, data.test, [1, 2, 3])
    #expect(pool.savedCount == 1)
    #expect(computations.load(ordering: .relaxed) == 4)
  }

  @Test("a full memory forgets the oldest gradient")
  func forgets() throws {
    let data = try Sample.images()
    let model = try Model.named("logistic-regression", for: data.train)
    let pool = GradientPool(threads: 1, memory: 2 * model.cost.gradientBytes)
    let start = model.initialParameters(seed: 1)
    for sample: Int32 in [0, 1, 2, 2, 1, 0] {
      _ = try pool.compute(model, start, data.train, [sample])
    }
    // 2 and 1 were still there; 0 had made room for 2.
    #expect(pool.savedCount == 2)
  }

  @Test("the record names library, version and instruction set")
  func record() {
    let record = GradientPool(threads: 3).record
    #expect(record.library == "oneDNN")
    #expect(record.version.split(separator: ".").count == 3)
    #expect(!record.instructionSet.isEmpty)
    #expect(record.threads == 3)
    #expect(GradientPool(threads: 1, backend: .reference).record.isPortable)
  }
}
