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

  /// The primitives of one batch normalisation, with its rectifier where it has one.
  struct BatchNormalizationPlan {
    private let channels: Int
    private let source, destination, sourceGradient, destinationGradient: Memory
    private let mean, variance, scale, shift, scaleGradient, shiftGradient: Memory
    private let forwardPass: Primitive
    private var backwardPass: Primitive?

    init(_ engine: OneDNN, _ layer: BatchNormalization, batch: Int, trains: Bool) {
      channels = layer.channels
      let data = Layout(layer.input, batch)
      let vector = Layout([layer.channels], dnnl_a)
      source = Memory(engine, data)
      destination = Memory(engine, data)
      sourceGradient = Memory(engine, data)
      destinationGradient = Memory(engine, data)
      (mean, variance) = (Memory(engine, vector), Memory(engine, vector))
      (scale, shift) = (Memory(engine, vector), Memory(engine, vector))
      (scaleGradient, shiftGradient) = (Memory(engine, vector), Memory(engine, vector))
      var flags = dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
      if layer.hasReLU { flags |= dnnl_fuse_norm_relu.rawValue }
      if !trains { flags |= dnnl_use_global_stats.rawValue }
      let forward = Description {
        cdnnl_batch_normalization_forward(
          &$0, engine.engine, engine.attributes,
          trains ? dnnl_forward_training : dnnl_forward_inference, data.handle,
          BatchNormalization.epsilon, UInt32(flags))
      }
      let mask =
        trains && layer.hasReLU
        ? Memory(engine, forward.layout(dnnl_query_workspace_md), ownsData: true) : nil
      let common: [(Int32, Memory?)] = [
        (DNNL_ARG_SRC, source), (DNNL_ARG_MEAN, mean), (DNNL_ARG_VARIANCE, variance),
        (DNNL_ARG_SCALE, scale), (DNNL_ARG_WORKSPACE, mask),
      ]
      forwardPass = Primitive(
        engine, forward, common + [(DNNL_ARG_SHIFT, shift), (DNNL_ARG_DST, destination)])
      guard trains else { return }
      let backward = Description {
        cdnnl_batch_normalization_backward(
          &$0, engine.engine, engine.attributes, data.handle, BatchNormalization.epsilon,
          UInt32(flags), forward.handle)
      }
      backwardPass = Primitive(
        engine, backward,
        common + [
          (DNNL_ARG_SHIFT, cdnnl_backward_reads_shift() ? shift : nil),
          (DNNL_ARG_DIFF_DST, destinationGradient), (DNNL_ARG_DIFF_SRC, sourceGradient),
          (DNNL_ARG_DIFF_SCALE, scaleGradient), (DNNL_ARG_DIFF_SHIFT, shiftGradient),
        ])
    }

    func forward(
      _ input: Floats, scaleAndShift: UnsafePointer<Float>, statistics: Floats, to output: Floats
    ) {
      source.point(at: input)
      destination.point(at: output)
      point(scaleAndShift, statistics)
      forwardPass.run()
    }

    func backward(
      _ outputGradient: Floats, scaleAndShift: UnsafePointer<Float>, gradient: Floats,
      statistics: Floats, to inputGradient: Floats
    ) {
      destinationGradient.point(at: outputGradient)
      sourceGradient.point(at: inputGradient)
      scaleGradient.point(at: gradient)
      shiftGradient.point(at: gradient + channels)
      point(scaleAndShift, statistics)
      backwardPass?.run()
    }

    private func point(_ scaleAndShift: UnsafePointer<Float>, _ statistics: Floats) {
      scale.point(at: scaleAndShift)
      shift.point(at: scaleAndShift + channels)
      mean.point(at: statistics)
      variance.point(at: statistics + channels)
    }
  }
}
