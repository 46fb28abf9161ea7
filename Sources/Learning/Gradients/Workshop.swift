import Foundation

/// Keeps workspaces from batch to batch; as many exist as gradients run at the same time.
final class Workshop: @unchecked Sendable {
  struct Key: Hashable {
    let model: String
    let batch: Int
    let mode: OperationSetting.Mode
    let hasBackground: Bool
  }

  private let lock = NSLock()
  private let backend: Backend
  private var idle: [Key: [NetworkWorkspace]] = [:]

  private var idleWorkers: [ExternalWorker] = []

  init(backend: Backend) { self.backend = backend }

  /// A process for an external model that holds such a batch; `keep` gives it back.
  func externalWorker(
    _ external: ExternalArchitecture, batch: Int
  ) throws(LearningError) -> ExternalWorker {
    let known: ExternalWorker? = lock.withLock {
      let fitting = idleWorkers.firstIndex { $0.model == external.model && $0.capacity >= batch }
      return fitting.map { idleWorkers.remove(at: $0) }
    }
    if let known { return known }
    return try ExternalWorker(
      external.model, shape: external.shape, classCount: external.classCount,
      capacity: max(batch, Workshop.evaluationPart), seed: external.seed)
  }

  func keep(_ worker: ExternalWorker) { lock.withLock { idleWorkers.append(worker) } }

  /// Lends a workspace for the time of `body`.
  func withWorkspace<Result>(
    for model: Model, _ network: LayerStack, _ loss: Loss, on dataset: Dataset, batch: Int,
    mode: OperationSetting.Mode, _ body: (NetworkWorkspace) -> Result
  ) -> Result {
    if backend == .oneDNN { OneDNN.useOneThread() }
    let key = Key(
      model: model.identity, batch: batch, mode: mode, hasBackground: dataset.hasBackground)
    let known = lock.withLock { idle[key]?.popLast() }
    let workspace = known ?? NetworkWorkspace(network, loss, key: key, backend: backend)
    defer { lock.withLock { idle[key, default: []].append(workspace) } }
    return body(workspace)
  }
}

extension Workshop {
  /// Samples of one part of an evaluation, and of one batch within it.
  static let evaluationPart = 1024
  private static let evaluationBatch = 64

  func gradient(
    of model: Model, at parameters: [Float], on dataset: Dataset, samples: [Int32], seed: UInt64
  ) -> Result<Gradient, LearningError> {
    switch model.architecture {
    case .network(let network, let loss, let part):
      return .success(
        gradient(of: model, network, loss, part, at: parameters, on: dataset, samples: samples))
    case .pointwise(let pointwise):
      var values = [Float](repeating: 0, count: parameters.count)
      var total = 0.0
      values.withUnsafeMutableBufferPointer { values in
        guard let gradient = values.baseAddress else { return }
        for sample in samples {
          total += pointwise.train(
            Int(sample), of: dataset, at: parameters, scale: 1 / Float(samples.count),
            gradient: gradient)
        }
      }
      return .success(
        Gradient(values: values, loss: total / Double(samples.count), batchStatistics: []))
    case .external(let external):
      return Result { () throws(LearningError) in
        try gradient(of: external, at: parameters, on: dataset, samples: samples, seed: seed)
      }
    }
  }

  private func gradient(
    of model: Model, _ network: LayerStack, _ loss: Loss, _ part: Int?,
    at parameters: [Float], on dataset: Dataset, samples: [Int32]
  ) -> Gradient {
    let size = min(part ?? samples.count, samples.count)
    var statistics = [Float](repeating: 0, count: network.statisticsCount)
    var total = 0.0
    let values = [Float](unsafeUninitializedCapacity: parameters.count) { gradient, count in
      withSlots(parameters, gradient.baseAddress, &statistics) { slots in
        for start in stride(from: 0, to: samples.count, by: size) {
          let part = samples[start..<min(start + size, samples.count)]
          let own = Slots(
            parameters: slots.parameters, gradient: slots.gradient,
            statistics: slots.statistics, accumulates: start > 0)
          total += withWorkspace(
            for: model, network, loss, on: dataset, batch: part.count, mode: .training
          ) { $0.train(on: dataset, part, of: samples.count, own) }
        }
      }
      count = parameters.count
    }
    return Gradient(
      values: values, loss: total / Double(samples.count), batchStatistics: statistics)
  }

  func evaluation(
    of model: Model, at parameters: [Float], statistics: [Float], on dataset: Dataset,
    samples: [Int32]
  ) -> Result<Counts, LearningError> {
    switch model.architecture {
    case .network(let network, let loss, _):
      var counts = Counts(classes: model.classCount)
      var statistics = statistics
      withSlots(parameters, nil, &statistics) { slots in
        withWorkspace(
          for: model, network, loss, on: dataset, batch: Workshop.evaluationBatch, mode: .inference
        ) { workspace in
          for start in stride(from: 0, to: samples.count, by: Workshop.evaluationBatch) {
            let batch = samples[start..<min(start + Workshop.evaluationBatch, samples.count)]
            workspace.evaluate(on: dataset, batch, slots, into: &counts)
          }
        }
      }
      return .success(counts)
    case .pointwise(let pointwise):
      var counts = Counts(classes: model.classCount)
      for sample in samples {
        pointwise.evaluate(Int(sample), of: dataset, at: parameters, into: &counts)
      }
      return .success(counts)
    case .external(let external):
      return Result { () throws(LearningError) in
        try evaluation(
          of: external, at: parameters, statistics: statistics, on: dataset, samples: samples)
      }
    }
  }

  private func withSlots(
    _ parameters: [Float], _ gradient: Floats?, _ statistics: inout [Float],
    _ body: (Slots) -> Void
  ) {
    let nothing = FloatBuffer()
    parameters.withUnsafeBufferPointer { parameters in
      statistics.withUnsafeMutableBufferPointer { statistics in
        body(
          Slots(
            parameters: parameters.baseAddress ?? UnsafePointer(nothing.floats),
            gradient: gradient ?? nothing.floats,
            statistics: statistics.baseAddress ?? nothing.floats, accumulates: false))
      }
    }
  }
}
