internal import Learning
internal import Training

/// How large a training is: all that time, memory and bytes depend on.
struct TrainingSize: Sendable, Hashable {
  /// Samples to learn from.
  let sampleCount: Int
  /// Bytes of one sample as stored.
  let sampleBytes: Int
  /// The model that is charged for.
  let workload: ModelCost

  private init(sampleCount: Int, _ profile: WorkloadProfile) {
    self.sampleCount = sampleCount
    sampleBytes = profile.sampleBytes
    workload = profile.cost
  }

  /// The size of what learns, or of the workload it is priced as.
  init(of training: TrainingSettings, with subject: LearningSubject) throws {
    let data = subject.data.train
    let profile =
      try training.pricedAs?.profile(sampleBytes: data.sampleByteCount)
      ?? WorkloadProfile(of: subject.model, sampleBytes: data.sampleByteCount)
    self.init(sampleCount: data.count, profile)
  }

  /// The size of a training of which nothing is computed and nothing is read.
  init(timeOnly training: TrainingSettings) throws {
    if case .sized(let samples) = training.dataset, let workload = training.pricedAs {
      self.init(sampleCount: samples, try workload.profile(sampleBytes: 0))
      return
    }
    guard let source = training.dataset.source(directory: nil),
      let sketch = DatasetSketch(of: source)
    else { preconditionFailure("the reader refuses data that would have to be read") }
    let sampleBytes = sketch.example.sampleByteCount
    let profile =
      try training.pricedAs?.profile(sampleBytes: sampleBytes)
      ?? WorkloadProfile(
        of: Model.named(training.model.name, for: sketch.example), sampleBytes: sampleBytes)
    self.init(sampleCount: sketch.count, profile)
  }
}

extension TrainingSettings.Workload {
  /// The sizes of the workload.
  ///
  /// - Parameter sampleBytes: the bytes of a sample where the workload does not say them.
  fileprivate func profile(sampleBytes: Int) throws -> WorkloadProfile {
    switch self {
    case .named(let name): try WorkloadProfile.named(name)
    case .described(let settings):
      WorkloadProfile(
        name: text, source: "the scenario",
        cost: ModelCost(
          parameterCount: settings.parameters, tensorCount: settings.tensors,
          forwardFLOPs: Double(settings.forwardFLOPs),
          backwardFLOPs: Double(settings.backwardFLOPs),
          activationBytes: Int(settings.activationBytes)),
        sampleBytes: settings.sampleBytes.map(Int.init) ?? sampleBytes)
    }
  }
}
