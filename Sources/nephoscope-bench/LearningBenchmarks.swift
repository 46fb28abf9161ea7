import Foundation
import Learning
import Synchronization

/// Gradients of the zoo and vector kernels; an item is a sample, or a byte that is moved.
///
/// The first run of each makes what it needs; the least time is that of a later one.
extension Benchmark {
  static let learning: [Benchmark] = gradients + threads + [epoch] + vectors + aggregation

  private static let gradients: [Benchmark] = [
    "logistic-regression", "mlp", "lenet5", "resnet8", "mobilenet", "resnet18",
  ].flatMap { name in [32, 128, 512].map { gradient(name, batch: $0) } }

  private static func gradient(_ name: String, batch: Int) -> Benchmark {
    let bench = Mutex<GradientBench?>(nil)
    return Benchmark("learning/\(name)/\(batch)") {
      try bench.withLock { bench in
        let ready = try bench ?? GradientBench(name, batch: batch)
        bench = ready
        return try ready.run()
      }
    }
  }

  /// LeNet-5 on all of Fashion-MNIST once, with the steps of the optimizer.
  private static let epoch: Benchmark = {
    let bench = Mutex<EpochBench?>(nil)
    return Benchmark("learning/epoch/lenet5") {
      try bench.withLock { bench in
        let ready = try bench ?? EpochBench()
        bench = ready
        return try ready.run()
      }
    }
  }()

  /// Sixteen gradients of MobileNet's length; an item is a float of one of them.
  private static let aggregation: [Benchmark] = [
    AggregationRule.trimmedMean(trimmed: 3), .median, .meamed(faulty: 3), .krum(faulty: 3),
  ].map { rule in
    let gradients = Mutex<[[Float]]>([])
    return Benchmark("learning/aggregate/\(rule.name)") {
      gradients.withLock { gradients in
        if gradients.isEmpty { gradients = AggregationBench.gradients() }
        _ = rule.aggregate(gradients)
        return gradients.count * AggregationBench.count
      }
    }
  }

  private static let vectors: [Benchmark] = [
    vector("mean-8", streams: 9) { bench in
      Vectors.mean(bench.inputs, into: &bench.result)
    },
    // Two are read and one written.
    vector("triad", streams: 3) { bench in
      triad(bench.inputs[0], bench.inputs[1], into: &bench.result)
    },
    // Gradient and velocity are read, parameters too; the last two are written.
    vector("momentum", streams: 5) { bench in
      bench.momentum.update(&bench.result, with: bench.inputs[0])
    },
    // Gradient, both moments and parameters are read; the last three are written.
    vector("adam", streams: 7) { bench in
      bench.adam.update(&bench.result, with: bench.inputs[0])
    },
    vector("filter-sparse", streams: 2) { bench in
      _ = bench.filter.select(step: 1, parameters: bench.inputs[1])
    },
  ]

  private static func vector(
    _ name: String, streams: Int, _ work: @escaping @Sendable (inout VectorBench) -> Void
  ) -> Benchmark {
    let bench = Mutex<VectorBench?>(nil)
    return Benchmark("learning/\(name)") {
      bench.withLock { bench in
        var ready = bench ?? VectorBench()
        bench = nil
        for _ in 0..<VectorBench.repetitions { work(&ready) }
        bench = ready
        return VectorBench.repetitions * streams * 4 * VectorBench.count
      }
    }
  }

  /// STREAM's triad, the measure of the machine's memory.
  private static func triad(_ x: [Float], _ y: [Float], into z: inout [Float]) {
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        z.withUnsafeMutableBufferPointer { z in
          for i in 0..<z.count { z[i] = x[i] + 3 * y[i] }
        }
      }
    }
  }
}

/// A model with a batch, computed again and again.
private struct GradientBench: Sendable {
  private let pool = GradientPool(threads: 1, memory: 0)
  private let model: Model
  private let dataset: Dataset
  private let parameters: [Float]
  private let samples: [Int32]
  private let repetitions: Int

  init(_ name: String, batch: Int) throws {
    let isSmall = ["logistic-regression", "mlp", "lenet5"].contains(name)
    dataset =
      try isSmall
      ? DatasetCatalog.load(.named("fashion-mnist-fixture")).train
      : DatasetCatalog.load(
        .synthetic(.images(side: 32), samples: 512, testSamples: 1, seed: 1)
      ).train
    model = try Model.named(name, for: dataset)
    parameters = model.initialParameters(seed: 1)
    samples = (0..<batch).map { Int32($0) }
    // About a thirtieth of a second.
    let flops = (model.cost.forwardFLOPs + model.cost.backwardFLOPs) * Double(batch)
    repetitions = max(1, min(2000, Int(1e9 / flops)))
  }

  func run() throws -> Int {
    for _ in 0..<repetitions {
      _ = try pool.gradient(
        of: model, at: parameters, on: dataset, samples: samples, seed: 1
      ).join()
    }
    return repetitions * samples.count
  }
}

/// An epoch of one worker, without evaluation.
private struct EpochBench: Sendable {
  private static let batch = 128

  private let pool = GradientPool(threads: 1, memory: 0)
  private let model: Model
  private let dataset: Dataset
  private let partition: Partition

  init() throws {
    dataset = try DatasetCatalog.load(.named("fashion-mnist")).train
    model = try Model.named("lenet5", for: dataset)
    partition = Partition(dataset: dataset, workers: 1, seed: 1)
  }

  func run() throws -> Int {
    var parameters = model.initialParameters(seed: 1)
    var optimizer = Optimizer(
      .sgd(learningRate: 0.05, momentum: 0.9), parameterCount: parameters.count)
    let steps = partition.stepsPerEpoch(batchSize: EpochBench.batch)
    for step in 0..<steps {
      let samples = partition.batch(rank: 0, epoch: 0, index: step, size: EpochBench.batch)
      let task = pool.gradient(
        of: model, at: parameters, on: dataset, samples: samples, seed: 1)
      optimizer.update(&parameters, with: try task.join().values)
    }
    return steps * EpochBench.batch
  }
}

/// Gradients that differ in every entry.
private enum AggregationBench {
  static let count = 3_217_226

  static func gradients() -> [[Float]] {
    (0..<16).map { rank in
      (0..<count).map { index in Float((index &* 7919 &+ rank &* 104_729) % 10_007) * 1e-3 - 5 }
    }
  }
}

/// Vectors as long as ResNet-18 has parameters.
private struct VectorBench: Sendable {
  static let count = 11_173_962
  static let repetitions = 4

  let inputs: [[Float]]
  var result: [Float]
  var momentum = Optimizer(.sgd(learningRate: 0.1, momentum: 0.9), parameterCount: count)
  var adam = Optimizer(.adam(), parameterCount: count)
  var filter = SignificanceFilter(threshold: 0.7, parameterCount: count)

  init() {
    inputs = (0..<8).map { k in (0..<VectorBench.count).map { Float($0 % 1000 + k) * 1e-3 } }
    result = [Float](repeating: 0, count: VectorBench.count)
  }
}
