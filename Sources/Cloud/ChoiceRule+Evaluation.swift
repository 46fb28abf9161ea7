extension ChoiceRule.Condition {
  /// Whether the condition holds for a state's input.
  func holds(in template: StateTemplate) throws(StateFailure) -> Bool {
    switch self {
    case .and(let conditions):
      for condition in conditions where try !condition.holds(in: template) { return false }
      return true
    case .or(let conditions):
      for condition in conditions where try condition.holds(in: template) { return true }
      return false
    case .not(let condition): return try !condition.holds(in: template)
    case .compare(let variable, let name, let value):
      if name == "IsPresent" {
        let path = try StatePath(variable)
        return (path.value(in: template.input) != nil) == (value.asBool ?? true)
      }
      let left = try template.value(at: variable)
      guard name.hasSuffix("Path") else { return try Comparison.holds(left, name, value) }
      let right = try template.value(at: value.asString ?? "")
      return try Comparison.holds(left, String(name.dropLast(4)), right)
    }
  }
}

/// The comparison operators of Choice states.
private enum Comparison {
  static func holds(
    _ left: JSONValue, _ name: String, _ right: JSONValue
  ) throws(StateFailure) -> Bool {
    switch name {
    case "IsNull": return (left == .null) == right.asBool
    case "IsString": return (left.asString != nil) == right.asBool
    case "IsNumeric": return (left.asDouble != nil) == right.asBool
    case "IsBoolean": return (left.asBool != nil) == right.asBool
    case "IsTimestamp":
      return (left.asString.flatMap(Timestamp.seconds) != nil) == right.asBool
    case "BooleanEquals": return left.asBool != nil && left.asBool == right.asBool
    case "StringMatches":
      guard let text = left.asString, let pattern = right.asString else { return false }
      return matches(Substring(text), Substring(pattern))
    default: break
    }
    for (kind, order) in [("String", ordered(\.asString)), ("Numeric", ordered(\.asDouble))]
    where name.hasPrefix(kind) {
      return try relation(name, name.dropFirst(kind.count), order(left, right))
    }
    guard name.hasPrefix("Timestamp") else { throw unknown(name) }
    let order = ordered { $0.asString.flatMap(Timestamp.seconds) }
    return try relation(name, name.dropFirst(9), order(left, right))
  }

  /// -1, 0 or 1 as two values of one kind are ordered; nil when one is of another kind.
  private static func ordered<Value: Comparable>(
    _ read: @escaping (JSONValue) -> Value?
  ) -> (JSONValue, JSONValue) -> Int? {
    { left, right in
      guard let left = read(left), let right = read(right) else { return nil }
      return left < right ? -1 : left == right ? 0 : 1
    }
  }

  private static func relation(
    _ name: String, _ relation: Substring, _ order: Int?
  ) throws(StateFailure) -> Bool {
    guard let order else { return false }
    switch relation {
    case "Equals": return order == 0
    case "LessThan": return order < 0
    case "LessThanEquals": return order <= 0
    case "GreaterThan": return order > 0
    case "GreaterThanEquals": return order >= 0
    default: throw unknown(name)
    }
  }

  private static func unknown(_ name: String) -> StateFailure {
    StateFailure("States.Runtime", "unknown comparison \(name)")
  }

  /// Whether a text fits a pattern in which `*` stands for anything and `\*` for itself.
  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == "*" {
      var rest = text
      while true {
        if matches(rest, pattern.dropFirst()) { return true }
        if rest.popFirst() == nil { return false }
      }
    }
    let isEscape = first == "\\" && pattern.count > 1
    let literal = isEscape ? pattern.dropFirst().first : first
    guard text.first == literal else { return false }
    return matches(text.dropFirst(), pattern.dropFirst(isEscape ? 2 : 1))
  }
}
