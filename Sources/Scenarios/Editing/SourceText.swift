/// A YAML text with its tree: where each value begins, as the parser says, and where it ends.
struct SourceText {
  let root: SourceNode
  /// The parser counts columns in Unicode scalars, and so does this.
  private let scalars: [Unicode.Scalar]
  private let lineStarts: [Int]

  /// Parses `text`.
  init(_ text: String) throws(ScenarioErrors) {
    root = try YAMLDocument.parse(Array(text.utf8), name: "scenario")
    let scalars = Array(text.unicodeScalars)
    self.scalars = scalars
    lineStarts = [0] + scalars.indices.filter { scalars[$0] == "\n" }.map { $0 + 1 }
  }

  // MARK: Edits

  /// The texts, the likeliest first, in which the setting at `keys` has become `value`.
  func edits(setting keys: [String], to value: String) -> [String] {
    var node = root
    var isInFlow = isFlow(root)
    var rest = keys[...]
    while let key = rest.first, let inner = node[key] {
      (node, rest) = (inner, rest.dropFirst())
      if !rest.isEmpty { isInFlow = isInFlow || isFlow(node) }
    }
    guard let key = rest.first else {
      return [replacing(start(of: node)..<end(of: node, inFlow: isInFlow), with: value)]
    }
    let flow = rest.dropFirst().reversed().reduce(value) { "{ \($1): \($0) }" }
    return insertions(of: "\(key): \(flow)", into: node)
  }

  /// The text in which a list has only the items of `kept`, as they are written, and new names.
  func edit(_ list: SourceNode, keeping kept: [SourceNode], adding added: [String]) -> String {
    let begin = start(of: list)
    if isFlow(list) {
      let items = kept.map { text(start(of: $0)..<end(of: $0, inFlow: true)) }
      return replacing(
        begin..<end(of: list, inFlow: true),
        with: "[\((items + added).joined(separator: ", "))]")
    }
    // A remark at the end of an item's line goes with it.
    let items = kept.map { text(start(of: $0)..<endOfLine(end(of: $0, inFlow: false))) }
    let indentation = String(repeating: " ", count: list.place.column - 1)
    return replacing(
      begin..<endOfLine(end(of: list, inFlow: false)),
      with: "- " + (items + added).joined(separator: "\n\(indentation)- "))
  }

  /// Places for a new entry: in braces at their beginning, in a block after one of its lines.
  private func insertions(of entry: String, into mapping: SourceNode) -> [String] {
    let begin = start(of: mapping)
    guard case .mapping(let entries) = mapping.content else { return [] }
    if isFlow(mapping) {
      let after = begin + 1
      let new =
        entries.isEmpty ? " \(entry) " : scalars[after].isSpace ? " \(entry)," : "\(entry), "
      return [replacing(after..<after, with: new)]
    }
    let indentation = String(repeating: " ", count: mapping.place.column - 1)
    // Beside other plain values rather than after a long part.
    let plain = entries.last { $0.value.scalar != nil }
    return [plain, entries.last].compactMap { $0 }.map { neighbour in
      let after = endOfLine(end(of: neighbour.value, inFlow: false))
      return replacing(after..<after, with: "\n\(indentation)\(entry)")
    }
  }

  private func text(_ range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[range])
    return String(text)
  }

  private func replacing(_ range: Range<Int>, with new: String) -> String {
    text(0..<range.lowerBound) + new + text(range.upperBound..<scalars.count)
  }

  // MARK: Extents

  private func start(of node: SourceNode) -> Int {
    min(
      lineStarts[min(node.place.line, lineStarts.count) - 1] + node.place.column - 1, scalars.count)
  }

  private func endOfLine(_ offset: Int) -> Int {
    scalars[offset...].firstIndex { $0 == "\n" || $0 == "\r" } ?? scalars.count
  }

  /// Whether a node is written in brackets or braces.
  private func isFlow(_ node: SourceNode) -> Bool {
    let start = start(of: node)
    guard node.scalar == nil, start < scalars.count else { return false }
    return scalars[start] == "[" || scalars[start] == "{"
  }

  /// Where a value ends; of a value over several lines without quotes, this is the first line.
  private func end(of node: SourceNode, inFlow: Bool) -> Int {
    let start = start(of: node)
    switch node.content {
    case .scalar(_, isNull: true) where start == scalars.count || scalars[start] != "~":
      return start
    case .scalar: return endOfScalar(start, inFlow: inFlow)
    case .list(let items):
      if isFlow(node) { return endOfFlow(start) }
      return items.last.map { end(of: $0, inFlow: inFlow) } ?? start
    case .mapping(let entries):
      if isFlow(node) { return endOfFlow(start) }
      return entries.last.map { end(of: $0.value, inFlow: inFlow) } ?? start
    }
  }

  private func endOfScalar(_ start: Int, inFlow: Bool) -> Int {
    guard start < scalars.count else { return start }
    if scalars[start] == "\"" || scalars[start] == "'" { return endOfQuotes(start) }
    var end = start
    for index in start..<endOfLine(start) {
      let scalar = scalars[index]
      if inFlow, scalar == "," || scalar == "]" || scalar == "}" { break }
      if scalar == "#", index > start, scalars[index - 1].isSpace { break }
      if !scalar.isSpace { end = index + 1 }
    }
    return end
  }

  /// Where the text in quotes that begins at `start` ends.
  private func endOfQuotes(_ start: Int) -> Int {
    var index = start + 1
    while index < scalars.count, scalars[index] != scalars[start] {
      // In double quotes, what a backslash precedes is no end.
      index += scalars[start] == "\"" && scalars[index] == "\\" ? 2 : 1
    }
    return min(index + 1, scalars.count)
  }

  /// Where the brackets or braces that open at `start` are closed.
  private func endOfFlow(_ start: Int) -> Int {
    var depth = 0
    var index = start
    while index < scalars.count {
      switch scalars[index] {
      case "[", "{": depth += 1
      case "]", "}": depth -= 1
      case "#" where scalars[index - 1].isSpace || scalars[index - 1] == "\n":
        index = endOfLine(index)
        continue
      case "\"", "'":
        // A quotation mark within a word is a letter like others.
        if !scalars[index - 1].properties.isAlphabetic {
          index = endOfQuotes(index)
          continue
        }
      default: break
      }
      index += 1
      if depth == 0 { return index }
    }
    return index
  }
}

extension Unicode.Scalar {
  fileprivate var isSpace: Bool { self == " " || self == "\t" }
}
