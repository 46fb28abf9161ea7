import CDNNL

extension OneDNN {
  /// The primitives of one convolution layer.
  struct ConvolutionPlan {
    private let source, destination, sourceGradient, destinationGradient: Memory
    private let flatWeights, weights, flatGradient: Memory
    private let bias, biasGradient: Memory?
    private let reorderWeights, forwardPass: Primitive
    private var weightsPass, reorderGradient, reorderForInput, inputPass: Primitive?

    init(
      _ engine: OneDNN, _ layer: Convolution, batch: Int, trains: Bool,
      needsWeightsGradient: Bool, needsInputGradient: Bool
    ) {
      let (x, y) = (Layout(layer.input, batch), Layout(layer.output, batch))
      let (k, channels) = (layer.kernel, layer.output.channels)
      let shape =
        layer.isDepthwise
        ? [channels, 1, 1, k, k] : [channels, layer.input.channels, k, k]
      let flat = Layout(shape, layer.isDepthwise ? dnnl_abcde : dnnl_abcd)
      let any = Layout(shape, dnnl_format_tag_any)
      let biases = layer.hasBias ? Layout([channels], dnnl_a) : nil
      let (stride, before, after) = layer.geometry
      source = Memory(engine, x)
      destination = Memory(engine, y)
      sourceGradient = Memory(engine, x)
      destinationGradient = Memory(engine, y)
      flatWeights = Memory(engine, flat)
      flatGradient = Memory(engine, flat)
      bias = biases.map { Memory(engine, $0) }
      biasGradient = biases.map { Memory(engine, $0) }
      let forward = Description {
        cdnnl_convolution_forward(
          &$0, engine.engine, engine.attributes,
          trains ? dnnl_forward_training : dnnl_forward_inference, x.handle, any.handle,
          biases?.handle, y.handle, stride, before, after)
      }
      weights = Memory(engine, forward.layout(dnnl_query_weights_md), ownsData: true)
      reorderWeights = Primitive(engine, reorderFrom: flatWeights, to: weights)
      forwardPass = Primitive(
        engine, forward,
        [
          (DNNL_ARG_SRC, source), (DNNL_ARG_WEIGHTS, weights), (DNNL_ARG_BIAS, bias),
          (DNNL_ARG_DST, destination),
        ])
      guard trains else { return }
      if needsWeightsGradient {
        let backward = Description {
          cdnnl_convolution_backward_weights(
            &$0, engine.engine, engine.attributes, x.handle, any.handle, biases?.handle, y.handle,
            stride, before, after, forward.handle)
        }
        let gradient = Memory(
          engine, backward.layout(dnnl_query_diff_weights_md), ownsData: true)
        weightsPass = Primitive(
          engine, backward,
          [
            (DNNL_ARG_SRC, source), (DNNL_ARG_DIFF_DST, destinationGradient),
            (DNNL_ARG_DIFF_WEIGHTS, gradient), (DNNL_ARG_DIFF_BIAS, biasGradient),
          ])
        reorderGradient = Primitive(engine, reorderFrom: gradient, to: flatGradient)
      }
      guard needsInputGradient else { return }
      let input = Description {
        cdnnl_convolution_backward_data(
          &$0, engine.engine, engine.attributes, x.handle, any.handle, y.handle, stride, before,
          after, forward.handle)
      }
      let inputWeights = Memory(engine, input.layout(dnnl_query_weights_md), ownsData: true)
      reorderForInput = Primitive(engine, reorderFrom: flatWeights, to: inputWeights)
      inputPass = Primitive(
        engine, input,
        [
          (DNNL_ARG_DIFF_DST, destinationGradient), (DNNL_ARG_WEIGHTS, inputWeights),
          (DNNL_ARG_DIFF_SRC, sourceGradient),
        ])
    }

    func forward(
      _ input: Floats, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, to output: Floats
    ) {
      source.point(at: input)
      destination.point(at: output)
      flatWeights.point(at: weights)
      self.bias?.point(at: bias)
      reorderWeights.run()
      forwardPass.run()
    }

    /// Takes the gradient of the output, which both backward passes read.
    func read(_ outputGradient: Floats) { destinationGradient.point(at: outputGradient) }

    func backwardWeights(to weights: Floats, bias: Floats) {
      flatGradient.point(at: weights)
      biasGradient?.point(at: bias)
      weightsPass?.run()
      reorderGradient?.run()
    }

    func backwardInput(to inputGradient: Floats) {
      guard let inputPass else { return }
      sourceGradient.point(at: inputGradient)
      reorderForInput?.run()
      inputPass.run()
    }
  }
}
