/// The unit of a column of durations.
public enum TraceUnit: String, Sendable, Hashable, CaseIterable {
  case nanoseconds = "ns"
  case microseconds = "us"
  case milliseconds = "ms"
  case seconds = "s"
  case minutes = "min"

  /// The unit that a column's name ends in, as in `latency_ms`.
  public init?(suffixOf column: String) {
    guard let underscore = column.lastIndex(of: "_") else { return nil }
    self.init(rawValue: String(column[column.index(after: underscore)...]))
  }

  /// Nanoseconds in one unit.
  var nanoseconds: Double {
    switch self {
    case .nanoseconds: 1
    case .microseconds: 1e3
    case .milliseconds: 1e6
    case .seconds: 1e9
    case .minutes: 60e9
    }
  }
}
