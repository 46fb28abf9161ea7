import Foundation

/// Quantities as people read them; exact values are in the JSON document and the run store.
package enum Wording {
  /// `82.14 %`.
  package static func percent(_ fraction: Double?) -> String {
    fraction.map { fixed($0 * 100, 2) + " %" } ?? "-"
  }

  /// `0.4812`.
  static func loss(_ value: Double?) -> String { value.map { fixed($0, 4) } ?? "-" }

  /// `83.4 s`, `12 min 05 s`, `3 h 12 min`.
  package static func time(seconds: Double) -> String {
    if seconds == 0 { return "0 s" }
    if seconds < 0.0995 { return fixed(seconds * 1000, 1) + " ms" }
    if seconds < 599.95 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 7200 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
    return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
  }

  /// Dollars with as many decimals as make small bills readable.
  package static func usd(_ dollars: Double) -> String {
    fixed(dollars, abs(dollars) >= 1000 ? 2 : abs(dollars) >= 10 ? 4 : 6)
  }

  /// `12.3 MB`, in decimal units.
  static func bytes(_ count: Double) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var value = count
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return fixed(value, unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2) + " "
      + units[unit]
  }

  /// `12,345`; means of counts keep one decimal.
  static func count(_ value: Double) -> String {
    let isWhole = value == value.rounded()
    let text = fixed(abs(value), isWhole ? 0 : 1)
    let parts = text.split(separator: ".")
    var grouped = ""
    for (index, digit) in parts[0].enumerated() {
      if index > 0, (parts[0].count - index) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    return (value < 0 ? "-" : "") + grouped + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// A quantity with four digits that say something.
  static func quantity(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return count(value) }
    if abs(value) >= 1000 { return count(value.rounded()) }
    let decimals = abs(value) >= 10 ? 2 : abs(value) >= 0.1 ? 4 : 7
    return fixed(value, decimals)
  }

  /// `value` with four digits that say something, and as a whole where it has more.
  static func significant(_ value: Double) -> String {
    let magnitude = value == 0 ? 0 : Int(log10(abs(value)).rounded(.down))
    return fixed(value, min(9, max(0, 3 - magnitude)))
  }

  /// `value` with a fixed number of decimals.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }

  /// `text` on lines of at most `width` columns, broken at spaces.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

extension RunRecord {
  /// How the run failed, in words that follow its name; nil where it completed.
  var failureText: String? {
    guard let failure else { return nil }
    let time = Wording.time(seconds: Double(failure.nanoseconds) / 1e9)
    let who = failure.worker.map { ", \($0)" } ?? ""
    let cause = "(\(failure.kind)\(who)): \(failure.message)"
    let cost = Wording.usd(Double(picoUSD) / 1e12)
    if jobs.isEmpty {
      let end = Wording.time(seconds: Double(nanoseconds) / 1e9)
      let others = end == time ? "" : "; the others ran on until \(end)"
      return "failed after \(time)\(others), which cost \(cost) USD \(cause)"
    }
    let count = jobs.filter { !$0.isCompleted }.count
    return "had \(count) of \(jobs.count) jobs fail, the first listed after \(time) \(cause)"
  }
}
