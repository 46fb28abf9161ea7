/// A day of the Gregorian calendar, as in `2025-08-01`; days compare in time.
struct CalendarDay: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The year, four digits.
  let year: Int
  /// The month, 1 to 12.
  let month: Int
  /// The day of the month, from 1.
  let day: Int

  /// Reads `2025-08-01`; nil for any other form and for days that do not exist.
  init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], text.allSatisfy({ $0.isASCII }),
      parts.joined().allSatisfy(\.isNumber), let year = Int(parts[0]), let month = Int(parts[1]),
      let day = Int(parts[2]), (1...12).contains(month),
      (1...CalendarDay.dayCount(year: year, month: month)).contains(day)
    else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  private static func dayCount(year: Int, month: Int) -> Int {
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  static func < (a: CalendarDay, b: CalendarDay) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }

  /// The day as `2025-08-01`.
  var description: String {
    let month = month < 10 ? "0\(month)" : "\(month)"
    let day = day < 10 ? "0\(day)" : "\(day)"
    return "\(String(year).leftPadded(to: 4))-\(month)-\(day)"
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: "0", count: max(0, width - count)) + self
  }
}
