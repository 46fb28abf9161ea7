/// A path into a document, as the States Language writes it: `$.workers[0]['ip']`.
///
/// Members, elements (from the end when negative), slices and the wildcard are understood.
struct StatePath {
  enum Step: Hashable {
    case member(String)
    case element(Int)
    case slice(Int, Int?)
    case all
  }

  let steps: [Step]
  /// Whether it begins with `$$`: into the context and not the data.
  let isContext: Bool

  /// Whether it names one place, so that a value can be put there.
  var isReference: Bool {
    steps.allSatisfy {
      if case .member = $0 { true } else if case .element = $0 { true } else { false }
    }
  }

  init(_ text: String) throws(StateFailure) {
    var rest = Substring(text)
    guard rest.popFirst() == "$" else { throw StatePath.invalid(text) }
    isContext = rest.first == "$"
    if isContext { rest.removeFirst() }
    var steps: [Step] = []
    while let first = rest.popFirst() {
      switch first {
      case ".": steps.append(try StatePath.member(&rest, text))
      case "[": steps.append(try StatePath.bracket(&rest, text))
      default: throw StatePath.invalid(text)
      }
    }
    self.steps = steps
  }

  private static func invalid(_ text: String) -> StateFailure {
    StateFailure("States.Runtime", "invalid path '\(text)'")
  }

  private static func member(_ rest: inout Substring, _ text: String) throws(StateFailure) -> Step {
    let name = rest.prefix { $0 != "." && $0 != "[" }
    guard !name.isEmpty else { throw invalid(text) }
    rest.removeFirst(name.count)
    return name == "*" ? .all : .member(String(name))
  }

  private static func bracket(
    _ rest: inout Substring, _ text: String
  ) throws(StateFailure) -> Step {
    if let quote = rest.first, quote == "'" || quote == "\"" {
      guard let close = rest.dropFirst().firstIndex(of: quote) else { throw invalid(text) }
      let name = rest[rest.index(after: rest.startIndex)..<close]
      rest = rest[rest.index(after: close)...]
      guard rest.popFirst() == "]" else { throw invalid(text) }
      return .member(String(name))
    }
    guard let close = rest.firstIndex(of: "]") else { throw invalid(text) }
    let content = rest[..<close]
    rest = rest[rest.index(after: close)...]
    if content == "*" { return .all }
    let ends = content.split(separator: ":", omittingEmptySubsequences: false)
    if ends.count == 2 {
      guard let from = ends[0].isEmpty ? 0 : Int(ends[0]), ends[1].isEmpty || Int(ends[1]) != nil
      else { throw invalid(text) }
      return .slice(from, Int(ends[1]))
    }
    guard let index = Int(content) else { throw invalid(text) }
    return .element(index)
  }

  /// What lies at the path; nil when nothing does.
  ///
  /// A path with a wildcard or a slice always yields an array.
  func value(in document: JSONValue) -> JSONValue? {
    var found = [document]
    for step in steps { found = found.flatMap { StatePath.take(step, of: $0) } }
    return isReference ? found.first : .array(found)
  }

  private static func take(_ step: Step, of value: JSONValue) -> [JSONValue] {
    switch (step, value) {
    case (.member(let name), .object(let members)): return members[name].map { [$0] } ?? []
    case (.element(let index), .array(let elements)):
      let place = index < 0 ? elements.count + index : index
      return elements.indices.contains(place) ? [elements[place]] : []
    case (.slice(let from, let to), .array(let elements)):
      let start = min(max(from < 0 ? elements.count + from : from, 0), elements.count)
      let wanted = to.map { $0 < 0 ? elements.count + $0 : $0 } ?? elements.count
      return start < wanted ? Array(elements[start..<min(wanted, elements.count)]) : []
    case (.all, .array(let elements)): return elements
    case (.all, .object(let members)):
      return members.sorted { $0.key < $1.key }.map(\.value)
    default: return []
    }
  }

  /// The document with `value` put at the path; objects on the way are made.
  func putting(_ value: JSONValue, into document: JSONValue) throws(StateFailure) -> JSONValue {
    try StatePath.put(value, at: steps[...], in: document)
  }

  private static func put(
    _ value: JSONValue, at steps: ArraySlice<Step>, in document: JSONValue?
  ) throws(StateFailure) -> JSONValue {
    guard let step = steps.first else { return value }
    switch (step, document) {
    case (.member(let name), .object(var members)):
      members[name] = try put(value, at: steps.dropFirst(), in: members[name])
      return .object(members)
    case (.member(let name), nil), (.member(let name), .null):
      return .object([name: try put(value, at: steps.dropFirst(), in: nil)])
    case (.element(let index), .array(var elements)) where elements.indices.contains(index):
      elements[index] = try put(value, at: steps.dropFirst(), in: elements[index])
      return .array(elements)
    default:
      throw StateFailure(
        "States.ResultPathMatchFailure", "the result's path does not fit the input")
    }
  }
}
