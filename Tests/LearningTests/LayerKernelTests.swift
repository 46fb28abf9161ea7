import CVectors
import Testing

@testable import Learning

/// Layers of the project's own kernels against the plain ones.
struct LayerKernelTests {
  private func expectAgreement(_ run: LayerRun) {
    for (ours, expected) in zip(run.results(OneDNN()), run.results(nil)) {
      #expect(relativeDistance(ours, expected) < 3e-6)
    }
  }

  @Test(
    "windows of one place are a product of matrices",
    arguments: [(Shape(4, 4, 32), 64), (Shape(3, 5, 7), 19), (Shape(1, 1, 33), 5)])
  func pointwise(_ shape: Shape, _ channels: Int) {
    for bias in [false, true] {
      for accumulates in [false, true] {
        let layer = Convolution(shape, to: channels, kernel: 1, bias: bias)
        let run = LayerRun(layer: layer, batch: 3, accumulates: accumulates)
        #expect(run.operation(OneDNN()) is MatrixProducts)
        expectAgreement(run)
      }
    }
  }

  @Test("larger steps, borders and windows are no plain product")
  func pointwiseRule() {
    let shape = Shape(6, 6, 8)
    #expect(Convolution(shape, to: 16, kernel: 1).isPointwise)
    #expect(!Convolution(shape, to: 16, kernel: 1, stride: 2).isPointwise)
    #expect(!Convolution(shape, to: 16, kernel: 1, padding: 1).isPointwise)
    #expect(!Convolution(shape, to: 16, kernel: 3, padding: 1).isPointwise)
    #expect(!Convolution(shape, to: 8, kernel: 1, depthwise: true).isPointwise)
  }

  private static func depthwise(_ shape: Shape, stride: Int, padding: Int = 1) -> Convolution {
    Convolution(
      shape, to: shape.channels, kernel: 3, stride: stride, padding: padding, depthwise: true)
  }

  @Test(
    "windows of single channels have the gradient of their definition",
    arguments: [
      (Shape(2, 2, 64), 1), (Shape(4, 4, 32), 1), (Shape(5, 3, 19), 1), (Shape(1, 1, 16), 1),
      (Shape(4, 4, 48), 2), (Shape(7, 8, 21), 2), (Shape(2, 7, 3), 2), (Shape(9, 10, 16), 3),
    ])
  func depthwise(_ shape: Shape, _ stride: Int) {
    let layer = LayerKernelTests.depthwise(shape, stride: stride)
    #expect(layer.smallDepthwiseShape != nil)
    for accumulates in [false, true] {
      expectAgreement(LayerRun(layer: layer, batch: 5, accumulates: accumulates))
    }
  }

  @Test("wide images and other windows stay with the library")
  func depthwiseRule() {
    let shape = Shape(5, 5, 8)
    #expect(LayerKernelTests.depthwise(shape, stride: 1).smallDepthwiseShape == nil)
    #expect(LayerKernelTests.depthwise(shape, stride: 2).smallDepthwiseShape != nil)
    #expect(LayerKernelTests.depthwise(shape, stride: 1, padding: 0).smallDepthwiseShape == nil)
    #expect(Convolution(shape, to: 8, kernel: 3, stride: 2, padding: 1).smallDepthwiseShape == nil)
  }

  @Test(
    "normalisation is that of the plain layer",
    arguments: [Shape(4, 4, 16), Shape(3, 5, 7), Shape(1, 1, 33), Shape(8, 9, 50)])
  func normalization(_ shape: Shape) {
    for relu in [false, true] {
      for mode in [OperationSetting.Mode.training, .inference] {
        expectAgreement(
          LayerRun(layer: BatchNormalization(shape, relu: relu), batch: 7, mode: mode))
      }
    }
  }

  @Test("a far mean leaves the variance what it is")
  func farMean() {
    let (rows, channels) = (1000, 20)
    let near = FloatBuffer(seed: 6, rows * channels)
    let far = FloatBuffer(near.array.map { $0 + 1000 })
    let expected = FloatBuffer(far.array.map { $0 - 1000 })
    let variances = [far, expected].map { values in
      let (means, variances) = (FloatBuffer(count: channels), FloatBuffer(count: channels))
      normalize_measure(values.floats, rows, channels, means.floats, variances.floats)
      return variances.array
    }
    #expect(relativeDistance(variances[0], variances[1]) < 1e-5)
  }

  @Test("what is no number is not hidden by the rectifier")
  func notANumber() {
    for relu in [false, true] {
      let layer = BatchNormalization(Shape(1, 1, 1), relu: relu)
      let values = FloatBuffer([1, .nan, 2])
      let (parameters, statistics) = (FloatBuffer([1, 0]), FloatBuffer([0, 1]))
      let operation = LayerRun(layer: layer, batch: 3, mode: .inference).operation(OneDNN())
      let output = operation.forward(
        values.floats,
        Slots(
          parameters: parameters.floats, gradient: values.floats, statistics: statistics.floats,
          accumulates: false))
      #expect(output[1].isNaN && output[2] > 1.9)
    }
  }

  @Test("bits are the same on every machine, optimized or not")
  func bits() {
    let normalized = LayerRun(layer: BatchNormalization(Shape(8, 9, 19)), batch: 5)
    let filtered = LayerRun(
      layer: LayerKernelTests.depthwise(Shape(7, 8, 19), stride: 2), batch: 5)
    #expect(
      normalized.results(OneDNN()).map(digest) == [
        4_693_646_222_143_269_889, 4_849_246_003_631_902_412, 63_369_189_805_150_793,
        12_726_862_052_801_348_929,
      ])
    #expect(digest(filtered.results(OneDNN())[2]) == 14_572_241_011_078_682_404)
  }
}
