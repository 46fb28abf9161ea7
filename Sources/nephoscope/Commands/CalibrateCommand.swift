import ArgumentParser
import Cloud
import Foundation
import Results
import Scenarios
import Traces

/// `nephoscope calibrate TRACE...`: fits distributions to recorded latencies.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Fit latencies to recorded traces, as a provider file.",
    discussion: """
      A trace is an operation and a table, such as object-store.get=pilot.csv, or a scenario file \
      whose traces are meant. Every second sample is fitted by a shifted lognormal distribution; \
      the errors are those on the other samples. A scenario uses the file that is written by \
      its name: provider: profile.yaml.
      """)

  @Argument(help: ArgumentHelp("OPERATION=FILE, or a scenario file.", valueName: "trace"))
  var traces: [String]

  @Option(name: .shortAndLong, help: "The provider file to write.")
  var output: String?

  @Option(name: .long, help: "The column of latencies, for OPERATION=FILE.")
  var column: String?

  @Option(name: .long, help: "The unit of the column, unless its name ends in one.")
  var unit: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A column and the value it must have in the rows that count; may be repeated.",
      valueName: "column=value"))
  var `where`: [String] = []

  @Flag(name: .long, help: "Leave out rows whose value is empty or N/A.")
  var skipMissing = false

  @Option(name: .long, help: "The provider whose other values hold, or a provider file.")
  var extends = "aws/us-east-1"

  @Option(name: .long, help: "The day to note for the values (default: today).")
  var date: String?

  @Flag(name: .long, help: "Print one JSON object (docs/json.md) instead of a table.")
  var json = false

  func validate() throws {
    if let date, CalendarDate(date) == nil {
      throw ValidationError("--date must be a day as in 2026-11-27, not '\(date)'")
    }
    if let unit, TraceUnit(rawValue: unit) == nil {
      let units = TraceUnit.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--unit must be one of \(units), not '\(unit)'")
    }
    for condition in self.where where !condition.contains("=") {
      throw ValidationError("--where must be COLUMN=VALUE, not '\(condition)'")
    }
    let tables = traces.filter { $0.contains("=") }
    for table in tables where table.hasPrefix("=") || table.hasSuffix("=") {
      throw ValidationError("a trace must be OPERATION=FILE or a scenario file, not '\(table)'")
    }
    if column == nil, let table = tables.first {
      throw ValidationError("--column must name the column of latencies of \(table)")
    }
    if tables.isEmpty, column != nil || unit != nil || !self.where.isEmpty || skipMissing {
      throw ValidationError(
        "--column, --unit, --where and --skip-missing are for tables: a scenario has its own")
    }
  }

  func run() throws {
    try Fault.reporting {
      let sources = try traces.flatMap(sources)
      let scenarios = traces.filter { !$0.contains("=") }
      let profile = try LatencyProfile(
        of: sources, extending: try Provider.reference(to: extends),
        library: TraceLibrary(
          directories: scenarios.flatMap { TraceLibrary(beside: $0).directories } + ["."]
            + TraceLibrary(beside: extends).directories),
        date: date ?? String(Date.now.formatted(.iso8601).prefix(10)))
      if let output { try Terminal.write(profile.text, to: output) }
      let summary = CalibrationSummary(profile)
      try Terminal.write(json ? summary.json : summary.text)
    }
  }

  /// The recordings that an argument names.
  private func sources(of trace: String) throws -> [TraceSource] {
    let parts = trace.split(separator: "=", maxSplits: 1).map(String.init)
    let file = parts[parts.count - 1]
    guard FileManager.default.fileExists(atPath: file) else {
      throw Fault(.noInput, "\(file): there is no such file")
    }
    if parts.count == 2 { return [source(of: parts[0], in: file)] }
    let sources = try ScenarioReader.standard.read(file: file).traces
    if sources.isEmpty { throw Fault(.data, "\(file): the scenario names no traces") }
    return sources
  }

  private func source(of operation: String, in file: String) -> TraceSource {
    let filters = self.where.map { condition in
      let parts = condition.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false
      ).map(String.init)
      return TraceFile.Filter(column: parts[0], value: parts[1])
    }
    return TraceSource(
      of: operation, in: file, column: column ?? "",
      unit: unit.flatMap { TraceUnit(rawValue: $0) },
      where: filters, missing: skipMissing ? .skip : .error)
  }
}
