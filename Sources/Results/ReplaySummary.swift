public import Cloud

/// What a replayed trace came to, as text for people and as one JSON object for programs.
public struct ReplaySummary {
  private let report: ReplayReport
  private let cost: Money
  private let rules: String

  /// A report, what it costs, and the rules of the platform in words.
  public init(_ report: ReplayReport, cost: Money, rules: String) {
    self.report = report
    self.cost = cost
    self.rules = rules
  }

  /// One JSON object, described in `docs/json.md`.
  public var json: String {
    let latency = ReplaySummary.percentiles.map { name, probability in
      (name, JSON.real(milliseconds(probability)))
    }
    let document = JSON.object([
      ("invocations", .integer(report.invocations)),
      ("cold_starts", .integer(report.coldStarts)),
      ("rejected", .integer(report.rejected)),
      ("mean_instances", .real(report.meanInstances)),
      ("mean_running", .real(report.meanRunning)),
      ("gb_seconds", .real(report.gbSeconds)),
      ("idle_gb_seconds", .real(report.idleGBSeconds)),
      ("cost_usd", .number(cost.decimalUSD)),
      ("latency_ms", .object(latency)),
      ("rules", .string(rules)),
    ])
    return document.pretty() + "\n"
  }

  /// A table with a line for each number.
  public var text: String {
    let served = report.invocations - report.rejected
    let latency = ReplaySummary.percentiles.map { name, probability in
      (
        "latency \(name)",
        milliseconds(probability).map { "\(ReplaySummary.rounded($0)) ms" } ?? "-"
      )
    }
    let rows =
      [
        ("invocations", "\(report.invocations)"),
        ("cold starts", "\(report.coldStarts)\(share(report.coldStarts, of: served))"),
        ("rejected", "\(report.rejected)\(share(report.rejected, of: report.invocations))"),
        ("mean instances", ReplaySummary.rounded(report.meanInstances)),
        ("mean running", ReplaySummary.rounded(report.meanRunning)),
        ("billed memory-time", "\(ReplaySummary.rounded(report.gbSeconds)) GB-s"),
        ("idle memory-time", "\(ReplaySummary.rounded(report.idleGBSeconds)) GB-s"),
        ("cost", "\(ReplaySummary.rounded(cost.inUSD, digits: 6)) USD"),
      ] + latency + [("rules", rules)]
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      name + String(repeating: " ", count: width + 2 - name.count) + value + "\n"
    }.joined()
  }

  private static let percentiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)]

  private func milliseconds(_ probability: Double) -> Double? {
    report.latency.quantile(probability).map { $0 / .milliseconds(1) }
  }

  private func share(_ count: Int, of all: Int) -> String {
    all > 0 ? " (\(ReplaySummary.rounded(100 * Double(count) / Double(all))) %)" : ""
  }

  private static func rounded(_ value: Double, digits: Int = 3) -> String {
    let scale = (0..<digits).reduce(Int64(1)) { scale, _ in scale * 10 }
    return Decimals.shortest(Int64((value * Double(scale)).rounded()), places: digits)
  }
}
