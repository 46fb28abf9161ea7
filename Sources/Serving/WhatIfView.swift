import Results
import Scenarios

/// A what-if as the page is told of it.
struct WhatIfView: Encodable {
  /// What one framework did at one point of the sweep, replications taken together.
  struct Row: Encodable {
    let name: String
    let isFailed: Bool
    let accuracy: String
    let time: String
    let cost: String
    /// The differences to the same row of the first what-if; nil in the first.
    let accuracyDifference: String?
    let timeDifference: String?
    let costDifference: String?
    /// Of every replication.
    let digests: [String]
  }

  let id: Int
  let state: WhatIf.State
  let name: String
  let changes: [String]
  let progress: Double
  let step: String
  let remarks: [String]
  let fileName: String
  let command: String
  let rows: [Row]

  /// The view of `whatIf`, compared with the first one that has results.
  init(_ whatIf: WhatIf, comparedWith first: WhatIf?) {
    (id, state, name) = (whatIf.id, whatIf.state, whatIf.name)
    changes = whatIf.differences.map(\.words)
    progress = whatIf.tally.fraction
    step = whatIf.tally.latest
    remarks = whatIf.remarks
    (fileName, command) = (whatIf.fileName, whatIf.command)
    let others = first.map { $0.id == whatIf.id ? [] : $0.groups } ?? []
    rows = whatIf.groups.map { group in
      Row(group, comparedWith: others.first { $0.title == group.title })
    }
  }
}

extension WhatIfView.Row {
  fileprivate init(_ group: RunGroup, comparedWith first: RunGroup?) {
    name = group.title
    isFailed = group.completed.isEmpty
    accuracy = group.words(of: .accuracy) { Wording.percent($0) }
    time = group.words(of: .timeSeconds) { Wording.time(seconds: $0) }
    cost = group.words(of: .costUSD, Wording.usd)
    accuracyDifference = group.difference(to: first, in: .accuracy) { new, old in
      Self.signed((new - old) * 100, unit: "points")
    }
    timeDifference = group.difference(to: first, in: .timeSeconds, Self.relative)
    costDifference = group.difference(to: first, in: .costUSD, Self.relative)
    digests = group.runs.map(\.digest)
  }

  private static func relative(_ new: Double, to old: Double) -> String {
    old == 0 ? "" : signed((new - old) / old * 100, unit: "%")
  }

  private static func signed(_ value: Double, unit: String) -> String {
    let text = Wording.fixed(abs(value), 1)
    if text == "0.0" { return "±0 \(unit)" }
    return "\(value < 0 ? "−" : "+")\(text) \(unit)"
  }
}

extension RunGroup {
  /// The framework with what tells it from others of its name.
  fileprivate var title: String {
    let point = parametersText.isEmpty ? "" : ", \(parametersText)"
    return framework + (variant == "published" ? "" : " (\(variant))") + point
  }

  /// The mean with its interval, where there are several replications.
  fileprivate func words(of metric: Metric, _ text: (Double) -> String) -> String {
    guard let statistic = statistic(of: metric) else { return "-" }
    let half = statistic.halfWidth.map { " ± \(text($0))" } ?? ""
    return text(statistic.mean) + half
  }

  fileprivate func difference(
    to first: RunGroup?, in metric: Metric, _ words: (_ new: Double, _ old: Double) -> String
  ) -> String? {
    guard let new = statistic(of: metric)?.mean, let old = first?.statistic(of: metric)?.mean
    else { return nil }
    return words(new, old)
  }
}

extension ScenarioText.Difference {
  /// `workers: 4 → 8`.
  fileprivate var words: String {
    switch (old, new) {
    case (let old?, let new?): "\(path): \(old) → \(new)"
    case (nil, let new?): "\(path): \(new)"
    default: "without \(path)"
    }
  }
}
