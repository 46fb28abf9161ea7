internal import Training

/// Sweeps and pipelines: one scenario for each combination of the values that vary.
extension ScenarioDecoder {
  /// More points, or jobs of all points, than anybody waits for; a larger product is a mistake.
  static let largestProduct = 10_000

  /// One combination of the values that vary, and the tree that has them.
  private typealias Combination = (parameters: [SweepPoint.Parameter], tree: CheckedValue)

  /// The tree with the setting at `key` replaced.
  mutating func replace(
    _ key: String, in tree: CheckedValue, with value: CheckedValue
  ) -> CheckedValue {
    switch tree.replacing(key.split(separator: ".").map(String.init)[...], with: value) {
    case .success(let tree): return tree
    case .failure(let clash):
      log.report(value.place, key, "does not apply: the scenario says '\(clash.chosen)' there")
      return tree
    }
  }

  /// The points of the sweep.
  mutating func points(of tree: CheckedValue) -> [SweepPoint] {
    let axes = axes(tree.at("sweep"))
    for axis in axes {
      checkFramework(of: axis, at: "sweep", in: tree)
      checkRepetition(in: axis)
    }
    let points = product(of: axes, at: "sweep", in: tree, atMost: Self.largestProduct)
    return points.map { point in
      SweepPoint(
        parameters: point.parameters, scenario: scenario(of: point.tree, among: points.count))
    }
  }

  /// The scenario of a tree that may have a pipeline, one of so many points of a sweep.
  ///
  /// What the jobs of a pipeline have in common is that of the first.
  mutating func scenario(of tree: CheckedValue, among pointCount: Int = 1) -> Scenario {
    guard let pipeline = tree.at("pipeline") else { return decode(tree) }
    guard let list = pipeline.at("jobs") else {
      log.report(pipeline.place, "pipeline.jobs", "is missing: without jobs there is no pipeline")
      return decode(tree)
    }
    let axes = axes(list)
    check(axes, in: tree)
    let jobs = product(
      of: axes, at: "pipeline.jobs", in: tree, atMost: Self.largestProduct / max(1, pointCount)
    )
    .map { SweepPoint(parameters: $0.parameters, scenario: decode($0.tree)) }
    guard var scenario = jobs.first?.scenario else { return decode(tree) }
    scenario.pipeline = PipelineSettings(
      atOnce: pipeline.at("at-once")?.count ?? jobs.count, jobs: jobs)
    return scenario
  }

  /// What a mapping of lists varies, unless the command line fixes it.
  private func axes(_ lists: CheckedValue?) -> [CheckedValue.Entry] {
    (lists?.entries ?? []).filter { !overridden.contains($0.key) }
  }

  /// The product of `axes` in file order, the last axis fastest.
  private mutating func product(
    of axes: [CheckedValue.Entry], at path: String, in tree: CheckedValue, atMost limit: Int
  ) -> [Combination] {
    var product: [Combination] = [([], tree)]
    for axis in axes {
      let values = axis.value.items
      guard product.count * values.count <= limit else {
        log.report(axis.value.place, path, "the product has more than \(limit) points")
        return []
      }
      var next: [Combination] = []
      for point in product {
        for value in values {
          next.append(
            (
              point.parameters + [.init(key: axis.key, value: value.text)],
              replace(axis.key, in: point.tree, with: value)
            ))
        }
      }
      product = next
    }
    return product
  }

  /// Reports jobs that would not differ as the file says, and what does not go with a pipeline.
  private mutating func check(_ jobs: [CheckedValue.Entry], in tree: CheckedValue) {
    let swept = self.axes(tree.at("sweep"))
    for axis in jobs {
      checkFramework(of: axis, at: "pipeline.jobs", in: tree, mayBeFixed: false)
      for other in swept where other.key == axis.key || other.key.hasPrefix(axis.key + ".") {
        log.report(
          other.value.place, "sweep.\(other.key)",
          "the jobs of the pipeline vary '\(axis.key)', so that sweeping it changes nothing")
      }
    }
    for fault in tree.at("faults")?.items ?? []
    where ["crash", "slow", "attack"].contains(fault.choice.name) {
      log.report(
        fault.place, "faults",
        "'\(fault.choice.name)' does not go with a pipeline: it does not say in which job")
    }
  }

  /// Reports values of a sweep that are there twice: one run would count as two.
  private mutating func checkRepetition(in axis: CheckedValue.Entry) {
    let values = axis.value.items
    for (index, value) in values.enumerated() {
      guard let first = values[..<index].first(where: { $0.content == value.content }) else {
        continue
      }
      let spelling = first.text == value.text ? "" : ", as '\(first.text)'"
      log.report(value.place, "sweep.\(axis.key)", "'\(value.text)' is listed twice\(spelling)")
    }
  }

  /// Reports an axis that varies an option no run would read, or that not all of a framework's
  /// entries in the list would.
  private mutating func checkFramework(
    of axis: CheckedValue.Entry, at path: String, in tree: CheckedValue, mayBeFixed: Bool = true
  ) {
    let parts = axis.key.split(separator: ".").map(String.init)
    guard parts.count == 2, vocabulary.frameworks.contains(where: { $0.name == parts[0] })
    else { return }
    let selected = tree["frameworks"].items.map(\.choice).filter { $0.name == parts[0] }
    let readers = selected.filter { $0.payload?.at(parts[1]) == nil }
    if selected.isEmpty {
      log.report(
        axis.value.place, "\(path).\(axis.key)", "'\(parts[0])' is not among the frameworks")
    } else if readers.isEmpty || (!mayBeFixed && readers.count < selected.count) {
      log.report(
        axis.value.place, "\(path).\(axis.key)",
        "the list of frameworks fixes '\(parts[1])', so that varying it changes nothing")
    }
  }
}
