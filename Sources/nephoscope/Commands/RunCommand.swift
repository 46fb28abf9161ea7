import ArgumentParser
import Foundation
import Results
import Scenarios

/// `nephoscope run FILE`: makes the runs of a scenario and compares them.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a scenario, with its sweep and replications.",
    discussion: """
      Results go to standard output, progress to standard error. Runs that the run store has are \
      not made again; a run that was interrupted goes on where it stopped.
      """)

  @Argument(help: "The scenario file.")
  var file: String

  @OptionGroup(title: "What is run")
  var options: ScenarioOptions

  @OptionGroup(title: "Where runs are kept")
  var place: StoreOptions

  @Option(
    name: .long,
    help: "Only these runs of the scenario, as in framework=spirt,replication=2,workers=4.")
  var only: RunSelection?

  @OptionGroup
  var making: MakingOptions

  @Flag(name: .long, help: "Print one JSON document (docs/json.md) instead of tables.")
  var json = false

  @Flag(name: .long, help: "Keep the spans in the store, so that an export need not run again.")
  var keepSpans = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the final model of every run as a safetensors file here.", valueName: "directory"))
  var saveModel: String?

  func run() throws {
    try Fault.reporting {
      let session = try RunSession(
        file: file, options: options, only: only, threads: making.threads, keepsSpans: keepSpans,
        models: saveModel.map(ModelFolder.init))
      let store = try RunStore(path: place.store)
      let runs = try session.run(into: store, isFresh: making.fresh)
      if json {
        try Terminal.write(
          JSONReport(scenario: session.scenario.name, runs: runs.map(\.record)).text)
      } else {
        let report = ConsoleReport(
          scenario: session.scenario.name, runs: runs, storePath: store.path,
          command: session.command(only: only),
          alternative: session.scenario.standing == .job
            ? "cost if servers are shared" : "cost with servers of its own",
          style: Style(isColoured: Terminal.hasColour))
        try Terminal.write(report.text)
      }
      try Verdict(plans: session.plans, runs: runs.map(\.record)).require()
    }
  }
}

/// Where finished runs are kept.
struct StoreOptions: ParsableArguments {
  @Option(
    name: .customLong("store"),
    help: ArgumentHelp(
      "The run store, a SQLite file (default: ./nephoscope.sqlite).", valueName: "store"))
  var given: String?

  /// The path of the store.
  var store: String { given ?? "./nephoscope.sqlite" }

  /// The option as a word of a command line, where it was given.
  var words: [String] { given.map { ["--store=\($0)"] } ?? [] }

  func validate() throws {
    if given == "" { throw ValidationError("--store must name a file") }
  }
}

/// How runs are made, which changes none of their results.
struct MakingOptions: ParsableArguments {
  @Flag(name: .long, help: "Make also the runs that the store has.")
  var fresh = false

  @Option(name: .long, help: "Threads; the results are the same for any number (default: cores).")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be between 1 and 1024")
    }
  }
}
