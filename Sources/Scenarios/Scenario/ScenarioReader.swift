internal import Training

/// Reads scenario files: YAML, checked against a form, decoded at every point of its sweep.
public struct ScenarioReader: Sendable {
  /// A setting given on the command line, which replaces the file's.
  public struct Override: Sendable, Hashable {
    /// The dotted path, as in `function.memory`.
    public let key: String
    /// The value as it would stand in the file.
    public let text: String

    /// The setting `key` with the value `text`.
    public init(key: String, text: String) {
      self.key = key
      self.text = text
    }
  }

  /// More points than anybody waits for; a larger product is a mistake.
  static let largestPointCount = 10_000

  private let vocabulary: Vocabulary
  private let form: Form

  /// A reader of scenarios that use these names.
  public init(vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    form = vocabulary.scenarioForm
  }

  /// Reads the scenario file at `path`.
  ///
  /// - Throws: `ScenarioErrors` with every mistake of the file.
  public func read(
    file path: String, overrides: [Override] = []
  ) throws(ScenarioErrors) -> Scenario {
    let node = try YAMLDocument.read(file: path, name: path)
    return try read(node, file: path, overrides: overrides)
  }

  /// Reads `text` as if it were the content of the file at `path`.
  ///
  /// - Throws: `ScenarioErrors` with every mistake of the text.
  public func read(
    text: String, file path: String, overrides: [Override] = []
  ) throws(ScenarioErrors) -> Scenario {
    let node = try YAMLDocument.parse(Array(text.utf8), name: path)
    return try read(node, file: path, overrides: overrides)
  }

  private func read(
    _ node: SourceNode, file: String, overrides: [Override]
  ) throws(ScenarioErrors) -> Scenario {
    var checker = FormChecker(root: form, directory: ScenarioReader.directory(of: file))
    let checked = checker.check(node, as: form)
    var replacements: [(key: String, value: CheckedValue)] = []
    for override in overrides {
      if let value = try check(override, with: &checker) {
        replacements.append((override.key, value))
      }
    }
    try checker.log.throwIfAny()
    guard var tree = checked else { preconditionFailure("a rejected file has an issue") }

    var decoder = ScenarioDecoder(vocabulary: vocabulary, file: file)
    for (key, value) in replacements { tree = decoder.replace(key, in: tree, with: value) }
    let overridden = Set(replacements.map(\.key))
    let axes = (tree.at("sweep")?.entries ?? []).filter { !overridden.contains($0.key) }
    // The points alone are run: what contradicts itself only without the sweep is no mistake.
    var unswept = decoder
    var scenario = unswept.decode(tree)
    scenario.points = decoder.points(of: axes, in: tree)
    try decoder.log.throwIfAny()
    return scenario
  }

  /// The directory that relative paths in `file` start from.
  static func directory(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  private func check(
    _ override: Override, with checker: inout FormChecker
  ) throws(ScenarioErrors) -> CheckedValue? {
    let name = "--set \(override.key)=\(override.text)"
    let node = try YAMLDocument.parse(Array(override.text.utf8), name: name)
    return checker.check(node, at: override.key)
  }
}

extension ScenarioDecoder {
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

  /// The points of the product of `axes` in file order, the last axis fastest.
  mutating func points(of axes: [CheckedValue.Entry], in tree: CheckedValue) -> [SweepPoint] {
    var points: [(parameters: [SweepPoint.Parameter], tree: CheckedValue)] = [([], tree)]
    for axis in axes {
      let values = axis.value.items
      guard points.count * values.count <= ScenarioReader.largestPointCount else {
        log.report(
          axis.value.place, "sweep",
          "the product has more than \(ScenarioReader.largestPointCount) points")
        return []
      }
      checkFramework(of: axis, in: tree)
      var next: [(parameters: [SweepPoint.Parameter], tree: CheckedValue)] = []
      for point in points {
        for value in values {
          next.append(
            (
              point.parameters + [.init(key: axis.key, value: value.text)],
              replace(axis.key, in: point.tree, with: value)
            ))
        }
      }
      points = next
    }
    return points.map { SweepPoint(parameters: $0.parameters, scenario: decode($0.tree)) }
  }

  /// Reports an axis that varies an option no run would read.
  private mutating func checkFramework(of axis: CheckedValue.Entry, in tree: CheckedValue) {
    let parts = axis.key.split(separator: ".").map(String.init)
    guard parts.count == 2, vocabulary.frameworks.contains(where: { $0.name == parts[0] })
    else { return }
    let selected = tree["frameworks"].items.map(\.choice).filter { $0.name == parts[0] }
    if selected.isEmpty {
      log.report(
        axis.value.place, "sweep.\(axis.key)", "'\(parts[0])' is not among the frameworks")
    } else if selected.allSatisfy({ $0.payload?.at(parts[1]) != nil }) {
      log.report(
        axis.value.place, "sweep.\(axis.key)",
        "the list of frameworks fixes '\(parts[1])', so that varying it changes nothing")
    }
  }
}
