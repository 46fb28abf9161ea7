internal import Learning
internal import SimulationKernel

/// What a worker keeps from step to step.
struct MLLessMemory {
  var course: MLLessCourse
  var mailbox: MLLessMailbox
  var compressor: Compressor
  /// Bytes of the worker's log so far.
  var logBytes = 0

  private var accumulated: [Float] = []
  private var losses: (sum: Double, count: Int) = (0, 0)

  /// What a worker begins with.
  init(_ worker: Worker, _ settings: MLLessSettings) {
    course = MLLessCourse(
      worker.job, localSteps: settings.localSteps, repartitions: settings.repartitions)
    mailbox = MLLessMailbox(
      workers: worker.job.workers.count, keepsBarrier: settings.slack != nil)
    compressor = Compressor(
      settings.compression, dimension: worker.replica.parameters.count,
      seed: worker.job.configuration.seed, rank: worker.rank)
  }

  /// Adds to what is sent with the next exchange.
  mutating func accumulate(_ vector: [Float]) {
    if accumulated.isEmpty { accumulated = vector } else { Vectors.add(vector, to: &accumulated) }
  }

  /// Hands out what has accumulated since the last exchange.
  mutating func takeAccumulated() -> [Float] {
    defer { accumulated = [] }
    return accumulated
  }

  mutating func note(loss: Double) { losses = (losses.sum + loss, losses.count + 1) }

  /// Hands out the mean loss since the last exchange.
  mutating func takeLoss() -> Double {
    defer { losses = (0, 0) }
    return losses.sum / Double(max(1, losses.count))
  }
}

extension MLLessSettings {
  /// Bytes of a line of a log (assumed).
  static let logLineBytes = 100

  /// The time of one processor to compress with zlib: 22 to 30 MB/s, measured on Gaussian floats.
  func deflation(of byteCount: Int) -> Duration { time(of: byteCount, bytesPerSecond: 25e6) }

  /// The time to get it back: eight times as fast, measured with the same.
  func inflation(of byteCount: Int) -> Duration { time(of: byteCount, bytesPerSecond: 200e6) }

  private func time(of byteCount: Int, bytesPerSecond: Double) -> Duration {
    zlibRatio == nil ? .zero : .rounded(seconds: Double(byteCount) / bytesPerSecond)
  }

  /// What is left of so many bytes on the wire.
  func deflatedBytes(of byteCount: Int) -> Int {
    zlibRatio.map { Int((Double(byteCount) * $0).rounded(.up)) } ?? byteCount
  }
}

extension TrainingJob {
  /// Bytes of what a worker sends, before zlib; of a time-only run, without the vector.
  func wireBytes(of vector: CompressedVector?, _ settings: MLLessSettings) -> Int {
    let parameters = configuration.workload.parameterCount
    let share: Double
    switch settings.compression {
    case .topK(let part): share = vector?.density ?? part
    case .significance: share = vector?.density ?? settings.density
    case .none, .qsgd: share = 1
    }
    if settings.compression.keepsResidual, settings.entryBytes > 8 {
      return settings.entryBytes * Int((share * Double(parameters)).rounded())
    }
    return vector?.wireBytes(pricedAs: parameters)
      ?? settings.compression.wireBytes(dimension: parameters, density: share)
  }
}
