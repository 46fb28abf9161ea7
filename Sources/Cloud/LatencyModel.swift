internal import RealModule
internal import SimulationKernel

/// How long a request takes before its bytes move: a distribution, or a recording.
public enum LatencyModel: Hashable, Sendable {
  /// What a replayed recording does when it is used up.
  public enum End: Hashable, Sendable {
    /// It begins again.
    case `repeat`
    /// The request fails with `ReplayExhausted`.
    case error
  }

  /// Always the same.
  case constant(Duration)
  /// Logarithm normally distributed: `shift` plus `median` times exp(sigma z).
  case lognormal(median: Duration, sigma: Double, shift: Duration = .zero)
  /// Drawn from a table of quantiles, linear between them.
  case quantiles(QuantileTable)
  /// Drawn from recorded samples, each as likely as the others.
  case samples([Duration])
  /// Recorded samples one after the other, in the order of the requests of a run.
  case replay([Duration], atEnd: End)
}

/// A distribution as its quantiles.
public struct QuantileTable: Hashable, Sendable {
  /// Probabilities from 0 to 1, never decreasing.
  public let probabilities: [Double]
  /// The quantile of each probability, never decreasing.
  public let values: [Duration]
  private let seconds: [Double]

  /// A table; nil unless it has two points or more that start at 0, end at 1 and never decrease.
  public init?(probabilities: [Double], values: [Duration]) {
    guard probabilities.count == values.count, probabilities.count >= 2,
      probabilities.first == 0, probabilities.last == 1,
      zip(probabilities, probabilities.dropFirst()).allSatisfy({ $0 <= $1 }),
      zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    self.probabilities = probabilities
    self.values = values
    seconds = values.map(\.inSeconds)
  }

  /// The quantile of a probability, in seconds, linear between two points of the table.
  public func quantile(_ probability: Double) -> Double {
    var (low, high) = (0, probabilities.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if probabilities[middle] <= probability { low = middle } else { high = middle }
    }
    let width = probabilities[high] - probabilities[low]
    let part = min(1, max(0, (probability - probabilities[low]) / width))
    return seconds[low] * (1 - part) + seconds[high] * part
  }
}

/// A recorded latency trace has no more rows, and repeating it was not asked for.
public struct ReplayExhausted: Error, CustomStringConvertible {
  /// The operation whose recording ended.
  public let operation: String
  /// How many rows it had.
  public let rows: Int
  /// The text of it in errors and logs.
  public var description: String { "the \(rows) recorded latencies of \(operation) are used up" }
}

/// Draws the latencies of one operation in one run; the cursor of a replay is the run's.
final class LatencySource {
  let model: LatencyModel
  private let operation: String
  private var cursor = 0

  init(_ model: LatencyModel, of operation: String) {
    self.model = model
    self.operation = operation
  }

  func draw(from random: inout RandomStream) throws(ReplayExhausted) -> Duration {
    switch model {
    case .constant(let duration): return duration
    case .lognormal(let median, let sigma, let shift):
      return shift
        + .rounded(seconds: median.inSeconds * Double.exp(sigma * random.normal()))
    case .quantiles(let table): return .rounded(seconds: table.quantile(random.uniform()))
    case .samples(let samples): return samples[random.uniform(below: samples.count)]
    case .replay(let samples, let end):
      if cursor == samples.count {
        if end == .error { throw ReplayExhausted(operation: operation, rows: samples.count) }
        cursor = 0
      }
      cursor += 1
      return samples[cursor - 1]
    }
  }
}
