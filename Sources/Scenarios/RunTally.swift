/// How far several runs have come together.
package struct RunTally: Sendable {
  /// Runs in all.
  package let total: Int
  /// Runs that have ended.
  package private(set) var finished = 0
  /// The last step that was heard of, in words.
  package private(set) var latest = ""
  /// The part that is done of each run under way, by key.
  private var underWay: [String: Double] = [:]

  /// Nothing of `total` runs is done.
  package init(total: Int) { self.total = total }

  /// The part that is done of all, 0 to 1.
  package var fraction: Double {
    (Double(finished) + underWay.values.reduce(0, +)) / Double(max(1, total))
  }

  /// Hears of a step.
  package mutating func advance(_ progress: RunProgress) {
    let plan = progress.plan
    let point = plan.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    let name = [plan.framework.name, point].filter { !$0.isEmpty }.joined(separator: " ")
    underWay[plan.key] = progress.steps > 0 ? Double(progress.step) / Double(progress.steps) : 0
    latest = "\(name) step \(progress.step)/\(progress.steps)"
  }

  /// Hears of the end of a run.
  package mutating func finish(_ plan: RunPlan) {
    underWay[plan.key] = nil
    finished += 1
  }
}
