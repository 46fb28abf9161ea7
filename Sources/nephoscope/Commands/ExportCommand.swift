import ArgumentParser
import Foundation
import Results
import Scenarios

/// `nephoscope export perfetto|otlp|csv RUN`: a stored run for other programs, or a workflow for
/// AWS.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a stored run, or a workflow, for other programs.",
    subcommands: [Perfetto.self, OTLP.self, CSV.self, ExportWorkflowCommand.self])

  /// What every export is told.
  struct Options: ParsableArguments {
    @Argument(help: "The number of a run in the store, or the beginning of its digest.")
    var run: String

    @Option(name: .shortAndLong, help: "The file to write (default: standard output).")
    var output: String?

    @OptionGroup var place: StoreOptions
  }

  /// The spans of a run as a Chrome trace.
  struct Perfetto: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "perfetto", abstract: "Write the spans of a run for https://ui.perfetto.dev.",
      discussion: "A run whose spans were not kept is made again: its digest must be the same.")

    @OptionGroup var options: Options

    func run() throws {
      try Fault.reporting {
        let source = try SpanSource(options)
        let trace = PerfettoTrace(source.run.record, spans: try source.spans())
        try Terminal.write(trace.text, to: options.output)
      }
    }
  }

  /// The spans of a run for OpenTelemetry.
  struct OTLP: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "otlp",
      abstract: "Write the spans of a run as OpenTelemetry traces (OTLP/JSON).",
      discussion: """
        The job is said to have been submitted when the run was made. A run whose spans were not \
        kept is made again: its digest must be the same.
        """)

    @OptionGroup var options: Options

    func run() throws {
      try Fault.reporting {
        let source = try SpanSource(options)
        let made = try Date(source.run.environment.finishedAt, strategy: .iso8601)
        let seconds = Int64(made.timeIntervalSince1970)
        let trace = OTLPTrace(
          source.run.record, spans: try source.spans(), epoch: seconds * 1_000_000_000)
        try Terminal.write(trace.text, to: options.output)
      }
    }
  }

  /// A table of a run as comma-separated values.
  struct CSV: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "csv", abstract: "Write a table of a run as comma-separated values.")

    /// What there is to write.
    enum Table: String, ExpressibleByArgument, CaseIterable { case spans, curve, bill, jobs }

    @OptionGroup var options: Options

    @Option(name: .long, help: "What to write: spans, curve, bill or jobs.")
    var table = Table.spans

    func run() throws {
      try Fault.reporting {
        let source = try SpanSource(options)
        let text =
          switch table {
          case .spans: CSVExport.spans(try source.spans())
          case .curve: CSVExport.curve(source.run.record)
          case .bill: CSVExport.bill(source.run.record)
          case .jobs: CSVExport.jobs(source.run.record)
          }
        try Terminal.write(text, to: options.output)
      }
    }
  }
}

/// A stored run and its spans, which are made again where they were not kept.
private struct SpanSource {
  let run: StoredRun
  private let store: RunStore

  init(_ options: ExportCommand.Options) throws {
    store = try RunStore(reading: options.place.store)
    run = try store.run(options.run)
  }

  func spans() throws -> SpanRecord {
    if let kept = try store.spans(of: run.id) { return kept }
    let options = try ScenarioOptions.parse(run.scenario.settings)
    let runnerOptions = options.runnerOptions(threads: 1, keepsSpans: true)
    let scenario = try ScenarioReader.standard.read(
      text: run.scenario.text, file: run.scenario.path, overrides: options.overrides)
    var planner = RunPlanner(options: runnerOptions)
    let plan = try planner.plans(for: scenario).first { $0.key == run.record.key }
    guard let plan else {
      throw Fault(
        .data,
        "run \(run.id) cannot be made again: what it was made from, or this program, "
          + "has changed since; run its scenario again")
    }
    let result = try Runner(options: runnerOptions).run([plan])[0]
    guard result.digest == run.record.digest, let spans = result.spans else {
      throw Fault(.software, "run \(run.id) made again has another digest: \(result.digest)")
    }
    return spans
  }
}
