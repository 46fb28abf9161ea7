/// A model that can be asked for by name.
public struct ModelEntry: Sendable {
  /// The name.
  public let name: String
  /// What it is, in one line.
  public let summary: String

  let make: @Sendable (Dataset) throws(LearningError) -> Model
}

extension Model {
  /// All models that can be asked for by name.
  public static let catalog: [ModelEntry] = [
    ModelEntry(
      name: "logistic-regression", summary: "softmax regression on all features",
      make: { dataset throws(LearningError) in
        Model("logistic-regression", try linear(dataset))
      }),
    ModelEntry(
      name: "svm", summary: "linear support vector machine with the multi-class hinge loss",
      make: { dataset throws(LearningError) in
        Model("svm", try linear(dataset), loss: .hinge)
      }),
    ModelEntry(
      name: "sparse-logistic-regression",
      summary: "binary logistic regression on rows that are mostly zero",
      make: { dataset throws(LearningError) in try sparseLogisticRegression(dataset) }),
    ModelEntry(
      name: "matrix-factorization", summary: "ratings as product of factors of rank 20",
      make: { dataset throws(LearningError) in try matrixFactorization(dataset, rank: 20) }),
    ModelEntry(
      name: "mlp", summary: "one hidden layer of 128 rectified units",
      make: { dataset throws(LearningError) in
        Model("mlp", try perceptron(dataset, hidden: 128))
      }),
    ModelEntry(
      name: "lenet5", summary: "LeNet-5 with rectifiers and max pooling, for 28x28 or 32x32 images",
      make: { dataset throws(LearningError) in Model("lenet5", try lenet5(dataset), part: 32) }),
    ModelEntry(
      name: "resnet8", summary: "a residual network of 8 layers with batch normalisation",
      make: { dataset throws(LearningError) in
        Model(
          "resnet8", try residualNetwork(dataset, stem: 16, blocks: [(16, 1), (32, 2), (64, 2)]))
      }),
    ModelEntry(
      name: "resnet18", summary: "ResNet-18 for images of CIFAR's size",
      make: { dataset throws(LearningError) in
        let blocks = [
          (64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1),
        ]
        return Model("resnet18", try residualNetwork(dataset, stem: 64, blocks: blocks))
      }),
    ModelEntry(
      name: "mobilenet", summary: "MobileNet-v1 for images of CIFAR's size",
      make: { dataset throws(LearningError) in Model("mobilenet", try mobileNet(dataset)) }),
  ]

  /// The model of that name, made for a data set.
  public static func named(
    _ name: String, for dataset: Dataset
  ) throws(LearningError) -> Model {
    guard let entry = catalog.first(where: { $0.name == name }) else {
      throw LearningError(
        "there is no model \"\(name)\"; known are "
          + catalog.map(\.name).joined(separator: ", "))
    }
    return try entry.make(dataset)
  }
}

private func sparseLogisticRegression(_ dataset: Dataset) throws(LearningError) -> Model {
  guard case .sparse(let rows) = dataset.features, dataset.classCount == 2 else {
    throw LearningError(
      "sparse-logistic-regression reads sparse rows of two classes, which \(dataset.name) has "
        + "not; logistic-regression reads dense ones")
  }
  let entries = Double(rows.indices.count) / Double(max(dataset.count, 1))
  return Model(
    "sparse-logistic-regression", SparseLogisticRegression(features: dataset.featureCount),
    dataset: dataset, touched: entries)
}

private func matrixFactorization(
  _ dataset: Dataset, rank: Int
) throws(LearningError) -> Model {
  guard case .ratings(let ratings) = dataset.features else {
    throw LearningError("matrix-factorization reads ratings, which \(dataset.name) has not")
  }
  let sum = ratings.values.reduce(0.0) { $0 + Double($1) }
  let model = MatrixFactorization(
    users: ratings.userCount, items: ratings.itemCount, rank: rank,
    mean: Float(sum / Double(max(ratings.values.count, 1))))
  return Model("matrix-factorization", model, dataset: dataset, touched: Double(2 * rank + 2))
}
