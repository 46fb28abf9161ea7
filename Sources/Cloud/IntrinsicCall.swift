/// A call of the States Language's intrinsic functions, such as `States.Format('{}', $.name)`.
struct IntrinsicCall {
  private let text: String
  private let template: StateTemplate
  private var rest: Substring

  init(_ text: String, in template: StateTemplate) {
    self.text = text
    self.template = template
    rest = Substring(text)
  }

  /// The value of the whole expression.
  mutating func evaluate() throws(StateFailure) -> JSONValue {
    let value = try argument()
    skipSpace()
    guard rest.isEmpty else { throw invalid("'\(rest)' is left over") }
    return value
  }

  private mutating func argument() throws(StateFailure) -> JSONValue {
    skipSpace()
    guard let first = rest.first else { throw invalid("an argument is missing") }
    switch first {
    case "'": return .string(try quoted())
    case "$": return try template.value(at: path())
    default: break
    }
    if rest.hasPrefix("States.") { return try call() }
    let word = rest.prefix { $0 != "," && $0 != ")" && $0 != " " }
    rest.removeFirst(word.count)
    do {
      return try JSONValue(parsing: String(word))
    } catch {
      throw invalid("'\(word)' is no value")
    }
  }

  private mutating func call() throws(StateFailure) -> JSONValue {
    let name = rest.prefix { $0 != "(" }
    rest.removeFirst(name.count)
    guard rest.popFirst() == "(" else { throw invalid("'(' is missing") }
    var arguments: [JSONValue] = []
    skipSpace()
    if rest.first == ")" {
      rest.removeFirst()
    } else {
      while true {
        arguments.append(try argument())
        skipSpace()
        let next = rest.popFirst()
        if next == ")" { break }
        guard next == "," else { throw invalid("',' or ')' is missing") }
      }
    }
    return try Intrinsics.call(String(name), arguments, luck: template.context.luck)
  }

  private mutating func quoted() throws(StateFailure) -> String {
    rest.removeFirst()
    var content = ""
    while let character = rest.popFirst() {
      switch character {
      case "'": return content
      case "\\":
        guard let escaped = rest.popFirst() else { throw invalid("it ends in an escape") }
        // Format needs to know escaped braces from places to fill.
        if escaped == "{" || escaped == "}" { content.append("\\") }
        content.append(escaped)
      default: content.append(character)
      }
    }
    throw invalid("a quote is missing")
  }

  /// The path up to the next comma or parenthesis outside of brackets.
  private mutating func path() -> String {
    var depth = 0
    let path = rest.prefix { character in
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      return depth > 0 || (character != "," && character != ")" && character != " ")
    }
    rest.removeFirst(path.count)
    return String(path)
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == " " } }

  private func invalid(_ problem: String) -> StateFailure {
    StateFailure("States.IntrinsicFailure", "\(text): \(problem)")
  }
}
