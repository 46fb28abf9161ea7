/// The runs of one framework at one sweep point, taken together.
public struct RunGroup: Sendable {
  /// A quantity of a run that is averaged over replications.
  public enum Metric: String, CaseIterable, Sendable {
    case accuracy, loss
    case timeSeconds = "time_seconds"
    case costUSD = "cost_usd"

    /// The metric of one run; nil where the run has none.
    public func value(of run: RunRecord) -> Double? {
      switch self {
      case .accuracy: run.accuracy
      case .loss: run.loss
      case .timeSeconds: Double(run.nanoseconds) / 1e9
      case .costUSD: Double(run.picoUSD) / 1e12
      }
    }
  }

  /// The framework's name in the catalog.
  public let framework: String
  /// `published` or `released`.
  public let variant: String
  /// The sweep point.
  public let parameters: [RunRecord.Named<String>]
  /// The replications, in order.
  public internal(set) var runs: [RunRecord]

  /// The runs that completed: those that ended in a modelled failure say nothing about a mean.
  public var completed: [RunRecord] { runs.filter(\.isCompleted) }

  /// The statistic of a metric over the completed runs; nil where there are none.
  public func statistic(of metric: Metric) -> Statistic? {
    Statistic(of: completed.compactMap(metric.value))
  }

  /// The sweep point in words: `workers=4 function.memory=3008 MB`.
  public var parametersText: String { parameters.text }

  /// The groups of `runs`, in the order in which each first appears.
  public static func groups(of runs: [RunRecord]) -> [RunGroup] {
    var groups: [RunGroup] = []
    for run in runs {
      if let index = groups.firstIndex(where: { $0.holds(run) }) {
        groups[index].runs.append(run)
      } else {
        groups.append(
          RunGroup(
            framework: run.framework, variant: run.variant, parameters: run.parameters, runs: [run])
        )
      }
    }
    return groups
  }

  private func holds(_ run: RunRecord) -> Bool {
    run.framework == framework && run.variant == variant && run.parameters == parameters
  }
}

extension [RunRecord.Named<String>] {
  /// The sweep point in words: `workers=4 function.memory=3008 MB`.
  var text: String { map { "\($0.name)=\($0.value)" }.joined(separator: " ") }
}
