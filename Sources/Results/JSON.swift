/// A JSON value whose objects keep the order of their keys, so that equal results are equal bytes.
enum JSON {
  case object([(String, JSON)])
  case array([JSON])
  case string(String)
  /// A number, already in exact decimal text.
  case number(String)
  case boolean(Bool)
  case null

  static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

  /// The shortest text that reads back as `value`; null where JSON has no number for it.
  static func real(_ value: Double?) -> JSON {
    guard let value, value.isFinite else { return .null }
    return .number(value.description)
  }

  static func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }

  /// The value on one line.
  var compact: String {
    switch self {
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0)): \($1.compact)" }.joined(separator: ", ") + "}"
    case .array(let elements): "[" + elements.map(\.compact).joined(separator: ", ") + "]"
    case .string(let text): Self.quoted(text)
    case .number(let text): text
    case .boolean(let value): value ? "true" : "false"
    case .null: "null"
    }
  }

  /// The value on as many lines as it takes to keep each within `width` columns, where that can be.
  func pretty(width: Int = 100, indentation: Int = 0) -> String {
    let oneLine = compact
    guard oneLine.utf8.count + indentation > width else { return oneLine }
    let outer = String(repeating: " ", count: indentation)
    let inner = outer + "  "
    switch self {
    case .object(let members):
      let lines = members.map { name, value in
        "\(inner)\(Self.quoted(name)): \(value.pretty(width: width, indentation: indentation + 2))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
    case .array(let elements):
      let lines = elements.map { inner + $0.pretty(width: width, indentation: indentation + 2) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(outer)]"
    default: return oneLine
    }
  }

  /// `text` between quotation marks, with what JSON forbids inside them escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
