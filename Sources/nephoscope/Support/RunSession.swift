import Foundation
import Learning
import Results
import Scenarios

/// The runs of one scenario: those that the store has are read from it, the others are made and
/// saved as each ends.
struct RunSession {
  let scenario: Scenario
  private(set) var plans: [RunPlan]
  private let source: StoredScenario
  private let options: ScenarioOptions
  private let runnerOptions: RunnerOptions
  private let models: ModelFolder?

  /// Reads the scenario file and loads what it refers to.
  init(
    file: String, options: ScenarioOptions, only: RunSelection?, threads: Int, keepsSpans: Bool,
    models: ModelFolder? = nil
  ) throws {
    guard FileManager.default.fileExists(atPath: file) else {
      throw Fault(.noInput, "\(file): there is no such file")
    }
    scenario = try ScenarioReader.standard.read(file: file, overrides: options.overrides)
    self.options = options
    self.models = models
    runnerOptions = options.runnerOptions(
      threads: threads, keepsSpans: keepsSpans, keepsModels: models != nil)
    var planner = RunPlanner(options: runnerOptions)
    let all = try planner.plans(for: scenario)
    plans = try only?.filter(all) ?? all
    try models?.check(plans)
    source = StoredScenario(
      name: scenario.name, path: URL(fileURLWithPath: file).path,
      text: try String(contentsOfFile: file, encoding: .utf8), settings: options.words)
  }

  /// Leaves out the runs that nobody asks for.
  mutating func keepRuns(where isWanted: (RunPlan) -> Bool) { plans = plans.filter(isWanted) }

  /// Makes the runs that the store does not have, and returns all of them in the plan's order, as
  /// the plans call them.
  ///
  /// - Parameter isFresh: Whether to make also those that the store has.
  func run(into store: RunStore, isFresh: Bool) throws -> [StoredRun] {
    let stored = isFresh ? [:] : try store.runs(withKeys: plans.map(\.key))
    let missing = plans.filter { plan in
      guard let run = stored[plan.key] else { return true }
      return models?.isComplete(for: run.record) == false
    }
    let known = plans.count - missing.count
    if known > 0 {
      Terminal.writeError(
        "nephoscope: \(known) of \(plans.count) runs are in \(store.path) already "
          + "(--fresh makes them again)\n")
    }
    if !missing.isEmpty {
      let results = try make(missing, into: store)
      report(savedGradients: results.reduce(0) { $0 + $1.savedGradients })
    }
    let runs = try store.runs(withKeys: plans.map(\.key))
    return plans.compactMap { plan in
      // The same run may have been another point, or another replication, of another scenario.
      guard var run = runs[plan.key] else { return nil }
      run.record.label(as: plan)
      return run
    }
  }

  private func make(_ missing: [RunPlan], into store: RunStore) throws -> [RunResult] {
    let cancellation = RunnerCancellation()
    let interruption = Interruption(requesting: cancellation)
    let progress = ProgressReporter(total: missing.count, isWatched: Terminal.isWatched)
    defer {
      progress.stop()
      interruption.end()
    }
    do {
      return try Runner(options: runnerOptions).run(
        missing, cancellation: cancellation, onProgress: progress.advance
      ) { plan, result in
        try models?.save(result)
        try store.save(
          RunRecord(result, key: plan.key), scenario: source,
          environment: RunEnvironment(
            of: plan, result, threads: runnerOptions.threads, command: command(only: plan.selection)
          ),
          spans: result.spans)
        progress.finish(plan)
      }
    } catch {
      guard cancellation.isRequested else { throw error }
      let isThere = FileManager.default.fileExists(atPath: store.path)
      throw Fault(
        .interrupted,
        isThere
          ? "interrupted; finished runs are in \(store.path), and the same command goes on there"
          : "interrupted before a run had finished: nothing was stored")
    }
  }

  private func report(savedGradients count: Int) {
    if count == 0 { return }
    Terminal.writeError(
      "nephoscope: gradients saved, because another run had the same: \(count)\n")
  }

  /// The command that makes all runs again.
  func command(only selection: RunSelection?) -> String {
    let words = ["nephoscope", "run", scenario.file] + seededWords
    return ShellCommand(words + (selection.map { ["--only=\($0)"] } ?? [])).text
  }

  /// The options with the seed spelled out, so that the command holds when the file changes it.
  private var seededWords: [String] {
    options.words + (options.seed == nil ? ["--seed=\(scenario.seed)"] : [])
  }
}
