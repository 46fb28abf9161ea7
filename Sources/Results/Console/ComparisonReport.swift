/// What `nephoscope compare` prints: chosen runs side by side, each in a column of its own.
public struct ComparisonReport: Sendable {
  private let runs: [StoredRun]
  private let style: Style

  /// A comparison of `runs`, in their order.
  public init(_ runs: [StoredRun], style: Style) {
    self.runs = runs
    self.style = style
  }

  /// The report's text, ending in a new line.
  public var text: String {
    let groups = runs.map { run in
      RunGroup(
        framework: "\(run.record.framework) #\(run.id)", variant: run.record.variant,
        parameters: run.record.parameters, runs: [run.record])
    }
    let origins = runs.map { run in
      let point = run.record.parameters.isEmpty ? "" : ", \(run.record.parameters.text)"
      return "  #\(run.id)  \(run.scenario.name)\(point), seed \(run.record.seed)"
        + ", digest \(run.record.digest.prefix(16))"
    }
    let table = ComparisonTable(comparison: Comparison(groups), style: style)
    return (table.lines + ["", style.heading("Runs")] + origins).joined(separator: "\n") + "\n"
  }
}
