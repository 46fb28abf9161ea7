internal import Foundation
internal import Learning
internal import Training

/// Loads what trainings learn and learn from, each file once.
struct TrainingLoader {
  /// Where data sets lie that come by name; nil for their usual place.
  let dataDirectory: String?

  private var datasets: [TrainingSettings.DatasetReference: TrainingData] = [:]
  private var weights: [Start: Weights] = [:]
  private var externalModels: [ExternalStart: Model] = [:]

  init(dataDirectory: String?) { self.dataDirectory = dataDirectory }

  /// What decides the weights that a file gives a model.
  private struct Start: Hashable {
    let path: String
    let model: TrainingSettings.ModelReference
    let dataset: TrainingSettings.DatasetReference
  }

  /// What decides how a module of the user's own begins.
  private struct ExternalStart: Hashable {
    let model: ExternalModel
    let dataset: TrainingSettings.DatasetReference
    let seed: UInt64
  }

  /// What learns in `training`.
  mutating func subject(
    of training: TrainingSettings, seed: UInt64
  ) throws -> LearningSubject {
    let data = try data(for: training)
    let model = try model(for: training, data: data, seed: seed)
    return LearningSubject(
      model: model, data: data, start: try weights(for: training, of: model))
  }

  /// The data that `training` names.
  private mutating func data(for training: TrainingSettings) throws -> TrainingData {
    if let data = datasets[training.dataset] { return data }
    guard let source = training.dataset.source(directory: dataDirectory) else {
      preconditionFailure("what learns has data to learn from")
    }
    let data = try DatasetCatalog.load(source)
    datasets[training.dataset] = data
    return data
  }

  /// The model that `training` names; a module of the user's own begins as PyTorch draws it.
  ///
  /// - Throws: `LearningError` where the model does not fit the data, or Python does not answer.
  mutating func model(
    for training: TrainingSettings, data: TrainingData, seed: UInt64
  ) throws -> Model {
    switch training.model {
    case .named(let name): return try Model.named(name, for: data.train)
    case .python(let external):
      let start = ExternalStart(model: external, dataset: training.dataset, seed: seed)
      if let model = externalModels[start] { return model }
      let model = try Model.external(external, for: data.train, seed: seed)
      externalModels[start] = model
      return model
    case .absent: preconditionFailure("what learns is a model")
    }
  }

  /// The weights that `training` begins with; nil where they are drawn from the seed.
  private mutating func weights(
    for training: TrainingSettings, of model: Model
  ) throws -> Weights? {
    guard let path = training.initialWeights else { return nil }
    let start = Start(path: path, model: training.model, dataset: training.dataset)
    if let known = weights[start] { return known }
    let read = try Weights(safetensors: path, for: model)
    weights[start] = read
    return read
  }

  /// The text that defines a module of the user's own; nil for a model of the catalog.
  func code(for training: TrainingSettings) throws -> String? {
    guard case .python(let external) = training.model else { return nil }
    do {
      return try String(contentsOfFile: external.file, encoding: .utf8)
    } catch {
      throw DataError(path: external.file, "cannot be read: \(error.localizedDescription)")
    }
  }

}

extension TrainingSettings.DatasetReference {
  /// Where the data comes from; nil where there is only a number of samples.
  func source(directory: String?) -> DatasetSource? {
    switch self {
    case .named(let name): .named(name, directory: directory)
    case .idx(let path): .idx(directory: path)
    case .csv(let path, let label): .csv(path: path, label: label)
    case .cifar10(let path): .cifar10(directory: path)
    case .synthetic(let data, let samples, let testSamples, let seed):
      .synthetic(data, samples: samples, testSamples: testSamples, seed: seed)
    case .sized: nil
    }
  }
}
