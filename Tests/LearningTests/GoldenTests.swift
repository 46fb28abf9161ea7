import Foundation
import Testing

@testable import Learning

/// What analysis/torch/golden.py writes.
private struct Golden: Decodable {
  struct Tensor: Decodable {
    let name: String
    let norm: Double
    let projection: Double
    let head: [Double]
  }

  let batch: Int
  let loss: Double
  let evaluationLoss: Double
  let tensors: [Tensor]
  let statistics: [Tensor]
}

/// Gradients, running statistics and optimizers against PyTorch in double precision.
struct GoldenTests {
  @Test(
    "gradients are PyTorch's within 1e-4",
    arguments: ["logistic-regression", "svm", "mlp", "lenet5", "resnet8", "resnet18", "mobilenet"])
  func gradients(_ name: String) throws {
    let golden = try Sample.golden(Golden.self, name)
    let dataset = Sample.dataset(Sample.shape(for: name), count: golden.batch, classes: 10)
    let model = try Model.named(name, for: dataset)
    let parameters = startingPoint(model)
    let pool = GradientPool(threads: 1)
    let samples = (0..<golden.batch).map { Int32($0) }
    let gradient = try pool.compute(model, parameters, dataset, samples)
    #expect(abs(gradient.loss - golden.loss) < 1e-5 * max(1, golden.loss))
    expect(gradient.values, model.namedTensors.filter { !$0.isStatistic }, are: golden.tensors)

    var statistics = model.initialStatistics
    model.absorb(gradient.batchStatistics, into: &statistics)
    expect(statistics, model.namedTensors.filter(\.isStatistic), are: golden.statistics)
    let evaluation = try pool.evaluation(
      of: model, at: parameters, statistics: statistics, on: dataset
    ).join()
    #expect(abs(evaluation.loss - golden.evaluationLoss) < 1e-4 * max(1, golden.evaluationLoss))
  }

  @Test(
    "optimizers make PyTorch's steps",
    arguments: [
      ("sgd", OptimizerKind.sgd(learningRate: 0.1)),
      ("momentum", .sgd(learningRate: 0.1, momentum: 0.9)),
      ("nesterov", .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true)),
      ("decay", .sgd(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01)),
      ("adam", .adam(learningRate: 0.01)),
      ("adam-decay", .adam(learningRate: 0.01, weightDecay: 0.01)),
    ])
  func optimizers(_ name: String, _ kind: OptimizerKind) throws {
    let golden = try #require(try Sample.golden([String: [Double]].self, "optimizers")[name])
    var parameters = Sample.units(1, 8)
    var other = parameters
    var optimizer = Optimizer(kind, parameterCount: 8)
    var stepping = optimizer
    for step in 0..<10 {
      let gradient = Sample.units(UInt64(100 + step), 8)
      optimizer.update(&parameters, with: gradient)
      Vectors.add(stepping.step(for: gradient, at: other), to: &other)
    }
    for (ours, theirs) in zip(parameters, golden) { #expect(abs(Double(ours) - theirs) < 2e-6) }
    #expect(haveSameBits(parameters, other), "step and update differ")
  }

  private func expect(_ values: [Float], _ tensors: [NamedTensor], are golden: [Golden.Tensor]) {
    #expect(tensors.map(\.name) == golden.map(\.name))
    let whole = golden.reduce(0) { $0 + $1.norm * $1.norm }.squareRoot()
    var start = 0
    for (tensor, expected) in zip(tensors, golden) {
      let part = values[start..<start + tensor.count].map { Double($0) }
      start += tensor.count
      let norm = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let projection = part.enumerated().reduce(0) { $0 + $1.element * cos(Double($1.offset)) }
      #expect(abs(norm - expected.norm) < 1e-4 * whole, "norm of \(tensor.name)")
      #expect(abs(projection - expected.projection) < 1e-4 * whole, "\(tensor.name)")
      for (ours, theirs) in zip(part, expected.head) {
        #expect(abs(ours - theirs) < 1e-4 * whole, "\(tensor.name)")
      }
    }
  }

  /// Tensor k holds stream k, as in the script.
  private func startingPoint(_ model: Model) -> [Float] {
    let tensors = model.namedTensors.filter { !$0.isStatistic }
    return zip(tensors, model.tensors).enumerated().flatMap { index, both -> [Float] in
      let units = Sample.units(UInt64(index), both.0.count)
      if both.0.shape.count > 1 {
        let inputs = both.0.shape.dropFirst().reduce(1, *)
        return units.map { Float(Double($0) / Double(inputs).squareRoot()) }
      }
      // Batch normalisation scales by about 1 and shifts by about 2; other biases are near 0.
      let middle = both.1.isScale ? 1.0 : index > 0 && model.tensors[index - 1].isScale ? 2.0 : 0.0
      return units.map { Float(Double($0) * 0.1 + middle) }
    }
  }
}

extension ParameterTensor {
  /// Whether it scales what batch normalisation has normalised: only that starts at 1.
  fileprivate var isScale: Bool {
    if case .constant(1) = start { return true }
    return false
  }
}
