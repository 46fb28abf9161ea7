internal import Cloud
internal import Traces

/// A value of a provider file whose unit says what it is: `15 min`, `65 MB/s`, `1000`, `lifo`.
enum ProviderScalar {
  /// What may carry a unit here; money has a form of its own, and memory is written in MiB.
  private static let dimensions: [Dimension] = [.duration, .size, .rate, .speed]

  /// Reads `text` by its unit; text that does not begin like a number is a word.
  static func parse(_ text: String) throws(Quantity.Problem) -> ProviderValue {
    if text == "true" || text == "false" { return .flag(text == "true") }
    if DecimalNumber(text) != nil, let number = Double(text.filter { $0 != "_" }) {
      return .number(number)
    }
    let unit = text.drop { "+-0123456789._eE ".contains($0) }
    let units = dimensions.flatMap { $0.units.map(\.name) }
    guard text.first?.isLetter == false else {
      guard !units.contains(text) else {
        throw Quantity.Problem(message: "'\(text)' is a unit without a number")
      }
      return .text(text)
    }
    for dimension in dimensions where dimension.units.contains(where: { $0.name == unit }) {
      let quantity = try Quantity(parsing: text, as: dimension)
      guard quantity.amount >= 0 else {
        throw Quantity.Problem(message: "'\(text)' is negative")
      }
      return switch dimension {
      case .duration: .duration(quantity.duration)
      case .size: .bytes(quantity.amount)
      case .rate: .bytesPerSecond(Double(quantity.amount))
      default: .flopsPerSecond(Double(quantity.amount))
      }
    }
    throw Quantity.Problem(
      message: "'\(unit)' is not a unit",
      hint: Suggestion.nearest(to: String(unit), among: units))
  }
}
