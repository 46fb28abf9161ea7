internal import Traces

/// What a value with a unit measures; each has one base unit in which amounts are whole.
public enum Dimension: String, Sendable, Hashable, CaseIterable {
  /// Whole nanoseconds.
  case duration
  /// Whole bytes; kB, MB and GB are decimal, KiB, MiB and GiB binary.
  case size
  /// Whole binary megabytes, which AWS calls MB: the memory of a function.
  case memory
  /// Whole bytes per second.
  case rate
  /// Whole floating-point operations per second.
  case speed
  /// Whole floating-point operations.
  case work
  /// Whole events in a thousand million hours.
  case frequency
  /// Whole picodollars, 1e-12 USD.
  case money

  /// The units one may write, smallest first, with their size in base units.
  var units: [(name: String, factor: Int64)] {
    switch self {
    case .duration:
      [
        ("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("min", 60_000_000_000), ("h", 3_600_000_000_000),
      ]
    case .size:
      [
        ("B", 1), ("kB", 1000), ("KiB", 1 << 10), ("MB", 1_000_000),
        ("MiB", 1 << 20), ("GB", 1_000_000_000), ("GiB", 1 << 30),
      ]
    case .memory: [("MB", 1), ("MiB", 1), ("GB", 1 << 10), ("GiB", 1 << 10)]
    case .rate:
      [
        ("B/s", 1), ("kB/s", 1000), ("KiB/s", 1 << 10), ("Mbit/s", 125_000),
        ("MB/s", 1_000_000), ("MiB/s", 1 << 20), ("Gbit/s", 125_000_000),
        ("GB/s", 1_000_000_000), ("GiB/s", 1 << 30),
      ]
    case .speed:
      [
        ("MFLOP/s", 1_000_000), ("GFLOP/s", 1_000_000_000),
        ("TFLOP/s", 1_000_000_000_000),
      ]
    case .work:
      [
        ("FLOP", 1), ("kFLOP", 1000), ("MFLOP", 1_000_000), ("GFLOP", 1_000_000_000),
        ("TFLOP", 1_000_000_000_000), ("PFLOP", 1_000_000_000_000_000),
      ]
    case .frequency:
      [("/h", 1_000_000_000), ("/min", 60_000_000_000), ("/s", 3_600_000_000_000)]
    case .money: [("USD", 1_000_000_000_000)]
    }
  }

  /// The dimension in words, as in "a duration".
  var noun: String {
    switch self {
    case .duration: "a duration"
    case .size: "a size"
    case .memory: "a memory size"
    case .rate: "a data rate"
    case .speed: "a computing speed"
    case .work: "an amount of computing"
    case .frequency: "a frequency"
    case .money: "an amount of money"
    }
  }

  /// One base unit, as in "1 ns" or "1e-12 USD".
  var smallestAmount: String {
    let (name, factor) = units[0]
    // The factors of the smallest units are powers of ten.
    return (factor == 1 ? "1 " : "1e-\(String(factor).count - 1) ") + name
  }

  /// The units one may write, as in "ns, us, ms, s, min or h".
  var unitList: String {
    let names = units.map(\.name)
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }
}

/// An amount of one dimension, in whole base units.
public struct Quantity: Sendable, Hashable {
  /// What is measured.
  public let dimension: Dimension
  /// How much of it, in the base unit of the dimension.
  public let amount: Int64

  /// `amount` base units of `dimension`.
  public init(_ amount: Int64, _ dimension: Dimension) {
    self.amount = amount
    self.dimension = dimension
  }

  /// Why a text is no quantity of the wanted dimension, as a sentence.
  struct Problem: Error {
    let message: String
    var hint: String?
  }

