import Learning
import Synchronization

/// Independent gradients on one thread and on two; an item is a sample.
///
/// The figure is wall time of one thread over that of two: 2 on two idle cores, at best.
extension Benchmark {
  static let threads: [Benchmark] = [("mlp", 512), ("lenet5", 128), ("resnet8", 32)].map {
    name, batch in
    let bench = Mutex<ThreadBench?>(nil)
    return Benchmark(measuring: "learning/two-threads/\(name)/\(batch)") {
      try bench.withLock { bench in
        let ready = try bench ?? ThreadBench(name, batch: batch)
        bench = ready
        return try ready.run()
      }
    }
  }
}

/// A model with several batches, whose gradients are computed again and again.
private struct ThreadBench: Sendable {
  private let alone = GradientPool(threads: 1, memory: 0)
  private let both = GradientPool(threads: 2, memory: 0)
  private let model: Model
  private let dataset: Dataset
  private let parameters: [Float]
  private let batches: [[Int32]]

  init(_ name: String, batch: Int) throws {
    dataset = try DatasetCatalog.load(.named("fashion-mnist-fixture")).train
    model = try Model.named(name, for: dataset)
    parameters = model.initialParameters(seed: 1)
    // About a tenth of a second for one thread.
    let flops = (model.cost.forwardFLOPs + model.cost.backwardFLOPs) * Double(batch)
    let count = max(4, min(64, Int(3e9 / flops)))
    let samples = dataset.count
    batches = (0..<count).map { k in (0..<batch).map { Int32((k * batch + $0) % samples) } }
  }

  func run() throws -> Benchmark.Work {
    var least = (alone: Double.infinity, both: Double.infinity)
    for _ in 0..<8 {
      least.alone = min(least.alone, try seconds(with: alone))
      least.both = min(least.both, try seconds(with: both))
    }
    return Benchmark.Work(
      items: 16 * batches.count * batches[0].count,
      figures: [("speedup", least.alone / least.both)])
  }

  /// Wall time from the first gradient's start to the last one's end.
  private func seconds(with pool: GradientPool) throws -> Double {
    let clock = ContinuousClock()
    let time = try clock.measure {
      let tasks = batches.map {
        pool.gradient(of: model, at: parameters, on: dataset, samples: $0, seed: 1)
      }
      for task in tasks { _ = try task.join() }
    }
    return time / .seconds(1)
  }
}
