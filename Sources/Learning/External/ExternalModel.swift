import Foundation

/// A PyTorch module of the user's own: its file, its class and the Python that runs it.
public struct ExternalModel: Sendable, Hashable {
  /// The file that defines the class.
  public let file: String
  /// The class, made without arguments; it maps a batch of samples to one score a class.
  public let className: String
  /// The Python to run; found on the path where it is a bare name.
  public let interpreter: String

  /// A module to be run by `interpreter`.
  public init(file: String, className: String, interpreter: String = "python3") {
    self.file = file
    self.className = className
    self.interpreter = interpreter
  }
}

/// What an external model needs at work, and where it starts.
struct ExternalArchitecture: Sendable {
  let model: ExternalModel
  let shape: Shape
  let classCount: Int
  let seed: UInt64
  let parameters: [Float]
  let statistics: [Float]
  let tensors: [NamedTensor]
  /// The PyTorch that computes, and the instruction set it has chosen.
  let version: String
  let instructionSet: String
}

extension Model {
  /// A model of the user's own, trained by PyTorch processes beside this one.
  ///
  /// The module starts as its class makes it under `seed`; `initialParameters` returns that
  /// start. Trained weights depend on the PyTorch that computes them.
  /// - Throws: `LearningError` where Python, torch, the file or the class is missing, or the
  ///   module does not fit the data.
  public static func external(
    _ external: ExternalModel, for dataset: Dataset, seed: UInt64
  ) throws(LearningError) -> Model {
    guard dataset.classCount > 1 else {
      throw LearningError("a model of your own needs classes, and \(dataset.name) has none")
    }
    let worker = try ExternalWorker(
      external, shape: dataset.shape, classCount: dataset.classCount, capacity: 1, seed: seed)
    let facts = worker.facts
    return Model(
      external: ExternalArchitecture(
        model: external, shape: dataset.shape, classCount: dataset.classCount, seed: seed,
        parameters: worker.parameters, statistics: worker.statistics, tensors: facts.namedTensors,
        version: facts.version, instructionSet: facts.instructionSet.lowercased()),
      cost: ModelCost(
        parameterCount: facts.parameters, tensorCount: facts.parameterTensors.count,
        forwardFLOPs: facts.forwardFLOPs, backwardFLOPs: 2 * facts.forwardFLOPs,
        activationBytes: facts.activationBytes))
  }
}

extension Workshop {
  func gradient(
    of external: ExternalArchitecture, at parameters: [Float], on dataset: Dataset,
    samples: [Int32], seed: UInt64
  ) throws(LearningError) -> Gradient {
    let worker = try externalWorker(external, batch: samples.count)
    let loss = try worker.train(
      at: parameters, on: dataset, samples, seed: seed)
    let gradient = Gradient(
      values: worker.gradient, loss: loss, batchStatistics: worker.statistics)
    keep(worker)
    return gradient
  }

  func evaluation(
    of external: ExternalArchitecture, at parameters: [Float], statistics: [Float],
    on dataset: Dataset, samples: [Int32]
  ) throws(LearningError) -> Counts {
    let worker = try externalWorker(external, batch: samples.count)
    var counts = Counts(classes: external.classCount)
    try worker.evaluate(
      at: parameters, statistics: statistics, on: dataset, samples, into: &counts)
    keep(worker)
    return counts
  }
}
