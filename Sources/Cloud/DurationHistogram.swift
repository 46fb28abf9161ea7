internal import SimulationKernel

/// Durations counted in classes that are a thousandth wide, so that memory stays bounded.
public struct DurationHistogram: Hashable, Sendable {
  /// How many durations were counted.
  public private(set) var count = 0
  /// A class for every 1/1024 of a power of two of nanoseconds.
  private var classes: [Int] = []

  /// A histogram of nothing.
  public init() {}

  /// Counts a duration.
  public mutating func add(_ duration: Duration) { add(nanoseconds: duration.wholeNanoseconds) }

  mutating func add(nanoseconds: Int64) {
    let index = DurationHistogram.index(of: UInt64(max(0, nanoseconds)))
    if index >= classes.count {
      classes += [Int](repeating: 0, count: index + 1 - classes.count)
    }
    classes[index] += 1
    count += 1
  }

  /// The duration that a part of them does not exceed, exact to a thousandth; nil of nothing.
  public func quantile(_ probability: Double) -> Duration? {
    let rank = max(1, Int((probability * Double(count)).rounded(.up)))
    var seen = 0
    for (index, number) in classes.enumerated() where number > 0 {
      seen += number
      if seen >= rank { return .nanoseconds(DurationHistogram.value(of: index)) }
    }
    return nil
  }

  /// Below 2048 a class is a nanosecond; above, each power of two has 1024 classes.
  private static func index(of nanoseconds: UInt64) -> Int {
    if nanoseconds < 2048 { return Int(nanoseconds) }
    let exponent = 63 - nanoseconds.leadingZeroBitCount
    return (exponent - 9) * 1024 + Int(nanoseconds >> (exponent - 10)) - 1024
  }

  /// The middle of a class.
  private static func value(of index: Int) -> Int64 {
    if index < 2048 { return Int64(index) }
    let exponent = index / 1024 + 9
    let low = Int64(1024 + index % 1024) << (exponent - 10)
    return low + (Int64(1) << (exponent - 10)) / 2
  }
}
