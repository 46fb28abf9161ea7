internal import Learning

extension ScenarioDecoder {
  mutating func training(_ tree: CheckedValue, workers: Int) -> TrainingSettings {
    var batchSize = tree.at("batch-size")?.count ?? 0
    let global = tree.at("global-batch-size")
    if let global {
      batchSize = global.count / workers
      if !global.count.isMultiple(of: workers) {
        log.report(
          global.place, "training.global-batch-size",
          "\(global.count) samples cannot be divided among \(workers) workers equally")
      }
    }
    let gradients: TrainingSettings.Gradients = known(tree["gradients"])
    switch gradients {
    case .computed: checkComputed(tree)
    case .none: checkTimeOnly(tree)
    }
    return TrainingSettings(
      gradients: gradients,
      model: model(tree),
      initialWeights: tree.at("initial-weights")?.string,
      dataset: dataset(tree),
      batchSize: batchSize,
      isGlobalBatch: global != nil,
      gradientAccumulation: accumulation(tree, batchSize: batchSize),
      epochs: tree["epochs"].count,
      steps: tree.at("steps")?.count,
      optimizer: optimizer(tree["optimizer"]),
      schedule: schedule(tree["optimizer"]),
      clipping: clipping(tree["optimizer"]),
      partition: tree.at("partition.dirichlet").map { .dirichlet(alpha: $0.number) } ?? .iid,
      pricedAs: tree.at("priced-as").map(workload),
      fetch: tree.at("fetch").map(known))
  }

  /// Reports minibatches that the data cannot fill once, where its size is known without reading
  /// what the user may have put in its place.
  mutating func checkBatch(of scenario: Scenario, in tree: CheckedValue) {
    let training = scenario.training
    let count: Int
    switch training.dataset {
    case .sized(let samples) where samples > 0: count = samples
    case .named("fashion-mnist") where training.gradients == .computed: return
    default:
      guard let known = training.dataset.source(directory: nil)?.sampleCount else { return }
      count = known
    }
    let needed = scenario.workers * training.batchSize
    if needed <= count { return }
    let global = tree.at("global-batch-size")
    log.report(
      (global ?? tree.at("batch-size") ?? tree).place,
      "training.\(global == nil ? "batch-size" : "global-batch-size")",
      "one step of \(scenario.workers) workers takes \(needed) samples, but there are \(count) to "
        + "learn from")
  }

  private mutating func accumulation(_ tree: CheckedValue, batchSize: Int) -> Int {
    let setting = tree["gradient-accumulation"]
    if !batchSize.isMultiple(of: setting.count) {
      log.report(
        setting.place, "training.gradient-accumulation",
        "\(batchSize) samples cannot be divided into \(setting.count) micro-batches equally")
    }
    return setting.count
  }

  private mutating func model(_ tree: CheckedValue) -> TrainingSettings.ModelReference {
    guard let file = tree.at("model.python") else {
      return tree.at("model").map { .named($0.string) } ?? .absent
    }
    return .python(
      ExternalModel(
        file: file.string, className: tree["model.class"].string,
        interpreter: tree["model.interpreter"].string))
  }

  private mutating func dataset(_ tree: CheckedValue) -> TrainingSettings.DatasetReference {
    guard let value = tree.at("dataset") else {
      return .sized(samples: tree.at("samples")?.count ?? 0)
    }
    return switch value.choice {
    case ("idx", let path?): .idx(path: path.string)
    case ("cifar-10", let path?): .cifar10(path: path.string)
    case ("csv", let table?): .csv(path: table["path"].string, label: table.at("label")?.string)
    case ("synthetic", let settings?): synthetic(settings)
    case (let name, _): .named(name)
    }
  }

  /// More numbers than this would not fit in the memory of most machines.
  private static let mostNumbers = 1_000_000_000

  private mutating func synthetic(_ tree: CheckedValue) -> TrainingSettings.DatasetReference {
    let (name, payload) = tree["kind"].choice
    guard let payload else { preconditionFailure("a kind of data has settings") }
    func count(_ key: String) -> Int { payload[key].count }
    let (data, perSample): (SyntheticData, Int) =
      switch name {
      case "sparse":
        (.sparse(features: count("features"), entries: count("entries")), count("entries"))
      case "ratings":
        (.ratings(users: count("users"), items: count("items"), rank: count("rank")), 3)
      case "images": (.images(side: count("side")), 3 * count("side") * count("side"))
      default: (.dense(features: count("features")), count("features"))
      }
    let (samples, testSamples) = (tree["samples"].count, tree["test-samples"].count)
    if (samples + testSamples) * perSample > ScenarioDecoder.mostNumbers {
      log.report(
        tree.place, "training.dataset.synthetic",
        "\(samples + testSamples) samples of \(perSample) numbers are too many",
        allowed: "\(ScenarioDecoder.mostNumbers) numbers in all")
    }
    return .synthetic(
      data, samples: samples, testSamples: testSamples, seed: UInt64(tree["seed"].count))
  }

  private func optimizer(_ value: CheckedValue) -> TrainingSettings.Optimizer {
    guard let settings = value.choice.payload else {
      preconditionFailure("an optimizer has settings")
    }
    func number(_ key: String) -> Double { settings[key].number }
    if value.choice.name == "adam" {
      return .adam(
        learningRate: number("learning-rate"), beta1: number("beta1"), beta2: number("beta2"),
        epsilon: number("epsilon"), weightDecay: number("weight-decay"))
    }
    return .sgd(
      learningRate: number("learning-rate"), momentum: number("momentum"),
      nesterov: settings["nesterov"].flag, weightDecay: number("weight-decay"))
  }

  private func schedule(_ optimizer: CheckedValue) -> LearningRateSchedule {
    guard let settings = optimizer.choice.payload else { return .constant }
    let schedule: LearningRateSchedule =
      switch settings["schedule"].choice {
      case ("step", let step?):
        .step(every: step["every"].count, factor: Float(step["factor"].number))
      case ("cosine", let cosine?):
        .cosine(steps: cosine["updates"].count, floor: Float(cosine["floor"].number))
      case ("inverse-square-root", _): .inverseSquareRoot
      default: .constant
      }
    guard let warmUp = settings.at("warm-up") else { return schedule }
    return .warmUp(steps: warmUp.count, then: schedule)
  }

  private func clipping(_ optimizer: CheckedValue) -> GradientClipping {
    switch optimizer.choice.payload?.at("clip")?.choice {
    case ("norm", let limit?)?: .norm(Float(limit.number))
    case ("value", let limit?)?: .value(Float(limit.number))
    default: .none
    }
  }
}
