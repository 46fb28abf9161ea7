internal import Foundation
internal import Yams

/// Reads YAML text into a tree with places, and every mistake into a `ScenarioErrors`.
///
/// Strict: one document, unique text keys, no anchors, aliases, tags or merges, because a scenario
/// that says one thing in two places is read wrongly by people.
enum YAMLDocument {
  /// No scenario or provider file comes near this size; anything larger is a mistake.
  static let largestByteCount = 4 << 20

  /// Reads the file at `path`; `name` is how errors call it.
  static func read(file path: String, name: String) throws(ScenarioErrors) -> SourceNode {
    let bytes: Data
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      if attributes[.type] as? FileAttributeType == .typeDirectory {
        throw failure(name, "is a directory, not a file")
      }
      if let size = attributes[.size] as? Int, size > largestByteCount {
        throw failure(name, "is \(size) bytes long, which no scenario is (at most 4 MiB)")
      }
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch let error as ScenarioErrors {
      throw error
    } catch {
      throw failure(
        name,
        FileManager.default.fileExists(atPath: path) ? "cannot be read" : "there is no such file")
    }
    return try parse(Array(bytes), name: name)
  }

  /// Parses `bytes` as one YAML document.
  static func parse(_ bytes: [UInt8], name: String) throws(ScenarioErrors) -> SourceNode {
    // Some editors begin a file with a byte order mark, which is no part of its text.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw failure(at: firstInvalidPlace(in: bytes, name: name), "is not UTF-8 text")
    }
    guard !text.unicodeScalars.contains("\0") else { throw failure(name, "is a binary file") }
    do {
      let parser = try Parser(yaml: text)
      // The tree holds its anchors weakly: the parser must outlive the conversion.
      return try withExtendedLifetime(parser) {
        guard let root = try parser.singleRoot() else { throw failure(name, "is empty") }
        return try convert(root, name: name)
      }
    } catch let error as ScenarioErrors {
      throw error
    } catch let error as YamlError {
      throw syntaxError(error, name: name)
    } catch {
      throw failure(name, "cannot be read as YAML: \(error)")
    }
  }

  private static func convert(_ node: Node, name: String) throws(ScenarioErrors) -> SourceNode {
    let place = SourcePlace(
      file: name, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    let content: SourceNode.Content
    switch node {
    case .scalar(let scalar):
      try refuse(anchor: scalar.anchor, tag: scalar.tag, at: place)
      let isPlain = scalar.style == .plain || scalar.style == .any
      let isNull = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
      content = .scalar(scalar.string, isNull: isNull)
    case .sequence(let sequence):
      try refuse(anchor: sequence.anchor, tag: sequence.tag, at: place)
      var items: [SourceNode] = []
      for item in sequence { items.append(try convert(item, name: name)) }
      content = .list(items)
    case .mapping(let mapping):
      try refuse(anchor: mapping.anchor, tag: mapping.tag, at: place)
      var entries: [SourceNode.Entry] = []
      for (key, value) in mapping {
        let keyNode = try convert(key, name: name)
        guard let text = keyNode.scalar else {
          throw failure(at: keyNode.place, "a key must be plain text")
        }
        entries.append(
          .init(key: text, place: keyNode.place, value: try convert(value, name: name)))
      }
      content = .mapping(entries)
    case .alias:
      throw failure(at: place, "YAML anchors and aliases are not used here: write the value out")
    }
    return SourceNode(content: content, place: place)
  }

  private static func refuse(
    anchor: Anchor?, tag: Tag, at place: SourcePlace
  ) throws(ScenarioErrors) {
    if let anchor {
      throw failure(
        at: place,
        "YAML anchors and aliases are not used here: write the value of '&\(anchor.rawValue)' out")
    }
    // Looking for duplicates, the parser gives keys their implicit tags; those are no user's doing.
    let implicit: [Tag.Name] = [
      .implicit, .nonSpecific, .str, .int, .float, .bool, .null, .timestamp, .seq, .map, .merge,
    ]
    let name = tag.rawValue
    if !implicit.contains(where: { $0.rawValue == name }) {
      throw failure(at: place, "YAML tags are not used here: remove '\(name)'")
    }
  }

  private static func syntaxError(_ error: YamlError, name: String) -> ScenarioErrors {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = SourcePlace(file: name, line: mark.line, column: mark.column)
      let around = context.map { " (\($0.text) that began on line \($0.mark.line))" } ?? ""
      return failure(at: place, "not valid YAML: \(problem)\(around)")
    case .duplicatedKeysInMapping(let keys, let context):
      let place = SourcePlace(file: name, line: context.mark.line, column: context.mark.column)
      let list = keys.map { "'\($0)'" }.joined(separator: ", ")
      return failure(at: place, "the key \(list) is given twice in the same mapping")
    case .reader(let problem, let offset, _, let yaml):
      return failure(at: place(ofCharacter: offset ?? 0, in: yaml, name: name), problem)
    default:
      return failure(name, "not valid YAML: \(error)")
    }
  }

  private static func place(ofCharacter offset: Int, in text: String, name: String) -> SourcePlace {
    let before = text.prefix(offset)
    let line = before.count { $0.isNewline } + 1
    let column = before.reversed().prefix { !$0.isNewline }.count + 1
    return SourcePlace(file: name, line: line, column: column)
  }

  private static func firstInvalidPlace(in bytes: [UInt8], name: String) -> SourcePlace {
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { break }
      line += 1
    }
    return SourcePlace(file: name, line: line, column: 1)
  }

  static func failure(_ name: String, _ message: String) -> ScenarioErrors {
    failure(at: SourcePlace(file: name, line: 1, column: 1), message)
  }

  static func failure(at place: SourcePlace, _ message: String) -> ScenarioErrors {
    ScenarioErrors([ScenarioIssue(at: place, path: "", message)])
  }
}
