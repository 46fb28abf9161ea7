internal import Traces
internal import Training

extension ScenarioDecoder {
  /// The published measurements of a scenario, each with the runs that it names.
  mutating func published(_ tree: CheckedValue, of scenario: Scenario) -> [PublishedSource] {
    let choices = scenario.points.flatMap { point in
      point.scenario.frameworks.map { framework in
        guard let declaration = vocabulary.frameworks.first(where: { $0.name == framework.name })
        else { preconditionFailure("\(framework.name) passed a form that should not allow it") }
        return point.choice(of: framework, declaration)
      }
    }
    // Without points there is another mistake, which says more.
    guard let sources = tree.at("published"), !choices.isEmpty else { return [] }
    let isLearning = scenario.points.contains { $0.scenario.training.gradients != .none }
    return sources.items.enumerated().map { number, source in
      let points = source["points"].items.enumerated().compactMap { index, point in
        var decoder = PublishedPointDecoder(
          tree: point, path: "published[\(number)].points[\(index)]", choices: choices,
          isLearning: isLearning)
        let decoded = decoder.decode()
        for issue in decoder.log.issues { log.report(issue) }
        return decoded
      }
      return PublishedSource(
        source: source["source"].string, origin: known(source["obtained"]), points: points)
    }
  }
}

/// Makes a `PublishedPoint` of a checked mapping, and reports what contradicts itself in it.
private struct PublishedPointDecoder {
  let tree: CheckedValue
  let path: String
  /// All that the runs of the scenario are of.
  let choices: [RunChoice]
  let isLearning: Bool
  var log = IssueLog()

  /// The point; nil after a mistake, which is in the log.
  mutating func decode() -> PublishedPoint? {
    let ratios = [PublishedKey.speedUp, PublishedKey.saving]
    let measures =
      Metric.allCases.map(\.rawValue) + [PublishedKey.phaseTime, PublishedKey.phaseTimePerUpdate]
    guard let given = tree.entries.first(where: { (measures + ratios).contains($0.key) }) else {
      log.report(
        tree.place, path, "does not say what was measured",
        allowed: (measures + ratios).joined(separator: ", "))
      return nil
    }
    let isRatio = ratios.contains(given.key)
    checkParts(of: given.key, isRatio: isRatio)
    let measured = isRatio ? tree.at("of")?.string ?? Metric.time.rawValue : given.key
    let conditions = tree.at("for")?.entries ?? []
    let runs = choose(conditions, at: tree.at("for")?.place ?? tree.place, "for")
    let others = isRatio ? against(conditions, runs) : nil
    let measure = measure(measured)
    if given.value.baseAmount <= 0 {
      log.report(given.value.place, "\(path).\(given.key)", "is nothing that errors are a part of")
    }
    guard log.issues.isEmpty, let measure, let runs else { return nil }
    let claim: PublishedPoint.Claim =
      switch (given.key, others) {
      case (PublishedKey.speedUp, let others?): .speedUp(over: others)
      case (PublishedKey.saving, let others?): .saving(against: others)
      default: .value
      }
    return PublishedPoint(
      measure: measure, claim: claim, value: given.value.baseAmount, text: given.value.text,
      runs: runs, calibrates: tree["calibrates"].flag)
  }

  /// Reports parts that are missing beside what was measured, or say nothing about it.
  private mutating func checkParts(of key: String, isRatio: Bool) {
    for part in ["of", "against"] where !isRatio {
      guard let value = tree.at(part) else { continue }
      log.report(
        value.place, "\(path).\(part)",
        "'\(key)' is no ratio: '\(part)' goes with \(PublishedKey.speedUp) and "
          + PublishedKey.saving)
    }
    if isRatio, tree.at("against") == nil {
      log.report(tree.place, "\(path).against", "is missing: '\(key)' compares with other runs")
    }
  }

  private mutating func measure(_ key: String) -> PublishedPoint.Measure? {
    let phases = tree.at("phases")
    guard let metric = Metric(rawValue: key) else {
      guard let phases else {
        log.report(tree.place, "\(path).phases", "is missing: the phases whose time was measured")
        return nil
      }
      return .phases(
        phases.items.map(\.string), perUpdate: key == PublishedKey.phaseTimePerUpdate)
    }
    if let phases {
      log.report(phases.place, "\(path).phases", "'\(key)' is of all phases")
    }
    if !isLearning, metric.isLearned {
      log.report(
        tree.place, "\(path).\(key)",
        "has no value with 'gradients: none', where nothing is learned")
    }
    return .metric(metric)
  }

  /// The runs that a ratio compares with: those of `runs` but for what `against` says.
  private mutating func against(
    _ conditions: [CheckedValue.Entry], _ runs: RunChoice?
  ) -> RunChoice? {
    guard let against = tree.at("against"), runs != nil else { return nil }
    let changed = against.entries.map(\.key)
    // Another framework has other options.
    let isOther = changed.contains("framework")
    let kept = conditions.filter { condition in
      let isOption = runs.map { condition.key.hasPrefix($0.framework + ".") } ?? false
      return !changed.contains(condition.key)
        && !(isOther && (isOption || condition.key == "variant"))
    }
    let others = choose(kept + against.entries, at: against.place, "against")
    if let others, others == runs {
      log.report(against.place, "\(path).against", "compares the runs with themselves")
    }
    return others
  }

  /// The one choice that has all of `conditions`.
  private mutating func choose(
    _ conditions: [CheckedValue.Entry], at place: SourcePlace, _ part: String
  ) -> RunChoice? {
    let keys = choices.flatMap(\.keys).distinct
    var isKnown = true
    for condition in conditions {
      let values = choices.compactMap { $0.value(of: condition.key) }.distinct
      if values.contains(condition.value.string) { continue }
      isKnown = false
      if values.isEmpty {
        log.report(
          condition.value.place, "\(path).\(part)", "the runs do not differ in '\(condition.key)'",
          allowed: keys.joined(separator: ", "),
          hint: Suggestion.nearest(to: condition.key, among: keys))
      } else {
        log.report(
          condition.value.place, "\(path).\(part).\(condition.key)",
          "no run has '\(condition.value.string)'", allowed: values.joined(separator: ", "),
          // One number is as near to another as any.
          hint: Int(condition.value.string) == nil
            ? Suggestion.nearest(to: condition.value.string, among: values) : nil)
      }
    }
    guard isKnown else { return nil }
    let matching = choices.filter { choice in
      conditions.allSatisfy { choice.value(of: $0.key) == $0.value.string }
    }
    if matching.count == 1 { return matching[0] }
    if matching.isEmpty {
      log.report(place, "\(path).\(part)", "no run has all of this")
    } else {
      let open = keys.filter { key in Set(matching.map { $0.value(of: key) }).count > 1 }
      log.report(
        place, "\(path).\(part)",
        "is about \(matching.count) kinds of runs: say which \(open.joined(separator: ", "))")
    }
    return nil
  }
}

extension RunChoice {
  /// What can be said to choose these runs.
  fileprivate var keys: [String] { ["framework", "variant"] + parameters.map(\.key) }

  /// The value of something that runs differ in; nil where these have none.
  fileprivate func value(of key: String) -> String? {
    switch key {
    case "framework": framework
    case "variant": variant
    default: parameters.first { $0.key == key }?.value
    }
  }
}

extension CheckedValue {
  /// The value as a number: of a quantity, in base units.
  fileprivate var baseAmount: Double {
    switch content {
    case .number(let number): number
    case .count(let count): Double(count)
    default: Double(amount)
    }
  }
}

extension [String] {
  /// The texts without repetitions, in the order of first appearance.
  fileprivate var distinct: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
