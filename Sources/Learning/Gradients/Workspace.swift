/// The layers of a network at work on batches of one size: one thread uses it at a time.
final class NetworkWorkspace {
  private let loss: Loss
  private let batch: Int
  private let classes: Int
  private let operation: NetworkOperation
  private let outputGradient: FloatBuffer

  init(_ network: LayerStack, _ loss: Loss, key: Workshop.Key, backend: Backend) {
    self.loss = loss
    batch = key.batch
    classes = network.output.count
    outputGradient = FloatBuffer(count: batch * classes)
    operation = NetworkOperation(
      network, hasBackground: key.hasBackground,
      OperationSetting(
        batch: batch, mode: key.mode, oneDNN: backend == .oneDNN ? OneDNN() : nil,
        needsInputGradient: false, gradients: GradientBuffers()))
  }

  /// Adds one part of a batch to its gradient; returns the sum of the part's losses.
  func train(on dataset: Dataset, _ samples: ArraySlice<Int32>, of total: Int, _ slots: Slots)
    -> Double
  {
    precondition(samples.count == batch, "the workspace was made for another batch size")
    let outputs = operation.forward(samples, of: dataset, slots)
    let labels = samples.map { dataset.labels[Int($0)] }
    let sum = loss.evaluate(
      outputs, classes: classes, labels: labels[...], scale: 1 / Float(total),
      gradient: outputGradient.floats)
    operation.backward(outputGradient.floats, slots)
    return sum
  }

  /// Counts what the network makes of up to a batch of samples.
  func evaluate(
    on dataset: Dataset, _ samples: ArraySlice<Int32>, _ slots: Slots, into counts: inout Counts
  ) {
    precondition(samples.count <= batch, "the workspace was made for smaller batches")
    // The rows after the last sample hold older values; nobody reads what becomes of them.
    let outputs = operation.forward(samples, of: dataset, slots)
    let labels = samples.map { dataset.labels[Int($0)] }
    counts.loss += loss.evaluate(
      outputs, classes: classes, labels: labels[...], scale: 1, gradient: nil)
    for (row, label) in labels.enumerated() {
      let scores = outputs + row * classes
      var best = 0
      for i in 1..<classes where scores[i] > scores[best] { best = i }
      counts.add(predicted: best, actual: Int(label))
    }
  }
}
