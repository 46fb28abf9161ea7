/// The reference of scenario files: every setting with its values, default and meaning.
public enum ScenarioManual {
  /// The reference for scenarios that use these names, as Markdown text with a line end.
  public static func markdown(vocabulary: Vocabulary) -> String {
    guard case .record(let settings, _) = vocabulary.scenarioForm else {
      preconditionFailure("a scenario is a mapping")
    }
    let head = """
      # Settings of a scenario

      Dotted keys name a setting in a `sweep` and in `--set`; in a file they are nested mappings.
      A setting without a default may be absent.

      | setting | values | default | meaning |
      |---|---|---|---|
      """
    let rows = settings.flatMap { ScenarioManual.rows(of: $0, below: "") }
    return ([head] + rows).joined(separator: "\n") + "\n"
  }

  private static func rows(of setting: Setting, below path: String) -> [String] {
    let key = path + setting.key
    // A bar would end the cell.
    let summary = setting.summary.split(separator: "|", omittingEmptySubsequences: false)
      .joined(separator: "\\|")
    let row = "| `\(key)` | \(setting.form.values) | \(setting.defaultText) | \(summary) |"
    // What can be expected of one framework is what can be expected of all.
    let parts = path == "expect." ? [] : setting.form.parts
    return [row] + parts.flatMap { rows(of: $0, below: key + ".") }
      + setting.form.sentences.flatMap { rows(of: $0, below: key + ".") }
  }

  /// The verb of a sentence, and its circumstances below it.
  private static func rows(of sentence: Sentence, below path: String) -> [String] {
    let verb = sentence.verb
    return rows(of: Setting(verb.key, verb.form, verb.summary), below: path)
      + sentence.circumstances.flatMap { rows(of: $0, below: "\(path)\(sentence.verb.key), ") }
  }
}

extension Setting {
  fileprivate var defaultText: String {
    switch presence {
    case .required: "required"
    case .optional, .filled: ""
    case .defaults(let text): "`\(text)`"
    }
  }
}

extension Form {
  /// The settings inside a mapping, which have rows of their own.
  fileprivate var parts: [Setting] {
    switch self {
    case .record(let settings, _), .nameOrRecord(_, _, let settings): settings
    case .oneOf(_, let cases):
      // Cases without a value are told by the row of the choice itself.
      cases.filter { if case .nothing = $0.form { false } else { true } }
    // The options of a listed framework are those of its own block.
    case .list(.oneOf): []
    case .keyed(_, _, let form), .list(let form): form.parts
    default: []
    }
  }

  /// The ways to fill a mapping that its verb tells.
  fileprivate var sentences: [Sentence] {
    switch self {
    case .sentence(_, let sentences): sentences
    case .list(let form): form.sentences
    default: []
    }
  }

  /// What a setting of this form may hold, in a few words.
  fileprivate var values: String {
    switch self {
    case .count(let range): range.inWords
    case .number(let range): range.description
    case .quantity(let dimension, let range):
      "\(dimension.noun), \(dimension.words(for: range))"
    case .name(_, let names, _): names.codeList
    case .nameOrPath(_, let names, let suffix):
      names.codeList + ", or the path of a `\(suffix)` file"
    case .nameOrRecord(_, let names, _): names.codeList + ", or a mapping"
    case .oneOf(_, let cases): "one of " + cases.map(\.key).codeList
    case .list(let form): "a list: " + form.values
    case .keyed(let noun, _, let form): "\(form.values), by \(noun)"
    case .sweep: "lists of values, by dotted key"
    case .date: "a date as in `2025-08-01`"
    case .member(let numbered, let single):
      (numbered.map { "`\($0) 0`, …" } + single.map { "`\($0)`" }).joined(separator: ", ")
    case .sentence(_, let sentences): "a mapping with " + sentences.map(\.verb.key).codeList
    default: noun
    }
  }
}

extension [String] {
  /// The texts as code, with commas.
  fileprivate var codeList: String { map { "`\($0)`" }.joined(separator: ", ") }
}
