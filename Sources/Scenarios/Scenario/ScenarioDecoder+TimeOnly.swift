internal import Training

extension ScenarioDecoder {
  /// The workload that is charged for; nil for the model's own.
  func workload(_ value: CheckedValue) -> TrainingSettings.Workload {
    guard let parameters = value.at("parameters") else { return .named(value.string) }
    let forward = value["forward"].amount
    return .described(
      TrainingSettings.WorkloadSettings(
        parameters: parameters.count, tensors: value["tensors"].count, forwardFLOPs: forward,
        backwardFLOPs: value.at("backward")?.amount ?? 2 * forward,
        activationBytes: value["activations"].amount,
        sampleBytes: value.at("sample-size")?.amount))
  }

  /// Reports what a run that computes gradients lacks.
  mutating func checkComputed(_ tree: CheckedValue) {
    if tree.at("model") == nil {
      log.report(tree.place, "training.model", "is missing: the model that learns")
    }
    if let samples = tree.at("samples") {
      log.report(
        samples.place, "training.samples",
        "are counted only where 'gradients: none': what learns needs a dataset")
    } else if tree.at("dataset") == nil {
      log.report(tree.place, "training.dataset", "is missing: the data it learns from")
    }
  }

  /// Reports what a run that computes no gradients lacks, and what would promise more than it does.
  mutating func checkTimeOnly(_ tree: CheckedValue) {
    let pricedAs = tree.at("priced-as")
    if tree.at("model") == nil, pricedAs == nil {
      log.report(
        tree.place, "training.model",
        "is missing: give a model by name, or its sizes in 'priced-as'")
    }
    if tree.at("dataset") == nil { checkSizes(tree, pricedAs: pricedAs) }
    refuse(
      tree.at("model.python"), "training.model",
      "only PyTorch knows how large it is: give its sizes in 'priced-as'")
    refuse(
      tree.at("initial-weights"), "training.initial-weights",
      "nothing is learned, so that there are no weights to begin with")
    refuse(
      tree.at("partition.dirichlet"), "training.partition",
      "nothing is learned, so that there are no labels to be skewed by")
    for kind in ["idx", "csv", "cifar-10"] {
      refuse(
        tree.at("dataset.\(kind)"), "training.dataset",
        "files are not read for time alone: give 'samples', or a data set by name")
    }
  }

  /// Reports sizes that nothing says where there is no data set.
  private mutating func checkSizes(_ tree: CheckedValue, pricedAs: CheckedValue?) {
    guard let samples = tree.at("samples") else {
      log.report(
        tree.place, "training.dataset",
        "is missing: give a data set by name, or the number of 'samples'")
      return
    }
    guard let pricedAs else {
      log.report(
        samples.place, "training.samples",
        "do not say how large the model is: give 'priced-as' too, or a data set by name")
      return
    }
    if pricedAs.at("parameters") != nil, pricedAs.at("sample-size") == nil {
      log.report(
        pricedAs.place, "training.priced-as.sample-size",
        "is missing: without a data set nothing else says how large a sample is")
    }
  }

  private mutating func refuse(_ value: CheckedValue?, _ path: String, _ reason: String) {
    guard let value else { return }
    log.report(value.place, path, "does not go with 'gradients: none': \(reason)")
  }

  /// Reports expectations of what is measured only where something learns.
  mutating func checkExpectations(_ expectations: [Expectation]) {
    for expectation in expectations where expectation.metric.isLearned {
      let path = (["expect", expectation.framework].compactMap { $0 }).joined(separator: ".")
      log.report(
        expectation.place, "\(path).\(expectation.metric.rawValue)",
        "has no value with 'gradients: none', where nothing is learned",
        allowed: Metric.allCases.filter { !$0.isLearned }.map(\.rawValue).joined(separator: ", "))
    }
  }
}
