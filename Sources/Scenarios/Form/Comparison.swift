/// How a measured value is compared with a bound.
public enum Comparison: String, Sendable, Hashable, CaseIterable {
  /// At least the bound.
  case atLeast = ">="
  /// At most the bound.
  case atMost = "<="
  /// Exactly the bound.
  case equal = "=="
  /// Less than the bound.
  case less = "<"
  /// Greater than the bound.
  case greater = ">"

  /// Whether `value` compares with `bound` as this says.
  public func holds<Value: Comparable>(_ value: Value, _ bound: Value) -> Bool {
    switch self {
    case .atLeast: value >= bound
    case .atMost: value <= bound
    case .equal: value == bound
    case .less: value < bound
    case .greater: value > bound
    }
  }
}
