import CDNNL

extension OneDNN {
  /// The primitives of one max pooling layer.
  struct PoolingPlan {
    private let source, destination, sourceGradient, destinationGradient: Memory
    private let forwardPass: Primitive
    private var backwardPass: Primitive?

    init(_ engine: OneDNN, _ layer: MaxPooling, batch: Int, trains: Bool) {
      let (x, y) = (Layout(layer.input, batch), Layout(layer.output, batch))
      let window = [dnnl_dim_t](repeating: dnnl_dim_t(layer.window), count: 2)
      source = Memory(engine, x)
      destination = Memory(engine, y)
      sourceGradient = Memory(engine, x)
      destinationGradient = Memory(engine, y)
      let forward = Description {
        cdnnl_max_pooling_forward(
          &$0, engine.engine, engine.attributes,
          trains ? dnnl_forward_training : dnnl_forward_inference, x.handle, y.handle, window)
      }
      let chosen =
        trains
        ? Memory(engine, forward.layout(dnnl_query_workspace_md), ownsData: true) : nil
      forwardPass = Primitive(
        engine, forward,
        [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, destination), (DNNL_ARG_WORKSPACE, chosen)])
      guard trains else { return }
      let backward = Description {
        cdnnl_max_pooling_backward(
          &$0, engine.engine, engine.attributes, x.handle, y.handle, window, forward.handle)
      }
      backwardPass = Primitive(
        engine, backward,
        [
          (DNNL_ARG_DIFF_DST, destinationGradient), (DNNL_ARG_DIFF_SRC, sourceGradient),
          (DNNL_ARG_WORKSPACE, chosen),
        ])
    }

    func forward(_ input: Floats, to output: Floats) {
      source.point(at: input)
      destination.point(at: output)
      forwardPass.run()
    }

    func backward(_ outputGradient: Floats, to inputGradient: Floats) {
      destinationGradient.point(at: outputGradient)
      sourceGradient.point(at: inputGradient)
      backwardPass?.run()
    }
  }

  /// The primitives of one rectifier, in place.
  struct ReLUPlan {
    private let data, gradient: Memory
    private let forwardPass: Primitive
    private var backwardPass: Primitive?

    init(_ engine: OneDNN, rows: Int, columns: Int, trains: Bool) {
      let layout = Layout([rows, columns], dnnl_ab)
      data = Memory(engine, layout)
      gradient = Memory(engine, layout)
      let forward = Description {
        cdnnl_relu_forward(
          &$0, engine.engine, engine.attributes,
          trains ? dnnl_forward_training : dnnl_forward_inference, layout.handle)
      }
      forwardPass = Primitive(engine, forward, [(DNNL_ARG_SRC, data), (DNNL_ARG_DST, data)])
      guard trains else { return }
      let backward = Description {
        cdnnl_relu_backward(
          &$0, engine.engine, engine.attributes, layout.handle, forward.handle)
      }
      backwardPass = Primitive(
        engine, backward,
        [(DNNL_ARG_DST, data), (DNNL_ARG_DIFF_DST, gradient), (DNNL_ARG_DIFF_SRC, gradient)])
    }

    func forward(_ values: Floats) {
      data.point(at: values)
      forwardPass.run()
    }

    func backward(_ outputGradient: Floats, output: Floats) {
      data.point(at: output)
      gradient.point(at: outputGradient)
      backwardPass?.run()
    }
  }
}
