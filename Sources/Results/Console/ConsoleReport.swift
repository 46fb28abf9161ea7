/// What `nephoscope run` prints for people.
public struct ConsoleReport: Sendable {
  /// Details are printed for so many sweep points; of more, only the summary.
  static let detailedPoints = 2
  /// So many runs are listed one by one.
  static let listedRuns = 24

  /// What was run.
  public let scenario: String
  /// The runs, in the order of the plan, with their numbers in the store.
  public let runs: [StoredRun]
  /// The run store's path.
  public let storePath: String
  /// The command that runs all of it again.
  public let command: String
  /// What the total by the other rule for standing servers is called.
  public let alternative: String
  /// With colour or without.
  public let style: Style

  /// A report of `runs`.
  public init(
    scenario: String, runs: [StoredRun], storePath: String, command: String, alternative: String,
    style: Style
  ) {
    self.scenario = scenario
    self.runs = runs
    self.storePath = storePath
    self.command = command
    self.alternative = alternative
    self.style = style
  }

  /// The report's text, ending in a new line.
  public var text: String {
    let groups = RunGroup.groups(of: runs.map(\.record))
    let blocks =
      [title] + details(groups) + [
        summary(groups), faults, failures, verdict(groups), remarks, reproduction,
      ]
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  private var title: [String] {
    let replications = Set(runs.map(\.record.replication)).count
    let points = Set(runs.map(\.record.parameters.text)).count
    let parts = [
      "\(runs.count) run\(runs.count == 1 ? "" : "s")",
      points > 1 ? "\(points) sweep points" : nil,
      replications > 1 ? "\(replications) replications, means shown" : nil,
    ]
    return [style.heading(scenario), style.quiet(parts.compactMap { $0 }.joined(separator: ", "))]
  }

  private func details(_ groups: [RunGroup]) -> [[String]] {
    var points: [String] = []
    for group in groups where !points.contains(group.parametersText) {
      points.append(group.parametersText)
    }
    guard points.count <= Self.detailedPoints else { return [] }
    return points.map { point in
      let columns = groups.filter { $0.parametersText == point }
      let table = ComparisonTable(
        comparison: Comparison(columns, alternative: alternative), style: style)
      return (point.isEmpty ? [] : [style.heading("With \(point)")]) + table.lines
        + columns.flatMap(jobs)
    }
  }

  /// The jobs of the first replication of a pipeline.
  private func jobs(_ group: RunGroup) -> [String] {
    guard let run = group.runs.first, !run.jobs.isEmpty else { return [] }
    let replication = group.runs.count > 1 ? ", replication \(run.replication)" : ""
    return [style.heading("Jobs of \(run.framework)\(replication)")]
      + JobTable(run).lines(style: style).map { "  " + $0 }
  }

  private func summary(_ groups: [RunGroup]) -> [String] {
    guard groups.contains(where: { $0.runs.count > 1 || !$0.parameters.isEmpty }) else { return [] }
    return SummaryTable(groups: groups, style: style).lines
  }

  private var failures: [String] {
    runs.map(\.record).flatMap { run -> [String] in
      guard let failure = run.failureText else { return [] }
      let point = run.parameters.isEmpty ? "" : " with \(run.parameters.text)"
      let text = "\(run.framework)\(point), replication \(run.replication), \(failure)"
      return Wording.wrapped(text, width: ComparisonTable.width).map(style.alarm)
    }
  }

  /// Who is best at what, in one line.
  private func verdict(_ groups: [RunGroup]) -> [String] {
    func winner(_ word: String, _ metric: RunGroup.Metric, greatest: Bool = false) -> String? {
      let ranked = groups.compactMap { group in
        group.statistic(of: metric).map { (group: group, mean: $0.mean) }
      }.sorted { greatest ? $0.mean > $1.mean : $0.mean < $1.mean }
      guard ranked.count > 1, ranked[0].mean != ranked[1].mean else { return nil }
      let point = ranked[0].group.parametersText
      return "\(word): \(ranked[0].group.framework)\(point.isEmpty ? "" : " (\(point))")"
    }
    let parts = [
      winner("most accurate", .accuracy, greatest: true), winner("fastest", .timeSeconds),
      winner("cheapest", .costUSD),
    ].compactMap { $0 }
    return parts.isEmpty
      ? [] : Wording.wrapped(parts.joined(separator: "; ") + ".", width: ComparisonTable.width)
  }

  private var faults: [String] { list("Faults of the scenario", runs.flatMap(\.record.faults)) }

  private var remarks: [String] {
    list("Notes", runs.flatMap(\.record.notes))
      + list("Assumed, not measured", runs.flatMap(\.record.assumptions))
  }

  private func list(_ title: String, _ texts: [String]) -> [String] {
    var seen: Set<String> = []
    let distinct = texts.filter { seen.insert($0).inserted }
    guard !distinct.isEmpty else { return [] }
    return [style.heading(title)]
      + distinct.flatMap { text in
        Wording.wrapped(text, width: ComparisonTable.width - 4).enumerated().map { index, line in
          style.quiet((index == 0 ? "  - " : "    ") + line)
        }
      }
  }

  private var reproduction: [String] {
    let nameWidth = runs.map(\.record.framework.count).max() ?? 0
    let listed = runs.prefix(Self.listedRuns).map { run in
      "  run \(String(run.id).alignedLeft(5)) \(run.record.framework.alignedLeft(nameWidth))"
        + "  seed \(String(run.record.seed).alignedLeft(20))"
        + "  digest \(run.record.digest.prefix(16))"
    }
    let more = runs.count - listed.count
    return [style.heading("Run store") + "  \(storePath)"] + listed
      + (more > 0 ? ["  and \(more) more"] : [])
      + [style.heading("Run again") + "  \(command)"]
  }
}

/// Means and intervals: one line a framework and sweep point.
private struct SummaryTable {
  let groups: [RunGroup]
  let style: Style

  var lines: [String] {
    let hasJobs = groups.flatMap(\.runs).contains { $0.bestJob != nil }
    let header =
      ["framework", "with", "n", "accuracy", "time", "cost, USD"] + (hasJobs ? ["best job"] : [])
    let rows = groups.map { cells($0) + (hasJobs ? [bestJobs(of: $0)] : []) }
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).enumerated().map { column, cell in
        column < 2 ? cell.0.alignedLeft(cell.1) : cell.0.alignedRight(cell.1)
      }.joined(separator: "  ")
    }
    let caption = "Means with 95 % intervals (Student's t) over completed replications"
    return [style.heading(caption), style.heading(line(header))] + rows.map(line)
  }

  private func cells(_ group: RunGroup) -> [String] {
    [
      group.framework, group.parametersText, String(group.completed.count),
      text(group.statistic(of: .accuracy), times: 100) { Wording.fixed($0, 2) + " %" },
      text(group.statistic(of: .timeSeconds)) { Wording.fixed($0, 1) + " s" },
      text(group.statistic(of: .costUSD), Wording.usd),
    ]
  }

  /// What the best job of each replication had, where they are of pipelines.
  private func bestJobs(of group: RunGroup) -> String {
    var seen: Set<String> = []
    let settings = group.runs.compactMap { run in
      run.bestJob.map { run.jobs[$0].parameters.text }
    }
    return settings.filter { seen.insert($0).inserted }.joined(separator: " or ")
  }

  private func text(
    _ statistic: Statistic?, times factor: Double = 1, _ word: (Double) -> String
  ) -> String {
    guard let statistic else { return "-" }
    let mean = word(statistic.mean * factor)
    return statistic.halfWidth.map { "\(mean) ± \(word($0 * factor))" } ?? mean
  }
}
