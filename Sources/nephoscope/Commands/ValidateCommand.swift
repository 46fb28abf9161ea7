import ArgumentParser
import Foundation
import Results
import Scenarios

/// `nephoscope validate FILE...`: published measurements beside our predictions.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Set published measurements beside predictions.",
    discussion: """
      Makes the runs that the 'published' of scenarios is about, or takes them from the run store, \
      and says by how much each prediction misses what was measured, and all of them together. A \
      miss is a result and no failure: the exit code is 0.
      """)

  /// Where the scenarios lie that are meant if none is named.
  private static let folder = "scenarios/papers"

  @Argument(
    help: ArgumentHelp(
      "Scenario files that have 'published' (default: those of \(folder)).", valueName: "file"))
  var files: [String] = []

  @OptionGroup(title: "Where runs are kept")
  var place: StoreOptions

  @OptionGroup
  var making: MakingOptions

  @Flag(name: .long, help: "Print one JSON object (docs/json.md) instead of tables.")
  var json = false

  func run() throws {
    try Fault.reporting {
      let sessions = try sessions()
      let store = try RunStore(path: place.store)
      var validation = Validation()
      var made: [RunRecord] = []
      for session in sessions {
        let runs = try session.run(into: store, isFresh: making.fresh).map(\.record)
        validation = validation.adding(session.scenario, runs: runs)
        made += runs
      }
      let summary = ValidationSummary(
        validation, style: Style(isColoured: Terminal.hasColour))
      try Terminal.write(json ? summary.json : summary.text)
      try Verdict(plans: sessions.flatMap(\.plans), runs: made).requireCompletion()
    }
  }

  /// The runs that published measurements are about, by file.
  ///
  /// - Throws: every mistake of every file, before anything is run.
  private func sessions() throws -> [RunSession] {
    let options = try ScenarioOptions.parse([])
    var sessions: [RunSession] = []
    var issues: [ScenarioIssue] = []
    for file in try files.isEmpty ? shippedFiles() : files {
      do {
        let session = try RunSession(
          file: file, options: options, only: nil, threads: making.threads, keepsSpans: false)
        if !session.scenario.published.isEmpty {
          sessions.append(session)
        } else if !files.isEmpty {
          throw Fault(.data, "\(file): the scenario has nothing 'published' to compare with")
        }
      } catch let errors as ScenarioErrors {
        issues += errors.issues
      }
    }
    if !issues.isEmpty { throw ScenarioErrors(issues) }
    guard !sessions.isEmpty else { throw nothingToValidate }
    return sessions.map(Self.withoutOthers)
  }

  /// The session without runs that nothing was published of.
  private static func withoutOthers(_ session: RunSession) -> RunSession {
    var session = session
    let wanted = Set(
      session.scenario.published.flatMap(\.points).flatMap {
        [$0.runs] + [$0.others].compactMap { $0 }
      })
    session.keepRuns { wanted.contains($0.choice) }
    return session
  }

  private func shippedFiles() throws -> [String] {
    guard FileManager.default.fileExists(atPath: Self.folder) else { throw nothingToValidate }
    return try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
      .filter { $0.hasSuffix(".yaml") }.map { "\(Self.folder)/\($0)" }
  }

  private var nothingToValidate: ValidationError {
    ValidationError(
      "name scenario files that have 'published': there are none in \(Self.folder) here")
  }
}
