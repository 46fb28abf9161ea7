import ArgumentParser
import Cloud
import Scenarios
import SimulationKernel

/// Which idle environment is used, as the command line names it.
enum IdleRuleName: String, ExpressibleByArgument, CaseIterable {
  case newest, oldest
  case mostRecent = "most-recent"
  case leastRecent = "least-recent"

  var rule: IdleRule {
    switch self {
    case .newest: .newest
    case .oldest: .oldest
    case .mostRecent: .mostRecentlyUsed
    case .leastRecent: .leastRecentlyUsed
    }
  }
}

/// How long idle environments live, as the command line has it: `600s`, `half-life=380s`, `none`.
///
/// The names of the presets alone stand for what was measured on AWS Lambda: fixed for 10 min
/// (STeLLAR 2021), with a half-life of 380 s (SeBS 2020).
struct KeepAliveChoice: ExpressibleByArgument, CustomStringConvertible {
  let keepAlive: KeepAlive

  init(_ keepAlive: KeepAlive) { self.keepAlive = keepAlive }

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    let time = parts.last.flatMap(Length.init(argument:)).map {
      Duration.nanoseconds($0.nanoseconds)
    }
    switch (parts.first, parts.count) {
    case ("none", 1): keepAlive = .none
    case ("fixed", 1): keepAlive = .fixed(.seconds(600))
    case ("half-life", 1): keepAlive = .halfLife(.seconds(380))
    case ("half-life", 2):
      guard let time, time > .zero else { return nil }
      keepAlive = .halfLife(time)
    case ("fixed", 2), (_, 1):
      guard let time else { return nil }
      keepAlive = .fixed(time)
    default: return nil
    }
  }

  var description: String {
    func text(_ time: Duration) -> String {
      Length(nanoseconds: time.wholeNanoseconds).description
    }
    return switch keepAlive {
    case .none: "none"
    case .fixed(let time): text(time)
    case .halfLife(let time): "half-life=\(text(time))"
    }
  }
}

/// A duration as the command line has it: `600s`, `0.5 s`, `250 ms`.
struct Length: ExpressibleByArgument, CustomStringConvertible {
  let nanoseconds: Int64

  init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  init?(argument: String) {
    guard let quantity = Quantity(argument, of: .duration), quantity.amount >= 0 else { return nil }
    nanoseconds = quantity.amount
  }

  var description: String { Quantity(nanoseconds, .duration).text }
}

/// A function's memory as the command line has it: `3008MB`.
struct MemorySize: ExpressibleByArgument, CustomStringConvertible {
  let megabytes: Int

  init(megabytes: Int) { self.megabytes = megabytes }

  init?(argument: String) {
    guard let quantity = Quantity(argument, of: .memory), quantity.amount > 0 else { return nil }
    megabytes = Int(quantity.amount)
  }

  var description: String { Quantity(Int64(megabytes), .memory).text }
}
