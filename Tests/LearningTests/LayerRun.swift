@testable import Learning

/// A layer by itself at work on one batch of numbers from seeds.
struct LayerRun {
  let layer: any Layer
  let batch: Int
  var mode = OperationSetting.Mode.training
  /// Whether gradients are added to ones.
  var accumulates = false

  func operation(_ engine: OneDNN?) -> any Operation {
    layer.operation(
      in: OperationSetting(
        batch: batch, mode: mode, oneDNN: engine, needsInputGradient: true,
        gradients: GradientBuffers()))
  }

  /// Output, input's gradient, parameters' gradient, and statistics where there are any; of
  /// inference the output alone.
  func results(_ engine: OneDNN?) -> [[Float]] {
    let own = operation(engine)
    let (inputs, outputs) = (batch * layer.input.count, batch * layer.output.count)
    let (input, slope) = (FloatBuffer(seed: 1, inputs), FloatBuffer(seed: 2, outputs))
    let parameters = FloatBuffer(seed: 3, layer.parameterCount)
    let gradient = FloatBuffer(seed: 4, layer.parameterCount)
    gradient.floats.update(repeating: 1, count: gradient.count)
    let statistics = FloatBuffer(seed: 5, layer.statisticsCount)
    // Variances are positive.
    for i in 0..<statistics.count { statistics.floats[i] += 2 }
    let slots = Slots(
      parameters: parameters.floats, gradient: gradient.floats, statistics: statistics.floats,
      accumulates: accumulates)
    let output = own.forward(input.floats, slots)
    var results = [(0..<outputs).map { output[$0] }]
    guard mode == .training else { return results }
    let below = own.backward(slope.floats, slots)
    results.append((0..<inputs).map { below[$0] })
    results += [gradient, statistics].filter { $0.count > 0 }.map(\.array)
    return results
  }
}

extension FloatBuffer {
  /// The first numbers of a stream, in -1..<1.
  convenience init(seed: UInt64, _ count: Int) { self.init(Sample.units(seed, count)) }

  convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for (i, value) in values.enumerated() { floats[i] = value }
  }

  var array: [Float] { (0..<count).map { floats[$0] } }
}

/// A number that tells bits apart (FNV-1a, word by word).
func digest(_ values: [Float]) -> UInt64 {
  values.reduce(UInt64(14_695_981_039_346_656_037)) {
    ($0 ^ UInt64($1.bitPattern)) &* 1_099_511_628_211
  }
}
