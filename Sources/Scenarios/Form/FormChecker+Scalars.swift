internal import Cloud
internal import Foundation
internal import Traces

extension FormChecker {
  /// The value of a scalar `text` as `form`.
  mutating func checkScalar(
    _ node: SourceNode, _ text: String, as form: Form, path: String
  ) -> CheckedValue? {
    switch form {
    case .flag:
      guard text == "true" || text == "false" else {
        return reject(node, path, "'\(text)' is not a flag", allowed: "true or false")
      }
      return accept(node, .flag(text == "true"))
    case .count(let range): return checkCount(node, text, range, path: path)
    case .number(let range):
      guard DecimalNumber(text) != nil, let number = Double(text.filter { $0 != "_" }) else {
        return reject(node, path, "'\(text)' is not a number", allowed: range.description)
      }
      guard range.contains(number) else {
        return reject(node, path, "\(text) is out of range", allowed: range.description)
      }
      return accept(node, .number(number))
    case .quantity(let dimension, let range):
      return checkQuantity(node, text, dimension, range, path: path)
    case .nameOrPath(_, let names, let suffix) where text.hasSuffix(suffix):
      return names.contains(text) ? accept(node, .text(text)) : checkPath(node, text, path: path)
    case .name(_, let names, let refused) where refused[text] != nil:
      return reject(
        node, path, "'\(text)' is not for this framework: \(refused[text] ?? "")",
        allowed: names.joined(separator: ", "))
    case .name(let noun, let names, _), .nameOrPath(let noun, let names, _):
      guard names.contains(text) else {
        return reject(
          node, path, "there is no \(noun) '\(text)'", allowed: names.joined(separator: ", "),
          hint: Suggestion.nearest(to: text, among: names))
      }
      return accept(node, .text(text))
    case .comparison(let bound): return checkComparison(node, text, with: bound, path: path)
    case .member(let numbered, let single):
      return checkMember(node, text, numbered: numbered, single: single, path: path)
    case .date:
      guard CalendarDate(text) != nil else {
        return reject(node, path, "'\(text)' is not a day: expected a date as in 2025-08-01")
      }
      return accept(node, .text(text))
    case .period:
      // A month or year is a date if its first day is.
      let day = text + "-01-01".suffix(max(0, 10 - text.utf8.count))
      guard CalendarDate(day) != nil else {
        return reject(node, path, "'\(text)' is not a date: expected 2026-10-01, 2026-10 or 2026")
      }
      return accept(node, .text(text))
    case .existingPath: return checkPath(node, text, path: path)
    default:
      if text.trimmed.isEmpty { return reject(node, path, "is empty") }
      // Texts are printed: a terminal would take control characters for commands.
      let isControl = text.unicodeScalars.contains {
        $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
      }
      return isControl
        ? reject(node, path, "has a control character in it") : accept(node, .text(text))
    }
  }

  private mutating func checkCount(
    _ node: SourceNode, _ text: String, _ range: ClosedRange<Int>, path: String
  ) -> CheckedValue? {
    switch DecimalNumber(text)?.scaled(by: 1) {
    case .whole(let count)? where range.contains(Int(count)):
      return accept(node, .count(Int(count)))
    case .whole?: return reject(node, path, "\(text) is out of range", allowed: range.inWords)
    case .tooLarge?:
      return reject(
        node, path, "\(text) is out of range",
        allowed: "\(range.lowerBound) to \(range.upperBound)")
    case .fractional?, nil:
      return reject(node, path, "'\(text)' is not a whole number", allowed: range.inWords)
    }
  }

  private mutating func checkMember(
    _ node: SourceNode, _ text: String, numbered: [String], single: [String], path: String
  ) -> CheckedValue? {
    if single.contains(text) { return accept(node, .member(text, nil)) }
    let kind = text.prefix { !$0.isWhitespace }
    if numbered.contains(String(kind)), let number = Int(text.dropFirst(kind.count).trimmed),
      number >= 0
    {
      return accept(node, .member(String(kind), number))
    }
    return reject(
      node, path, "'\(text)' names nobody",
      allowed: (numbered.map { "\($0) 0, \($0) 1, …" } + single).joined(separator: ", "),
      hint: Suggestion.nearest(to: text, among: single + numbered.map { "\($0) 0" }))
  }

  private mutating func checkQuantity(
    _ node: SourceNode, _ text: String, _ dimension: Dimension, _ range: ClosedRange<Int64>,
    path: String
  ) -> CheckedValue? {
    do {
      let quantity = try Quantity(parsing: text, as: dimension)
      guard range.contains(quantity.amount) else {
        return reject(
          node, path, "\(text) is out of range", allowed: dimension.words(for: range))
      }
      return accept(node, .quantity(quantity))
    } catch {
      return reject(node, path, error.message, hint: error.hint)
    }
  }

  private mutating func checkComparison(
    _ node: SourceNode, _ text: String, with bound: Form, path: String
  ) -> CheckedValue? {
    // Two-letter signs come first: ">=" also begins with ">".
    guard let sign = Comparison.allCases.first(where: { text.hasPrefix($0.rawValue) }) else {
      return reject(
        node, path, "'\(text)' is not a comparison with \(bound.noun)",
        allowed: "<, <=, ==, >= or > and \(bound.noun)")
    }
    let rest = text.dropFirst(sign.rawValue.count).trimmed
    let boundNode = SourceNode(content: .scalar(rest, isNull: rest.isEmpty), place: node.place)
    guard let value = check(boundNode, as: bound, path: path) else { return nil }
    return accept(node, .comparison(sign, value))
  }

  private mutating func checkPath(
    _ node: SourceNode, _ text: String, path: String
  ) -> CheckedValue? {
    let resolved = text.hasPrefix("/") ? text : directory + "/" + text
    guard FileManager.default.fileExists(atPath: resolved) else {
      return reject(node, path, "there is no file '\(text)' (looked for \(resolved))")
    }
    if let fence, !fence.allows(resolved) {
      return reject(node, path, "'\(text)' lies outside of the scenario's directory")
    }
    return accept(node, .text(resolved))
  }
}
