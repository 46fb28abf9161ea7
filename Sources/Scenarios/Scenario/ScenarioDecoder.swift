internal import Learning
internal import Traces
internal import Training

/// Makes a `Scenario` of a checked tree, and reports what no form can express.
struct ScenarioDecoder {
  let vocabulary: Vocabulary
  let file: String
  /// Settings of the command line, by dotted key: neither a sweep nor a pipeline varies them.
  var overridden: Set<String> = []
  var log = IssueLog()

  /// The scenario of a complete tree; what contradicts itself is in the log.
  mutating func decode(_ tree: CheckedValue) -> Scenario {
    let scenario = Scenario(
      file: file,
      name: tree.at("name")?.string ?? ScenarioDecoder.stem(of: file),
      seed: UInt64(tree["seed"].count),
      replications: tree["replications"].count,
      provider: provider(tree["provider"].string),
      date: tree.at("date")?.string,
      freeTier: tree["free-tier"].flag,
      standing: known(tree["standing"]),
      frameworks: frameworks(tree),
      workers: tree["workers"].count,
      function: function(tree["function"], limit: tree.at("limits.function-timeout")),
      training: training(tree["training"], workers: tree["workers"].count),
      compute: ComputeSettings(
        flopsPerSecond: tree.at("compute.rate")?.amount,
        overhead: tree.at("compute.overhead")?.duration),
      storage: StorageSettings(objectStore: tree["storage.object-store"].string),
      network: NetworkSettings(
        access: tree["network.access"].string, zones: tree["network.zones"].count,
        crossZone: tree["network.cross-zone"].number),
      billsLogs: tree["logs"].flag,
      limits: RunLimits(
        virtualTime: tree["limits.virtual-time"].duration, events: tree["limits.events"].count,
        concurrency: tree.at("limits.concurrency")?.count),
      traces: tree.at("traces")?.entries.map { trace($0.value, of: $0.key) } ?? [],
      faults: faults(tree),
      expectations: expectations(tree),
      functionPlaces: [
        "runtime": tree["function.runtime"].place, "imports": tree["function.imports"].place,
        "timeout": (tree.at("function.timeout") ?? tree["function"]).place,
        "memory": (tree.at("function.memory") ?? tree["function"]).place,
      ],
      saysTimeout: tree.at("function.timeout") != nil || tree.at("limits.function-timeout") != nil,
      // A default has the place of the block that lacks it.
      saysMemory: tree["function.memory"].place != tree["function"].place,
      platform: PlatformLimits(
        scalingBurst: tree.at("limits.scaling-burst")?.count,
        scalingPerSecond: tree.at("limits.scaling-per-second")?.number,
        functionTimeout: tree.at("limits.function-timeout")?.duration))
    if scenario.training.gradients == .none { checkExpectations(scenario.expectations) }
    checkConflicts(of: scenario, in: tree)
    checkConditions(of: scenario, in: tree)
    checkBatch(of: scenario, in: tree["training"])
    return scenario
  }

  private static func stem(of file: String) -> String {
    let name = file.split(separator: "/").last ?? "scenario"
    return String(name.split(separator: ".").first ?? name)
  }

  private func provider(_ text: String) -> Scenario.ProviderReference {
    vocabulary.providers.contains(text) ? .named(text) : .file(text)
  }

  /// A value of a closed set, whose form lists the raw values.
  func known<Value: RawRepresentable<String>>(_ value: CheckedValue) -> Value {
    guard let known = Value(rawValue: value.string) else {
      preconditionFailure("\(value.string) passed a form that should not allow it")
    }
    return known
  }

  // MARK: Parts

  private mutating func frameworks(_ tree: CheckedValue) -> [FrameworkSelection] {
    var selections: [FrameworkSelection] = []
    for item in tree["frameworks"].items {
      let (name, overrides) = item.choice
      guard let declaration = vocabulary.frameworks.first(where: { $0.name == name }) else {
        preconditionFailure("\(name) passed a form that should not allow it")
      }
      let block = tree[name]
      func setting(_ key: String) -> CheckedValue? { overrides?.at(key) ?? block.at(key) }
      let variant = (overrides?.at("variant") ?? block["variant"]).string
      let values = declaration.options.map { option in
        (option.key, setting(option.key).map(option.value) ?? option.defaultValue(in: variant))
      }
      let selection = FrameworkSelection(
        name: name,
        options: FrameworkOptions(Dictionary(uniqueKeysWithValues: values), variant: variant))
      if selections.contains(selection) {
        log.report(item.place, "frameworks", "'\(name)' is listed twice with the same options")
      }
      selections.append(selection)
    }
    return selections
  }

