internal import RealModule

/// A point in simulated time, in whole nanoseconds since the start of the simulation.
public struct Instant: Comparable, Hashable, Sendable, CustomStringConvertible {
  /// The first instant of every simulation.
  public static let start = Instant(nanoseconds: 0)

  /// Nanoseconds since the start.
  public let nanoseconds: Int64

  /// The instant `nanoseconds` after the start.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Seconds since the start, for display and statistics.
  public var seconds: Double { Double(nanoseconds) / 1e9 }

  /// Whether `a` is before `b`.
  public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The instant `duration` after `instant`; fractions of a nanosecond are dropped.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: instant.nanoseconds + duration.wholeNanoseconds)
  }

  /// The time that passes from `earlier` to `later`.
  public static func - (later: Instant, earlier: Instant) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }

  /// The text of it in errors and logs.
  public var description: String { "\(seconds) s" }
}

extension Duration {
  /// The duration in whole nanoseconds; fractions are dropped.
  public var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// The duration in seconds, for display and statistics.
  public var inSeconds: Double { Double(wholeNanoseconds) / 1e9 }

  /// The duration nearest to `seconds` in whole nanoseconds, never negative.
  ///
  /// Every sampled or computed duration passes through here, so that time stays an integer.
  public static func rounded(seconds: Double) -> Duration {
    precondition(seconds.isFinite, "a duration must be finite")
    return .nanoseconds(Int64((max(0, seconds) * 1e9).rounded()))
  }
}
