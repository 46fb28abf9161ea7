internal import Cloud

extension Form {
  /// The form as a JSON Schema, for editors that complete and check as one types.
  ///
  /// A schema says less than the form: it knows no dotted paths of a sweep beyond their names, and
  /// no files. The reader has the last word.
  func schema(root: Form) -> JSONValue {
    switch self {
    case .flag: ["type": "boolean"]
    case .count(let range): Form.schema(of: range)
    case .number(let range): range.schema
    case .quantity(let dimension, _):
      ["type": "string", "pattern": .string(dimension.pattern), "description": .string(noun)]
    case .text, .existingPath, .nameOrPath: ["type": ["string", "number"]]
    case .date: Form.text(matching: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    case .period: Form.text(matching: "^[0-9]{4}(-[0-9]{2}){0,2}$")
    case .name(_, let names, _): ["enum": .array(names.map(JSONValue.string))]
    case .nameOrRecord(_, let names, let settings):
      [
        "anyOf": [
          ["enum": .array(names.map(JSONValue.string))],
          Form.schema(of: settings, exclusive: [], root: root),
        ]
      ]
    case .member(let numbered, let single):
      Form.text(
        matching:
          "^((\(numbered.joined(separator: "|"))) [0-9]+\(single.map { "|\($0)" }.joined()))$")
    case .comparison(let bound): bound.comparisonSchema
    case .record(let settings, let exclusive):
      Form.schema(of: settings, exclusive: exclusive, root: root)
    case .keyed(_, let keys, let form): Form.schema(keys: keys, form.schema(root: root))
    case .list(let form):
      ["type": "array", "minItems": 1, "items": form.schema(root: root)]
    case .oneOf(_, let cases): Form.schema(of: cases, root: root)
    case .sentence(_, let sentences):
      [
        "anyOf": .array(
          sentences.map { Form.schema(of: $0.settings, exclusive: $0.exclusive, root: root) })
      ]
    case .anything: true
    case .nothing: ["type": "null"]
    case .sweep(let refused): root.sweepSchema(refusing: refused)
    }
  }

  private static func text(matching pattern: String) -> JSONValue {
    ["type": "string", "pattern": .string(pattern)]
  }

  private static func schema(of range: ClosedRange<Int>) -> JSONValue {
    var schema: [String: JSONValue] = [
      "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
    ]
    if range.upperBound != Int.max { schema["maximum"] = .integer(Int64(range.upperBound)) }
    return .object(schema)
  }

  private static func schema(keys: [String]?, _ value: JSONValue) -> JSONValue {
    guard let keys else { return ["type": "object", "additionalProperties": value] }
    return [
      "type": "object", "additionalProperties": false,
      "properties": .object(Dictionary(uniqueKeysWithValues: keys.map { ($0, value) })),
    ]
  }

  private static func schema(
    of settings: [Setting], exclusive: [[String]], root: Form
  ) -> JSONValue {
    var schema: [String: JSONValue] = [
      "type": "object", "additionalProperties": false,
      "properties": .object(
        Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.schema(root: root)) })),
    ]
    let required = settings.filter { $0.presence == .required }.map { JSONValue.string($0.key) }
    if !required.isEmpty { schema["required"] = .array(required) }
    let pairs = exclusive.map { JSONValue.object(["required": .array($0.map(JSONValue.string))]) }
    if !pairs.isEmpty { schema["not"] = ["anyOf": .array(pairs)] }
    return .object(schema)
  }

  /// A case is its bare name, where it needs no value, or a mapping of its name to its value.
  private static func schema(of cases: [Setting], root: Form) -> JSONValue {
    var bare: [JSONValue] = []
    var valued: [String: JSONValue] = [:]
    for setting in cases {
      switch setting.form {
      case .nothing: bare.append(.string(setting.key))
      case .record(let settings, _) where settings.allSatisfy({ $0.presence != .required }):
        bare.append(.string(setting.key))
        valued[setting.key] = setting.schema(root: root)
      default: valued[setting.key] = setting.schema(root: root)
      }
    }
    let mapping: JSONValue = [
      "type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
      "properties": .object(valued),
    ]
    if valued.isEmpty { return ["enum": .array(bare)] }
    return bare.isEmpty ? mapping : ["anyOf": [["enum": .array(bare)], mapping]]
  }

  private var comparisonSchema: JSONValue {
    let signs = Comparison.allCases.map(\.rawValue).joined(separator: "|")
    return [
      "type": "string", "pattern": .string("^(\(signs)) *[0-9]"), "description": .string(noun),
    ]
  }

  /// The settings a sweep may vary, each with a list of what it may hold.
  private func sweepSchema(refusing refused: [String: String]) -> JSONValue {
    var properties: [String: JSONValue] = [:]
    for (path, form) in settings(below: "") {
      if case .success = sweptSetting(at: path, refusing: refused) {
        properties[path] = Form.list(form).schema(root: self)
      }
    }
    return ["type": "object", "additionalProperties": false, "properties": .object(properties)]
  }

  /// The dotted paths below this form that have one value.
  private func settings(below path: String) -> [(path: String, form: Form)] {
    let settings: [Setting]
    switch self {
    case .record(let inner, _), .nameOrRecord(_, _, let inner): settings = inner
    case .oneOf(_, let cases): settings = cases
    default: return []
    }
    return settings.flatMap { setting -> [(path: String, form: Form)] in
      let inner = path.isEmpty ? setting.key : path + "." + setting.key
      switch setting.form {
      case .record: return setting.form.settings(below: inner)
      case .keyed, .sweep, .list, .nothing: return []
      default: return [(inner, setting.form)] + setting.form.settings(below: inner)
      }
    }
  }
}

extension Setting {
  fileprivate func schema(root: Form) -> JSONValue {
    guard case .object(var schema) = form.schema(root: root) else { return true }
    schema["description"] = .string(summary)
    if case .defaults(let text) = presence { schema["default"] = form.example(text) }
    return .object(schema)
  }
}

extension Form {
  /// A default as JSON: a number where the form is one, text otherwise.
  fileprivate func example(_ text: String) -> JSONValue {
    let plain = text.filter { $0 != "_" }
    return switch self {
    case .flag: .boolean(text == "true")
    case .count: Int64(plain).map(JSONValue.integer) ?? .string(text)
    case .number: Double(plain).map(JSONValue.number) ?? .string(text)
    default: .string(text)
    }
  }
}

extension NumberRange {
  fileprivate var schema: JSONValue {
    [
      "type": "number",
      includesLowest ? "minimum" : "exclusiveMinimum": .number(lowest),
      includesHighest ? "maximum" : "exclusiveMaximum": .number(highest),
    ]
  }
}

extension Dimension {
  /// A regular expression that a quantity of this dimension matches.
  fileprivate var pattern: String {
    let names = units.map { $0.name }.joined(separator: "|")
    return "^[0-9][0-9._eE+-]* *(\(names))$"
  }
}
