/// The text of a scenario file, to be changed setting by setting: what the change is not about,
/// comments and order included, stays as the user wrote it.
///
/// A change is an edit of the text, found by the places that the parser gives, and is kept only if
/// the parser then reads exactly what was wanted. So a style of YAML that no edit foresees leads to
/// an error and never to another scenario.
public struct ScenarioText: Sendable, Hashable {
  /// The text as it is now.
  public private(set) var text: String

  /// The text of a file.
  public init(_ text: String) { self.text = text }

  /// Gives the setting at a dotted path a value, both as they would stand in the file.
  ///
  /// - Throws: `ScenarioErrors` where the text or the value is no YAML, or the text has the setting
  ///   in a form that cannot be changed for the user.
  public mutating func set(_ path: String, to value: String) throws(ScenarioErrors) {
    let source = try SourceText(text)
    let keys = path.split(separator: ".").map(String.init)
    let wanted = source.root.replacing(
      keys[...], with: try YAMLDocument.parse(Array(value.utf8), name: path))
    try adopt(source.edits(setting: keys, to: value), reading: wanted, of: path)
  }

  /// Makes the list at `path` hold the items of these names and no others: what is there stays as
  /// it is written, the others follow as bare names.
  ///
  /// - Throws: `ScenarioErrors`, as `set` does.
  public mutating func choose(_ names: [String], in path: String) throws(ScenarioErrors) {
    let source = try SourceText(text)
    guard let list = source.root[path], case .list(let items) = list.content else {
      return try set(path, to: "[\(names.joined(separator: ", "))]")
    }
    let kept = items.filter { names.contains($0.itemName) }
    let known = kept.map(\.itemName)
    let added = names.filter { !known.contains($0) }
    let wanted = SourceNode(
      content: .list(
        kept + added.map { .init(content: .scalar($0, isNull: false), place: list.place) }),
      place: list.place)
    let edit = source.edit(list, keeping: kept, adding: added)
    try adopt([edit], reading: source.root.replacing([path], with: wanted), of: path)
  }

  /// Takes the first of `candidates` that reads as `wanted`.
  private mutating func adopt(
    _ candidates: [String], reading wanted: SourceNode, of path: String
  ) throws(ScenarioErrors) {
    let match = candidates.first { candidate in
      do {
        return try YAMLDocument.parse(Array(candidate.utf8), name: path).says(wanted)
      } catch {
        return false
      }
    }
    guard let match else {
      throw YAMLDocument.failure(
        path, "is written in a way that only you can change: edit the text")
    }
    text = match
  }

  /// A setting in which two texts differ.
  public struct Difference: Sendable, Hashable {
    /// The dotted path.
    public let path: String
    /// What it was; nil where there was none.
    public let old: String?
    /// What it is; nil where there is none.
    public let new: String?
  }

  /// In what this text differs from an earlier one, in the order of this text.
  ///
  /// - Throws: `ScenarioErrors` where either is no YAML.
  public func differences(from earlier: ScenarioText) throws(ScenarioErrors) -> [Difference] {
    let old = try SourceText(earlier.text).root.leaves()
    let new = try SourceText(text).root.leaves()
    let removed = old.filter { leaf in !new.contains { $0.path == leaf.path } }
    return new.compactMap { leaf in
      let before = old.first { $0.path == leaf.path }?.text
      return before == leaf.text
        ? nil : Difference(path: leaf.path, old: before, new: leaf.text)
    } + removed.map { Difference(path: $0.path, old: $0.text, new: nil) }
  }
}

extension SourceNode {
  /// The name of an item of a list: itself, or the one key of a mapping.
  fileprivate var itemName: String {
    if case .mapping(let entries) = content, entries.count == 1 { return entries[0].key }
    return scalar ?? ""
  }

  /// Whether another tree says the same, wherever it stands and in whatever order its keys are.
  fileprivate func says(_ other: SourceNode) -> Bool {
    switch (content, other.content) {
    case (.scalar(let mine, let isNull), .scalar(let theirs, let theirsIsNull)):
      return mine == theirs && isNull == theirsIsNull
    case (.list(let mine), .list(let theirs)):
      return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.says($1) }
    case (.mapping(let mine), .mapping(let theirs)):
      return mine.count == theirs.count
        && mine.allSatisfy { entry in other[entry.key].map(entry.value.says) ?? false }
    default: return false
    }
  }

  /// The tree with the value at `path` replaced, or added with the mappings that lead to it.
  fileprivate func replacing(_ path: ArraySlice<String>, with value: SourceNode) -> SourceNode {
    guard let key = path.first else { return value }
    let rest = path.dropFirst()
    guard case .mapping(var entries) = content else {
      let empty = SourceNode(content: .mapping([]), place: place)
      return empty.replacing(path, with: value)
    }
    if let index = entries.firstIndex(where: { $0.key == key }) {
      let entry = entries[index]
      entries[index] = .init(
        key: key, place: entry.place, value: entry.value.replacing(rest, with: value))
    } else {
      let empty = SourceNode(content: .mapping([]), place: place)
      entries.append(.init(key: key, place: place, value: empty.replacing(rest, with: value)))
    }
    return SourceNode(content: .mapping(entries), place: place)
  }

  /// The values that are no mappings, by dotted path.
  fileprivate func leaves(below path: String = "") -> [(path: String, text: String)] {
    guard case .mapping(let entries) = content else { return [(path, flowText)] }
    return entries.flatMap {
      $0.value.leaves(below: path.isEmpty ? $0.key : "\(path).\($0.key)")
    }
  }
}
