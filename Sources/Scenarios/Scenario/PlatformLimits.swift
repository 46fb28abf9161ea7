internal import Cloud
internal import SimulationKernel

/// Limits of the platform in the place of the provider's; nil for those.
public struct PlatformLimits: Sendable, Hashable {
  /// New environments of one function at once.
  public var scalingBurst: Int?
  /// New environments of one function in a second after that.
  public var scalingPerSecond: Double?
  /// The longest that a function may run.
  public var functionTimeout: Duration?
}

extension Scenario {
  /// The scenario with what only its provider can say: how long functions may run, and how much
  /// memory they may have, where the file says nothing.
  func completed(by provider: Provider) -> Scenario {
    var scenario = self
    if !saysTimeout, case .duration(let limit)? = provider["function.timeout-max"] {
      scenario.function.timeout = min(function.timeout, limit)
    }
    if !saysMemory, let range = provider.functionMemoryMB {
      scenario.function.memoryMB = min(function.memoryMB, range.upperBound)
    }
    return scenario
  }

  /// The limits that are not the provider's, each as one line of text.
  func deviations(from provider: Provider) -> [String] {
    func line(_ setting: String, _ value: String?, _ key: String) -> String? {
      guard let value, let own = provider["function.\(key)"]?.text, own != value else { return nil }
      return "limits.\(setting) is \(value), but \(own) by \(provider.name)/\(provider.region)"
    }
    return [
      line("concurrency", limits.concurrency.map { "\($0)" }, "concurrency-max"),
      line("scaling-burst", platform.scalingBurst.map { "\($0)" }, "scaling-burst"),
      line(
        "scaling-per-second", platform.scalingPerSecond.map { $0.plainText }, "scaling-per-second"),
      line("function-timeout", platform.functionTimeout?.inUnits, "timeout-max"),
    ].compactMap { $0 }
  }
}

extension Provider {
  /// The memory that its functions may have, in binary megabytes.
  var functionMemoryMB: ClosedRange<Int>? {
    guard case .bytes(let least)? = self["function.memory-min"],
      case .bytes(let most)? = self["function.memory-max"], least <= most
    else { return nil }
    return Int(least / 1_048_576)...Int(most / 1_048_576)
  }
}

extension ProviderValue {
  /// A limit as a scenario writes it; nil for what is none.
  fileprivate var text: String? {
    switch self {
    case .number(let number): number.plainText
    case .duration(let time): time.inUnits
    default: nil
    }
  }
}

extension Double {
  /// The number without the decimals of a whole one.
  fileprivate var plainText: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}

extension Duration {
  /// The time in the largest unit that keeps it whole, as in `15 min`.
  var inUnits: String { Quantity(wholeNanoseconds, .duration).text }
}
