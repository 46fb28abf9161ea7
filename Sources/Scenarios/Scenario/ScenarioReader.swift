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

  /// The files that a scenario may name in a setting that is a path; nil for all.
  public var fence: FileFence?

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
    var checker = FormChecker(
      root: form, directory: ScenarioReader.directory(of: file), fence: fence)
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
    decoder.overridden = Set(replacements.map(\.key))
    // The points alone are run: what contradicts itself only without the sweep is no mistake.
    var unswept = decoder
    var scenario = unswept.scenario(of: tree)
    scenario.points = decoder.points(of: tree)
    // What was measured is about the scenario as the file has it.
    if overrides.isEmpty { scenario.published = decoder.published(tree, of: scenario) }
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
