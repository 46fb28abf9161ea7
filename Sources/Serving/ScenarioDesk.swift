import Foundation
import Learning
import Scenarios
import Traces

/// Where texts from the page are read, each as if it were the content of the file that is served.
///
/// A page is less trusted than the user at the command line: what a text names is looked up as the
/// file's own names are, and nothing outside of those places is opened; no code is run but what
/// the file itself names.
struct ScenarioDesk: Sendable {
  /// The file as the user named it, or as it is called where there is none.
  let file: String
  /// What the file said when serving began.
  let original: ScenarioText

  private let library: TraceLibrary
  private let fence: FileFence
  private let modules: Set<ExternalModel>

  /// A desk for texts in the place of the content `text` of `file`.
  ///
  /// - Throws: `ScenarioErrors` where the file itself has mistakes.
  init(file: String, text: String, traceDirectory: String?) throws(ScenarioErrors) {
    self.file = file
    original = ScenarioText(text)
    let library = TraceLibrary(beside: file, directory: traceDirectory)
    self.library = library
    let scenario = try ScenarioReader(vocabulary: .program).read(text: text, file: file)
    try ScenarioReferences.check(scenario, library: library)
    let scenarios = scenario.all
    fence = FileFence(
      directories: library.directories,
      files: scenarios.flatMap { $0.namedFiles(in: library) })
    modules = Set(scenarios.compactMap(\.module))
  }

  /// The scenario that a text says, with what it refers to looked at.
  ///
  /// - Throws: `ScenarioErrors` with every mistake, as `nephoscope check` tells them.
  func read(_ text: String) throws(ScenarioErrors) -> Scenario {
    var reader = ScenarioReader(vocabulary: .program)
    reader.fence = fence
    let scenario = try reader.read(text: text, file: file)
    let issues = scenario.all.flatMap(trespasses)
    if !issues.isEmpty { throw ScenarioErrors(issues) }
    try ScenarioReferences.check(scenario, library: library)
    return scenario
  }

  /// What a scenario names that the page may not reach.
  private func trespasses(of scenario: Scenario) -> [ScenarioIssue] {
    let traces = scenario.traces.filter { source in
      library.trace(source.file).map { !fence.allows($0.name) } ?? false
    }
    var issues = traces.map { source in
      ScenarioIssue(
        at: source.place, path: "traces.\(source.operation)",
        "'\(source.file)' lies outside of \(library.directories.joined(separator: ", "))")
    }
    if let module = scenario.module, !modules.contains(module) {
      issues.append(
        ScenarioIssue(
          at: SourcePlace(file: file, line: 1, column: 1), path: "training.model",
          "the page runs no Python but that of the file as it was when serving began"))
    }
    return issues
  }
}

extension Scenario {
  /// The scenario of every job at every point.
  fileprivate var all: [Scenario] {
    points.flatMap { point in point.scenario.pipeline?.jobs.map(\.scenario) ?? [point.scenario] }
  }

  /// The module of the user's own that learns, if one does.
  fileprivate var module: ExternalModel? {
    if case .python(let module) = training.model { module } else { nil }
  }

  /// The paths of the files that it names itself.
  fileprivate func namedFiles(in library: TraceLibrary) -> [String] {
    var files = traces.compactMap { library.trace($0.file)?.name }
    if case .file(let path) = provider { files.append(path) }
    switch training.dataset {
    case .idx(let path), .csv(let path, _), .cifar10(let path): files.append(path)
    case .named, .synthetic, .sized: break
    }
    return files + [training.initialWeights, module?.file].compactMap { $0 }
  }
}
