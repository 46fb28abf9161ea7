/// One dense layer on all features.
func linear(_ dataset: Dataset) throws(LearningError) -> LayerStack {
  let classes = try classCount(of: dataset)
  return LayerStack(dataset.shape).then(Flatten.init).then { Dense($0, to: classes) }
}

/// One hidden layer.
func perceptron(_ dataset: Dataset, hidden: Int) throws(LearningError) -> LayerStack {
  let classes = try classCount(of: dataset)
  return LayerStack(dataset.shape).then(Flatten.init)
    .then { Dense($0, to: hidden) }.then(ReLU.init)
    .then { Dense($0, to: classes) }
}

/// LeNet-5 of LeCun and others (1998) as it is trained today: rectifiers and max pooling.
func lenet5(_ dataset: Dataset) throws(LearningError) -> LayerStack {
  let classes = try classCount(of: dataset)
  let shape = dataset.shape
  guard shape.height == shape.width, shape.height == 28 || shape.height == 32 else {
    throw LearningError(
      "lenet5 reads images of 28x28 or 32x32, and those of \(dataset.name) are \(shape); "
        + "logistic-regression and mlp read any shape")
  }
  return LayerStack(shape)
    .then { Convolution($0, to: 6, kernel: 5, padding: (32 - shape.height) / 2, bias: true) }
    .then(ReLU.init).then { MaxPooling($0) }
    .then { Convolution($0, to: 16, kernel: 5, bias: true) }
    .then(ReLU.init).then { MaxPooling($0) }
    .then(Flatten.init)
    .then { Dense($0, to: 120) }.then(ReLU.init)
    .then { Dense($0, to: 84) }.then(ReLU.init)
    .then { Dense($0, to: classes) }
}

/// A residual network of basic blocks, each given by its channels and stride.
///
/// Source: He and others, arXiv:1512.03385, with the 3x3 stem that is usual for small images.
func residualNetwork(
  _ dataset: Dataset, stem: Int, blocks: [(channels: Int, stride: Int)]
) throws(LearningError) -> LayerStack {
  let classes = try classCount(of: dataset)
  var network = LayerStack(try imageShape(of: dataset))
    .then { Convolution($0, to: stem, kernel: 3, padding: 1) }
    .then { BatchNormalization($0) }
  for (channels, stride) in blocks {
    network = network.then { basicBlock($0, channels, stride) }
  }
  return network.then(GlobalAverage.init).then { Dense($0, to: classes) }
}

private func basicBlock(_ shape: Shape, _ channels: Int, _ stride: Int) -> Residual {
  let main = LayerStack(shape)
    .then { Convolution($0, to: channels, kernel: 3, stride: stride, padding: 1) }
    .then { BatchNormalization($0) }
    .then { Convolution($0, to: channels, kernel: 3, padding: 1) }
    .then { BatchNormalization($0, relu: false) }
  let isIdentity = stride == 1 && shape.channels == channels
  let shortcut =
    isIdentity
    ? LayerStack(shape)
    : LayerStack(shape)
      .then { Convolution($0, to: channels, kernel: 1, stride: stride) }
      .then { BatchNormalization($0, relu: false) }
  return Residual(shape, main: main, shortcut: shortcut)
}

/// MobileNet-v1 of Howard and others (arXiv:1704.04861), with a stem of stride 1.
func mobileNet(_ dataset: Dataset) throws(LearningError) -> LayerStack {
  let classes = try classCount(of: dataset)
  let blocks = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
  ]
  var network = LayerStack(try imageShape(of: dataset))
    .then { Convolution($0, to: 32, kernel: 3, padding: 1) }
    .then { BatchNormalization($0) }
  for (channels, stride) in blocks {
    network =
      network
      .then {
        Convolution(
          $0, to: $0.channels, kernel: 3, stride: stride, padding: 1, depthwise: true)
      }
      .then { BatchNormalization($0) }
      .then { Convolution($0, to: channels, kernel: 1) }
      .then { BatchNormalization($0) }
  }
  return network.then(GlobalAverage.init).then { Dense($0, to: classes) }
}

private func classCount(of dataset: Dataset) throws(LearningError) -> Int {
  guard dataset.classCount > 1 else {
    throw LearningError(
      "this model needs classes, and \(dataset.name) has none; try matrix-factorization")
  }
  if case .sparse = dataset.features {
    throw LearningError(
      "this model reads dense rows, and those of \(dataset.name) are sparse; "
        + "try sparse-logistic-regression")
  }
  return dataset.classCount
}

private func imageShape(of dataset: Dataset) throws(LearningError) -> Shape {
  guard dataset.shape.height >= 8, dataset.shape.width >= 8 else {
    throw LearningError(
      "this model reads images of 8x8 or more, and samples of \(dataset.name) are "
        + "\(dataset.shape); logistic-regression and mlp read any shape")
  }
  return dataset.shape
}