  /// Reports options that do not go together, where the file gives them.
  private mutating func checkConflicts(of scenario: Scenario, in tree: CheckedValue) {
    for (item, framework) in zip(tree["frameworks"].items, scenario.frameworks) {
      let arrangement = Arrangement(
        workers: scenario.workers, options: framework.options,
        optimizer: OptimizerKind(scenario.training.optimizer),
        modelName: scenario.training.gradients == .none ? nil : scenario.training.model.name,
        faults: scenario.jobFaults, functionTimeout: scenario.function.timeout)
      for conflict in vocabulary.conflicts(framework.name, arrangement) {
        let given =
          item.choice.payload?.at(conflict.option) ?? tree[framework.name].at(conflict.option)
        log.report(
          given?.place ?? item.place, "\(framework.name).\(conflict.option)", conflict.reason)
      }
    }
  }

  /// Reports options that no run of the scenario reads, because of the word of another option.
  private mutating func checkConditions(of scenario: Scenario, in tree: CheckedValue) {
    let varied =
      ["sweep", "pipeline.jobs"].flatMap { tree.at($0)?.entries.map(\.key) ?? [] } + overridden
    for declaration in vocabulary.frameworks {
      let own = zip(tree["frameworks"].items, scenario.frameworks).filter {
        $0.1.name == declaration.name
      }
      for option in declaration.options {
        guard let condition = option.condition, !own.isEmpty,
          let other = declaration.options.first(where: { $0.key == condition.key }),
          !varied.contains("\(declaration.name).\(other.key)"),
          !varied.contains("\(declaration.name).variant")
        else { continue }
        let unread = own.filter { !condition.words.contains($0.1.options.choice(other)) }
        // What all entries of the list have in common may be for one of them alone; a default has
        // the place of the block that lacks it.
        let block = tree[declaration.name]
        let common = block.at(option.key).flatMap { value in
          unread.count == own.count && value.place != block.place ? value : nil
        }
        for (item, framework) in unread {
          guard let value = item.choice.payload?.at(option.key) ?? common else { continue }
          log.report(
            value.place, "\(declaration.name).\(option.key)",
            "changes nothing with '\(other.key): \(framework.options.choice(other))'",
            allowed: "with \(other.key): \(condition.words.joined(separator: " or "))")
        }
      }
    }
  }

  private func function(_ tree: CheckedValue, limit: CheckedValue?) -> FunctionSettings {
    FunctionSettings(
      memoryMB: Int(tree["memory"].amount),
      architecture: tree["architecture"].string,
      runtime: tree["runtime"].string,
      package: tree["package"].string,
      packageBytes: tree["package-size"].amount,
      imports: tree["imports"].string,
      timeout: (tree.at("timeout") ?? limit)?.duration ?? .seconds(900),
      ephemeralStorageMB: Int(tree["ephemeral-storage"].amount))
  }

  private func trace(_ tree: CheckedValue, of operation: String) -> TraceSource {
    TraceSource(
      operation: operation,
      file: tree["file"].string,
      column: tree["column"].string,
      unit: tree.at("unit").map(known),
      filters: tree.at("where")?.entries.map {
        TraceFile.Filter(column: $0.key, value: $0.value.string)
      } ?? [],
      missing: known(tree["missing"]),
      mode: known(tree["mode"]),
      atEnd: known(tree["at-end"]),
      includesTransfer: tree["includes-transfer"].flag,
      place: tree["file"].place)
  }

  private mutating func expectations(_ tree: CheckedValue) -> [Expectation] {
    let selected = tree["frameworks"].items.map(\.choice.name)
    var expectations: [Expectation] = []
    for entry in tree.at("expect")?.entries ?? [] {
      if let metric = Metric(rawValue: entry.key) {
        expectations.append(expectation(entry.value, of: metric, for: nil))
        continue
      }
      if !selected.contains(entry.key) {
        log.report(
          entry.value.place, "expect.\(entry.key)",
          "'\(entry.key)' is not among the frameworks of this scenario",
          allowed: selected.joined(separator: ", "))
      }
      for inner in entry.value.entries {
        guard let metric = Metric(rawValue: inner.key) else {
          preconditionFailure("\(inner.key) passed a form that should not allow it")
        }
        expectations.append(expectation(inner.value, of: metric, for: entry.key))
      }
    }
    return expectations
  }

  private func expectation(
    _ value: CheckedValue, of metric: Metric, for framework: String?
  ) -> Expectation {
    guard case .comparison(let comparison, let bound) = value.content else {
      preconditionFailure("\(value.text) is not a comparison")
    }
    let number: MetricValue =
      switch bound.content {
      case .number(let number): .real(number)
      case .count(let count): .whole(Int64(count))
      default: .whole(bound.amount)
      }
    return Expectation(
      framework: framework, metric: metric, comparison: comparison, bound: number,
      text: value.text, place: value.place)
  }
}
