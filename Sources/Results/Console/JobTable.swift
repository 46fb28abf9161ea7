/// The jobs of a pipeline, one row each, as reports for people show them.
struct JobTable {
  /// The rows, of as many cells as the header.
  let rows: [[String]]
  /// The number of the best job.
  let best: Int?
  /// What the cells are.
  let header: [String]

  /// The jobs of a run; accuracy and loss only where something has learned.
  init(_ run: RunRecord) {
    let isLearning = run.jobs.contains { $0.accuracy != nil }
    header =
      ["job"] + (run.jobs.first?.parameters.map(\.name) ?? []) + ["status", "submitted", "time"]
      + (isLearning ? ["accuracy", "loss"] : [])
    rows = run.jobs.enumerated().map { number, job in
      [String(number)] + job.parameters.map(\.value)
        + [
          job.failure?.kind ?? (number == run.bestJob ? "completed, best" : job.status),
          Wording.time(seconds: Double(job.submissionNanoseconds) / 1e9),
          Wording.time(seconds: Double(job.nanoseconds) / 1e9),
        ] + (isLearning ? [Wording.percent(job.accuracy), Wording.loss(job.loss)] : [])
    }
    best = run.bestJob
  }

  /// The table as text, with the best job set off.
  func lines(style: Style) -> [String] {
    let lines = TextTable([header] + rows).lines
    return [style.heading(lines[0])]
      + lines.dropFirst().enumerated().map {
        $0.offset == best ? style.best($0.element) : $0.element
      }
  }
}
