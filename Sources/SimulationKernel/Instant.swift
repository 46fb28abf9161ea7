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
    .wholeNanoseconds(later.nanoseconds - earlier.nanoseconds)
  }

  /// The seconds that have passed since `earlier`.
  func seconds(since earlier: Instant) -> Double {
    Double(nanoseconds - earlier.nanoseconds) / 1e9
  }

  /// The text of it in errors and logs.
  public var description: String { "\(seconds) s" }
}

extension Duration {
  /// The duration in whole nanoseconds; fractions are dropped.
  public var wholeNanoseconds: Int64 {
    // 10^9 is 2^9 times 1,953,125: up to two hours and a half the division needs only 64 bits.
    if let shifted = UInt64(exactly: attoseconds >> 9) { return Int64(shifted / 1_953_125) }
    return Int64(attoseconds / 1_000_000_000)
  }

  /// The duration in seconds, for display and statistics.
  public var inSeconds: Double { Double(wholeNanoseconds) / 1e9 }

  /// The duration nearest to `seconds` in whole nanoseconds, never negative.
  ///
  /// Every sampled or computed duration passes through here, so that time stays an integer.
  public static func rounded(seconds: Double) -> Duration {
    precondition(seconds.isFinite, "a duration must be finite")
    return .wholeNanoseconds(Int64(max(0, seconds) * 1e9 + 0.5))
  }

  /// A duration of whole nanoseconds: `nanoseconds(_:)` without its way through generic integers.
  static func wholeNanoseconds(_ count: Int64) -> Duration {
    Duration(attoseconds: Int128(count) * 1_000_000_000)
  }
}
