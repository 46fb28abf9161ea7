import Foundation
import Testing

@testable import Learning

/// A model of the user's own in a PyTorch process.
///
/// Those tests that need PyTorch run where NEPHOSCOPE_PYTHON names a Python that has it.
struct ExternalModelTests {
  private static let python = ProcessInfo.processInfo.environment["NEPHOSCOPE_PYTHON"]

  private let module = """
    import torch
    from torch import nn

    class Perceptron(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))

    class Normalized(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(),
                             nn.Dropout(0.5), nn.Linear(4 * 26 * 26, 10))

    class Dying(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Flatten(), nn.Linear(784, 10))

        def forward(self, x):
            if self.training:
                import os
                os._exit(3)
            return super().forward(x)

    class TooNarrow(nn.Linear):
        def __init__(self):
            super().__init__(10, 10)
    """

  private func load(
    _ className: String, python: String
  ) throws -> (model: Model, folder: DataTests.Folder, data: TrainingData) {
    let folder = try DataTests.Folder()
    try folder.write(Array(module.utf8), to: "models.py")
    let data = try Sample.images()
    let external = ExternalModel(
      file: folder.path + "/models.py", className: className, interpreter: python)
    return (try .external(external, for: data.train, seed: 5), folder, data)
  }

  @Test("a Python that is not there is an error that says so")
  func noPython() throws {
    let error = #expect(throws: LearningError.self) {
      try load("Perceptron", python: "no-such-python")
    }
    #expect(error?.description.contains("no-such-python") == true)
  }

  @Test("a Python without PyTorch is an error that says how to get it")
  func noTorch() throws {
    // This interpreter answers as one does whose import of torch failed.
    let folder = try DataTests.Folder()
    let script = "#!/bin/sh\necho error PyTorch is not installed, try: pip install torch\nexit 1\n"
    try folder.write(Array(script.utf8), to: "python")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder.path + "/python")
    let error = #expect(throws: LearningError.self) {
      try load("Perceptron", python: folder.path + "/python")
    }
    #expect(error?.description.contains("pip install torch") == true)
  }

  @Test("a module of PyTorch has the gradient of the same layers here", .enabled(if: python != nil))
  func gradient() throws {
    let (own, folder, data) = try load("Perceptron", python: try #require(Self.python))
    defer { withExtendedLifetime(folder) {} }
    let model = try Model.named("mlp", for: data.train)
    #expect(own.parameterCount == model.parameterCount)
    #expect(own.cost.tensorCount == 4)
    #expect(abs(own.cost.forwardFLOPs / model.cost.forwardFLOPs - 1) < 0.01)
    let start = own.initialParameters(seed: 5)
    let samples = (0..<128).map { Int32($0) }
    let pool = GradientPool(threads: 2)
    let theirs = try pool.compute(own, start, data.train, samples)
    let ours = try pool.compute(model, start, data.train, samples)
    #expect(relativeDistance(theirs.values, ours.values) < 1e-5)
    #expect(abs(theirs.loss - ours.loss) < 1e-5)
    let evaluation = try pool.evaluation(of: own, at: start, statistics: [], on: data.test).join()
    let expected = try pool.evaluation(of: model, at: start, statistics: [], on: data.test).join()
    #expect(evaluation.accuracy == expected.accuracy)
    #expect(abs(evaluation.loss - expected.loss) < 1e-5)
  }

  @Test("weights go from a layer here to the same in PyTorch and back", .enabled(if: python != nil))
  func weights() throws {
    let (own, folder, data) = try load("Perceptron", python: try #require(Self.python))
    let model = try Model.named("mlp", for: data.train)
    let path = folder.path + "/mlp.safetensors"
    try Weights(parameters: model.initialParameters(seed: 3), statistics: [])
      .write(safetensors: path, for: model)
    let read = try Weights(safetensors: path, for: own)
    #expect(haveSameBits(read.parameters, model.initialParameters(seed: 3)))
    try Weights(parameters: own.initialParameters(seed: 5), statistics: [])
      .write(safetensors: path, for: own)
    let back = try Weights(safetensors: path, for: model)
    #expect(haveSameBits(back.parameters, own.initialParameters(seed: 5)))
  }

  @Test("tensors have the names of state_dict, statistics too", .enabled(if: python != nil))
  func names() throws {
    let (own, folder, _) = try load("Normalized", python: try #require(Self.python))
    defer { withExtendedLifetime(folder) {} }
    #expect(
      own.namedTensors.map(\.name) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "4.weight", "4.bias", "1.running_mean",
        "1.running_var",
      ])
    #expect(own.namedTensors.first?.shape == [4, 1, 3, 3])
    let path = folder.path + "/normalized.safetensors"
    let parameters = own.initialParameters(seed: 5)
    try Weights(parameters: parameters, statistics: [1, 2, 3, 4, 5, 6, 7, 8])
      .write(safetensors: path, for: own)
    let read = try Weights(safetensors: path, for: own)
    #expect(haveSameBits(read.parameters, parameters))
    #expect(read.statistics == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test("the record names the PyTorch that computes", .enabled(if: python != nil))
  func record() throws {
    let (own, folder, data) = try load("Perceptron", python: try #require(Self.python))
    defer { withExtendedLifetime(folder) {} }
    let pool = GradientPool(threads: 2)
    let record = pool.record(for: own)
    #expect(record.library == "PyTorch" && record.threads == 2 && !record.isPortable)
    #expect(record.version.first?.isNumber == true && !record.instructionSet.isEmpty)
    #expect(pool.record(for: try .named("mlp", for: data.train)) == pool.record)
  }

  @Test("dropout and batch statistics are the same in any process", .enabled(if: python != nil))
  func determinism() throws {
    let (own, folder, data) = try load("Normalized", python: try #require(Self.python))
    defer { withExtendedLifetime(folder) {} }
    let start = own.initialParameters(seed: 5)
    #expect(own.initialStatistics == [0, 0, 0, 0, 1, 1, 1, 1])
    let samples = (0..<64).map { Int32($0) }
    let first = try GradientPool(threads: 1).compute(own, start, data.train, samples)
    let again = try GradientPool(threads: 1).compute(own, start, data.train, samples)
    #expect(haveSameBits(first.values, again.values))
    #expect(haveSameBits(first.batchStatistics, again.batchStatistics))
    var statistics = own.initialStatistics
    own.absorb(first.batchStatistics, into: &statistics)
    let pool = GradientPool(threads: 2)
    let evaluation = try pool.evaluation(
      of: own, at: start, statistics: statistics, on: data.test
    ).join()
    #expect(evaluation.loss > 0 && evaluation.loss < 10)
  }

  @Test("what is wrong with a module is an error, not a crash", .enabled(if: python != nil))
  func faults() throws {
    let python = try #require(Self.python)
    let missing = #expect(throws: LearningError.self) { try load("Nothing", python: python) }
    #expect(missing?.description.contains("no class Nothing") == true)
    let narrow = #expect(throws: LearningError.self) { try load("TooNarrow", python: python) }
    #expect(narrow?.description.contains("28x28x1") == true)
    let (dying, folder, data) = try load("Dying", python: python)
    defer { withExtendedLifetime(folder) {} }
    let error = #expect(throws: LearningError.self) {
      try GradientPool(threads: 1).compute(
        dying, dying.initialParameters(seed: 5), data.train, [1])
    }
    #expect(error?.description.contains("status 3") == true)
  }
}
