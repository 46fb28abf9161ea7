/// A part of a model's flat buffers and the name PyTorch's `state_dict` gives it.
struct NamedTensor: Sendable, Hashable {
  let name: String
  let shape: [Int]
  /// Whether it is a running statistic and not a parameter.
  let isStatistic: Bool

  var count: Int { shape.reduce(1, *) }
}

extension Model {
  /// Parameters, then statistics, each in the order of their flat buffer.
  var namedTensors: [NamedTensor] {
    switch architecture {
    case .network(let network, _, _):
      let all = network.namedTensors(prefix: "")
      return all.filter { !$0.isStatistic } + all.filter(\.isStatistic)
    case .pointwise(let model):
      return model.tensors.map { NamedTensor(name: $0.name, shape: $0.shape, isStatistic: false) }
    case .external(let external): return external.tensors
    }
  }
}

extension LayerStack {
  fileprivate func namedTensors(prefix: String) -> [NamedTensor] {
    layers.enumerated().flatMap { index, layer -> [NamedTensor] in
      let place = "\(prefix)\(index)."
      if let residual = layer as? Residual {
        return residual.main.namedTensors(prefix: place + "main.")
          + residual.shortcut.namedTensors(prefix: place + "shortcut.")
      }
      let parameters = layer.tensors.map {
        NamedTensor(name: place + $0.name, shape: $0.shape, isStatistic: false)
      }
      guard layer.statisticsCount > 0 else { return parameters }
      let half = [layer.statisticsCount / 2]
      return parameters + [
        NamedTensor(name: place + "running_mean", shape: half, isStatistic: true),
        NamedTensor(name: place + "running_var", shape: half, isStatistic: true),
      ]
    }
  }
}
