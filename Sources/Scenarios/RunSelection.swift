/// Which runs of a scenario are wanted: `framework=spirt,replication=2,workers=4`.
package struct RunSelection: Sendable, CustomStringConvertible {
  /// Keys with the values they must have, in the order given.
  package let conditions: [(key: String, value: String)]

  /// The selection that a text says; nil where a part of it is no `key=value`.
  package init?(_ text: String) {
    let parts = Self.parts(of: text)
    let conditions = parts.compactMap { part -> (key: String, value: String)? in
      let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmingSpaces }
      return sides.count == 2 ? (sides[0], Self.unquoted(sides[1])) : nil
    }
    guard conditions.count == parts.count else { return nil }
    self.conditions = conditions
  }

  init(_ conditions: [(key: String, value: String)]) { self.conditions = conditions }

  /// The text of it, which reads back as the same selection.
  package var description: String {
    conditions.map { "\($0.key)=\(Self.quoted($0.value))" }.joined(separator: ",")
  }
}

/// How conditions are told apart: by the commas outside of brackets and double quotes.
extension RunSelection {
  private static func parts(of argument: String) -> [Substring] {
    var parts: [Substring] = []
    var start = argument.startIndex
    var (depth, isQuoted, isEscaped) = (0, false, false)
    for index in argument.indices {
      let character = argument[index]
      if isQuoted {
        if character == "\"", !isEscaped { isQuoted = false }
        isEscaped = character == "\\" && !isEscaped
        continue
      }
      switch character {
      case "\"": isQuoted = true
      case "[", "{": depth += 1
      case "]", "}": depth = max(0, depth - 1)
      case "," where depth == 0:
        parts.append(argument[start..<index])
        start = argument.index(after: index)
      default: break
      }
    }
    return parts + [argument[start...]]
  }

  /// The value as it stands alone among others: in quotes where it would be taken apart.
  private static func quoted(_ value: String) -> String {
    let isPlain =
      parts(of: value + ",.").count == 2 && value[...].trimmingSpaces == value
      && !value.hasPrefix("\"") && !value.isEmpty
    if isPlain { return value }
    return "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static func unquoted(_ value: String) -> String {
    guard value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") else { return value }
    var (text, isEscaped) = ("", false)
    for character in value.dropFirst().dropLast() {
      isEscaped = character == "\\" && !isEscaped
      if !isEscaped { text.append(character) }
    }
    return text
  }
}

extension Substring {
  /// The text without spaces at its ends.
  package var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
