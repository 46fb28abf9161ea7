import Foundation
import Testing

@testable import Learning

/// Sizes and costs against published numbers, and weights as files.
struct ModelTests {
  @Test(
    "parameters and tensors are those of the published networks",
    arguments: [
      ("logistic-regression", 7850, 2), ("mlp", 101_770, 4), ("lenet5", 61_706, 10),
      ("resnet18", 11_173_962, 62), ("mobilenet", 3_217_226, 83),
    ])
  func sizes(_ name: String, _ parameters: Int, _ tensors: Int) throws {
    let model = try Model.named(
      name, for: Sample.dataset(Sample.shape(for: name), count: 1, classes: 10))
    #expect(model.parameterCount == parameters)
    #expect(model.cost.tensorCount == tensors)
    #expect(model.cost.gradientBytes == 4 * parameters)
    #expect(model.initialParameters(seed: 1).count == parameters)
  }

  @Test(
    "operations are two for each multiply-add of the published counts",
    arguments: [
      // LeNet-5: 117,600 + 240,000 + 48,000 + 10,080 + 840 multiply-adds.
      ("lenet5", 416_520.0, 0.02), ("mlp", 101_632, 0.01),
      // ResNet-18 on 32x32: 0.56 G; MobileNet-v1 with a stem of stride 1: 46 M.
      ("resnet18", 0.556e9, 0.02), ("mobilenet", 46.4e6, 0.10),
    ])
  func operations(_ name: String, _ multiplyAdds: Double, _ tolerance: Double) throws {
    let model = try Model.named(
      name, for: Sample.dataset(Sample.shape(for: name), count: 1, classes: 10))
    #expect(abs(model.cost.forwardFLOPs / (2 * multiplyAdds) - 1) < tolerance)
    #expect(model.cost.backwardFLOPs > model.cost.forwardFLOPs)
    #expect(model.cost.backwardFLOPs <= 2 * model.cost.forwardFLOPs)
  }

  @Test("the priced MobileNet is the trained one")
  func profile() throws {
    let model = try Model.named(
      "mobilenet", for: Sample.dataset(Shape(32, 32, 3), count: 1, classes: 10))
    let profile = try WorkloadProfile.named("mobilenet")
    #expect(profile.cost.parameterCount == model.parameterCount)
    #expect(profile.cost.tensorCount == model.cost.tensorCount)
    #expect(abs(profile.cost.forwardFLOPs / model.cost.forwardFLOPs - 1) < 0.1)
    let difference = Double(profile.cost.activationBytes) / Double(model.cost.activationBytes)
    #expect(abs(difference - 1) < 0.1)
    #expect(throws: LearningError.self) { try WorkloadProfile.named("resnet") }
  }

  @Test("the start depends on the seed alone")
  func start() throws {
    let dataset = Sample.dataset(Shape(28, 28, 1), count: 1, classes: 10)
    let model = try Model.named("lenet5", for: dataset)
    #expect(model.initialParameters(seed: 4) == model.initialParameters(seed: 4))
    #expect(model.initialParameters(seed: 4) != model.initialParameters(seed: 5))
    #expect(model.initialStatistics.isEmpty)
  }

  @Test("a model that cannot read the data says which can")
  func mismatch() throws {
    let dataset = Sample.dataset(Shape(features: 30), count: 1, classes: 2)
    let error = #expect(throws: LearningError.self) { try Model.named("lenet5", for: dataset) }
    #expect(error?.description.contains("mlp") == true)
    #expect(throws: LearningError.self) { try Model.named("lenet", for: dataset) }
    #expect(throws: LearningError.self) { try Model.named("resnet8", for: dataset) }
    #expect(throws: LearningError.self) {
      try Model.named("sparse-logistic-regression", for: dataset)
    }
  }

  @Test("weights come back from a safetensors file", arguments: ["lenet5", "resnet8"])
  func weights(_ name: String) throws {
    let model = try Model.named(
      name, for: Sample.dataset(Sample.shape(for: name), count: 1, classes: 10))
    let folder = try DataTests.Folder()
    let path = folder.path + "/weights.safetensors"
    let weights = Weights(
      parameters: model.initialParameters(seed: 3), statistics: model.initialStatistics)
    try weights.write(safetensors: path, for: model)
    let read = try Weights(safetensors: path, for: model)
    #expect(haveSameBits(read.parameters, weights.parameters))
    #expect(haveSameBits(read.statistics, weights.statistics))

    var wrong = weights.parameters
    wrong[3] = .nan
    let notANumber = folder.path + "/nan.safetensors"
    try Weights(parameters: wrong, statistics: weights.statistics)
      .write(safetensors: notANumber, for: model)
    let error = #expect(throws: DataError.self) {
      try Weights(safetensors: notANumber, for: model)
    }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("not a finite number"))

    let other = try Model.named(
      "mlp", for: Sample.dataset(Shape(28, 28, 1), count: 1, classes: 10))
    #expect(throws: DataError.self) { try Weights(safetensors: path, for: other) }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in [0, 7, 9, 200, bytes.count - 1] {
      try folder.write(bytes.prefix(length), to: "weights.safetensors")
      #expect(throws: DataError.self) { try Weights(safetensors: path, for: model) }
    }
  }

  @Test("weights that PyTorch's safetensors wrote are read")
  func foreignWeights() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "linear", withExtension: "safetensors", subdirectory: "Fixtures"))
    let model = try Model.named(
      "logistic-regression", for: Sample.dataset(Shape(features: 3), count: 1, classes: 2))
    let weights = try Weights(safetensors: url.path, for: model)
    #expect(weights.parameters == [1, 2, 3, 4, 5, 6, 0.5, -0.5])
  }
}
