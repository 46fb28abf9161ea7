internal import SimulationKernel

/// Times of day as the States Language writes them; a simulation starts at 1970-01-01T00:00:00Z.
enum Timestamp {
  /// Seconds since 1970 of `2016-08-18T17:33:00.5Z`; nil when the text is no timestamp.
  static func seconds(_ text: String) -> Double? {
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    guard parts.count == 2, let day = CalendarDate(String(parts[0])) else { return nil }
    let zoneStart = parts[1].firstIndex { $0 == "Z" || $0 == "+" || $0 == "-" }
    guard let zoneStart, let offset = offset(parts[1][zoneStart...]) else { return nil }
    let clock = parts[1][..<zoneStart].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, let hour = Int(clock[0]), (0..<24).contains(hour),
      let minute = Int(clock[1]), (0..<60).contains(minute),
      let second = Double(clock[2]), (0..<61).contains(second)
    else { return nil }
    return Double(day.daysSince1970 * 86400 + hour * 3600 + minute * 60 - offset) + second
  }

  /// The timestamp of an instant of the simulation.
  static func text(_ instant: Instant) -> String {
    let milliseconds = instant.nanoseconds / 1_000_000
    let date = CalendarDate(daysSince1970: Int(milliseconds / 86_400_000))
    let rest = milliseconds % 86_400_000
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(date)T\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):"
      + "\(padded(rest / 1000 % 60, 2)).\(padded(rest % 1000, 3))Z"
  }

  /// Seconds east of Greenwich.
  private static func offset(_ zone: Substring) -> Int? {
    if zone == "Z" { return 0 }
    let parts = zone.dropFirst().split(separator: ":")
    guard parts.count == 2, let hours = Int(parts[0]), let minutes = Int(parts[1]) else {
      return nil
    }
    return (zone.first == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}

extension CalendarDate {
  /// Days from 1970-01-01 (Hinnant's algorithm for the Gregorian calendar).
  var daysSince1970: Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The day that is so many days after 1970-01-01.
  init(daysSince1970 days: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex + (monthIndex < 10 ? 3 : -9)
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }
}
