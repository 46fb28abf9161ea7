/// LeNet-5 of LeCun and others (1998) as it is trained today: rectifiers and max pooling.
func lenet5(_ shape: Shape, _ classes: Int) throws(LearningError) -> LayerStack {
  guard shape.height == shape.width, shape.height == 28 || shape.height == 32 else {
    throw LearningError(
      "lenet5 reads images of 28x28 or 32x32, and these are \(shape); "
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