  /// Reads `text`, as in "3008 MB" or "1.5s", as a quantity of `dimension`.
  ///
  /// The number is decimal and exact: "0.1 ms" is 100,000 ns whatever a Double would say.
  init(parsing text: String, as dimension: Dimension) throws(Problem) {
    let numberEnd = text.firstIndex { !"+-0123456789._eE".contains($0) } ?? text.endIndex
    let unit = text[numberEnd...].trimmed
    guard let number = DecimalNumber(text[..<numberEnd].trimmed) else {
      throw Problem(
        message: "'\(text)' is not \(dimension.noun): expected a number and a unit"
          + " (\(dimension.unitList))")
    }
    guard !unit.isEmpty else {
      throw Problem(message: "'\(text)' needs a unit: \(dimension.unitList)")
    }
    guard let factor = dimension.units.first(where: { $0.name == unit })?.factor else {
      throw Quantity.wrongUnit(unit, in: text, expected: dimension)
    }
    switch number.scaled(by: factor) {
    case .whole(let amount): self.init(amount, dimension)
    case .fractional:
      throw Problem(
        message: "'\(text)' is finer than the smallest unit, \(dimension.smallestAmount)")
    case .tooLarge: throw Problem(message: "'\(text)' is absurdly large")
    }
  }

  /// Reads `text` as a quantity of `dimension`; nil where it is none.
  public init?(_ text: String, of dimension: Dimension) {
    do {
      try self.init(parsing: text, as: dimension)
    } catch {
      return nil
    }
  }

  private static func wrongUnit(
    _ unit: String, in text: String, expected: Dimension
  ) -> Problem {
    let wanted = "expected \(expected.noun) (\(expected.unitList))"
    for other in Dimension.allCases where other != expected {
      if other.units.contains(where: { $0.name == unit }), other != .memory || expected != .size {
        return Problem(message: "'\(text)' is \(other.noun): \(wanted)")
      }
    }
    return Problem(
      message: "'\(unit)' is not a unit here: \(wanted)",
      hint: Suggestion.nearest(to: unit, among: expected.units.map(\.name)))
  }

  /// The amount in the largest unit that keeps it whole, as in "15 min".
  public var text: String {
    let smallest = dimension.units[0]
    guard amount != 0 else { return "0 \(smallest.name)" }
    guard let unit = dimension.units.last(where: { amount.isMultiple(of: $0.factor) }) else {
      return "\(Double(amount) / Double(smallest.factor)) \(smallest.name)"
    }
    return "\(amount / unit.factor) \(unit.name)"
  }

  /// A duration quantity as a `Duration`.
  var duration: Duration { .nanoseconds(amount) }
}

/// A decimal number as it was written: `digits` x 10^-`scale`.
struct DecimalNumber: Sendable, Hashable {
  let digits: Int128
  let scale: Int

  /// Reads "12", "-0.5", "1_000" or "2.5e-3"; nil for anything else, such as "nan" or "0x10".
  init?(_ text: some StringProtocol) {
    var rest = text[...]
    let isNegative = rest.first == "-"
    if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
    var exponent = 0
    if let e = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      guard let value = Int(rest[rest.index(after: e)...]), abs(value) <= 30 else { return nil }
      exponent = value
      rest = rest[..<e]
    }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, whole.first?.isNumber == true else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    if parts.count == 2, fraction.isEmpty { return nil }
    var digits: Int128 = 0
    for character in String(whole) + String(fraction) where character != "_" {
      guard character.isASCII, let digit = character.wholeNumberValue, digits < Int128(1) << 100
      else { return nil }
      digits = digits * 10 + Int128(digit)
    }
    guard whole.last != "_", fraction.first != "_", fraction.last != "_" else { return nil }
    self.digits = isNegative ? -digits : digits
    self.scale = fraction.count { $0 != "_" } - exponent
  }

  enum Scaled { case whole(Int64), fractional, tooLarge }

  /// The number times `factor` as a whole number, if it is one.
  func scaled(by factor: Int64) -> Scaled {
    var (value, overflow) = digits.multipliedReportingOverflow(by: Int128(factor))
    if overflow { return .tooLarge }
    for _ in 0..<max(0, scale) {
      guard value % 10 == 0 else { return .fractional }
      value /= 10
    }
    for _ in 0..<max(0, -scale) {
      (value, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return .tooLarge }
    }
    return Int64(exactly: value).map(Scaled.whole) ?? .tooLarge
  }
}

extension StringProtocol {
  /// The text without the blanks around it.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
