/// An exact amount of money, in whole 1e-12 US dollars; 9.2 million dollars and more are all one.
public struct Money: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Nothing.
  public static let zero = Money(picoUSD: 0)

  /// The amount in 1e-12 US dollars.
  public let picoUSD: Int64

  /// An amount of `picoUSD` times 1e-12 US dollars.
  public init(picoUSD: Int64) { self.picoUSD = picoUSD }

  /// The amount written in decimal US dollars, such as `0.0000166667`.
  ///
  /// Nil when the text is no plain decimal number, has digits beyond 1e-12, or is out of range.
  public init?(decimalUSD text: String) {
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, whole.allSatisfy(\.isASCIIDigit) else {
      return nil
    }
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard !fraction.isEmpty, fraction.allSatisfy(\.isASCIIDigit) else { return nil }
    guard fraction.dropFirst(12).allSatisfy({ $0 == "0" }) else { return nil }
    let digits = fraction.prefix(12)
    let padded = digits + String(repeating: "0", count: 12 - digits.count)
    guard let amount = Int64(isNegative ? "-\(whole)\(padded)" : "\(whole)\(padded)") else {
      return nil
    }
    picoUSD = amount
  }

  /// `quantity` base units at `price` for every `baseUnitsPerUnit` of them, rounded half to even.
  public init(_ quantity: Int64, baseUnitsPerUnit: Int64, at price: Money) {
    let exact = Int128(quantity) * Int128(price.picoUSD)
    picoUSD = Int64(clamping: exact.dividedRoundingHalfToEven(by: Int128(baseUnitsPerUnit)))
  }

  /// The amount as decimal US dollars with all twelve places: `0.001234567890`.
  public var decimalUSD: String {
    let magnitude = picoUSD.magnitude
    let fraction = String(magnitude % 1_000_000_000_000)
    let zeros = String(repeating: "0", count: 12 - fraction.count)
    return "\(picoUSD < 0 ? "-" : "")\(magnitude / 1_000_000_000_000).\(zeros)\(fraction)"
  }

  /// The amount in US dollars, for plots and statistics only.
  public var inUSD: Double { Double(picoUSD) / 1e12 }

  /// The text of it in errors and logs.
  public var description: String { "\(picoUSD == .max ? "at least " : "")\(decimalUSD) USD" }

  /// Whether `a` comes before `b`.
  public static func < (a: Money, b: Money) -> Bool { a.picoUSD < b.picoUSD }

  /// The sum of two amounts.
  public static func + (a: Money, b: Money) -> Money {
    Money(picoUSD: Int64(clamping: Int128(a.picoUSD) + Int128(b.picoUSD)))
  }

  /// What is left of `a` without `b`.
  public static func - (a: Money, b: Money) -> Money {
    Money(picoUSD: Int64(clamping: Int128(a.picoUSD) - Int128(b.picoUSD)))
  }

  /// Adds an amount.
  public static func += (a: inout Money, b: Money) { a = a + b }
}

extension Int128 {
  /// The quotient by a positive divisor, rounded to the nearest, and to even where two are as near.
  func dividedRoundingHalfToEven(by divisor: Int128) -> Int128 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    let twice = 2 * remainder.magnitude
    let roundsAway =
      twice > divisor.magnitude
      || (twice == divisor.magnitude && !quotient.isMultiple(of: 2))
    return roundsAway ? quotient + signum() : quotient
  }
}

extension Character {
  var isASCIIDigit: Bool { isASCII && isNumber }
}
