/// Exact decimal text of scaled integers: money in 1e-12 USD, time in nanoseconds.
enum Decimals {
  /// `value` times ten to the minus `places`, in full: `text(1_234, places: 6)` is `0.001234`.
  static func text(_ value: Int64, places: Int) -> String {
    let digits = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let split = padded.index(padded.endIndex, offsetBy: -places)
    let sign = value < 0 ? "-" : ""
    return places == 0 ? sign + padded : "\(sign)\(padded[..<split]).\(padded[split...])"
  }

  /// As `text`, without zeros at the end of the fraction.
  static func shortest(_ value: Int64, places: Int) -> String {
    let full = text(value, places: places)
    guard full.contains(".") else { return full }
    let trimmed = full.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(trimmed.reversed())
  }

  /// Money in USD with all twelve decimals.
  static func usd(_ picoUSD: Int64) -> String { text(picoUSD, places: 12) }

  /// Time in seconds, exact to the nanosecond.
  static func seconds(_ nanoseconds: Int64) -> String { shortest(nanoseconds, places: 9) }

  /// `quantity / divisor` where that ends for every quantity; nil where it may not.
  ///
  /// A quotient has a finite decimal text for every numerator exactly if the divisor has no prime
  /// factor but 2 and 5.
  static func quotient(_ quantity: Int64, by divisor: Int64) -> String? {
    var rest = divisor
    while rest > 1 {
      switch (rest % 2, rest % 5) {
      case (0, 0): rest /= 10
      case (0, _): rest /= 2
      case (_, 0): rest /= 5
      default: return nil
      }
    }
    guard divisor > 0 else { return nil }
    var digits = String(quantity / divisor)
    if quantity < 0, quantity > -divisor { digits = "-" + digits }
    var remainder = (quantity % divisor).magnitude
    guard remainder != 0 else { return digits }
    digits += "."
    while remainder != 0 {
      let (next, isTooLarge) = remainder.multipliedReportingOverflow(by: 10)
      guard !isTooLarge else { return nil }
      digits += String(next / divisor.magnitude)
      remainder = next % divisor.magnitude
    }
    return digits
  }
}

extension RunRecord.BillLine {
  /// The quantity as exact decimal text, with what it counts.
  ///
  /// Counted things are told one by one and not by the thousand or million of their price. Others
  /// are in priced units where every quantity of them has a finite text (GB-seconds), else in base
  /// units (seconds of an hourly server).
  var exactQuantity: (text: String, unit: String) {
    let isCounted = unit.hasSuffix(" " + baseUnit)
    if !isCounted, let text = Decimals.quotient(quantity, by: baseUnitsPerUnit) {
      return (text, unit)
    }
    return (String(quantity), baseUnit)
  }
}
