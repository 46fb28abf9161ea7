/// A model that can be asked for by name.
public struct ModelEntry: Sendable {
  /// The name.
  public let name: String
  /// What it is, in one line.
  public let summary: String

  let make: @Sendable (Shape, _ classes: Int) throws(LearningError) -> Model
}

extension Model {
  /// All models that can be asked for by name.
  public static let catalog: [ModelEntry] = [
    ModelEntry(
      name: "logistic-regression", summary: "softmax regression on all features",
      make: { shape, classes in
        Model(
          "logistic-regression",
          LayerStack(shape).then(Flatten.init).then { Dense($0, to: classes) })
      }),
    ModelEntry(
      name: "mlp", summary: "one hidden layer of 128 rectified units",
      make: { shape, classes in
        Model(
          "mlp",
          LayerStack(shape).then(Flatten.init).then { Dense($0, to: 128) }.then(ReLU.init)
            .then { Dense($0, to: classes) })
      }),
    ModelEntry(
      name: "lenet5", summary: "LeNet-5 with rectifiers and max pooling, for 28x28 or 32x32 images",
      make: { shape, classes throws(LearningError) in
        Model("lenet5", try lenet5(shape, classes), part: 32)
      }),
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
    guard dataset.classCount > 1 else {
      throw LearningError(
        "\(name) needs classes, and \(dataset.name) has none; try matrix-factorization")
    }
    return try entry.make(dataset.shape, dataset.classCount)
  }
}
