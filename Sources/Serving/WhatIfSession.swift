import Dispatch
import Foundation
import Results
import Scenarios
import Synchronization

/// The what-ifs of one serving: one is made at a time, finished ones stay for comparison.
final class WhatIfSession: Sendable {
  /// Why a what-if cannot begin: another is being made.
  struct Busy: Error {}

  let desk: ScenarioDesk
  private let store: RunStore
  private let options: RunnerOptions
  /// Options of the command line that change results, for the store.
  private let settings: [String]
  private let state = Mutex(State())
  private let work = DispatchGroup()

  private struct State {
    var whatIfs: [WhatIf] = []
    /// Of the what-if that is being made.
    var cancellation: RunnerCancellation?
    var isEnding = false
  }

  init(desk: ScenarioDesk, store: RunStore, options: RunnerOptions, settings: [String]) {
    self.desk = desk
    self.store = store
    self.options = options
    self.settings = settings
  }

  /// All of them, in the order of asking.
  var whatIfs: [WhatIf] { state.withLock { $0.whatIfs } }

  /// Begins to make the runs that a text asks for, unless the same text is being made or is done.
  ///
  /// - Returns: the number of the new what-if, or of the one that is the same.
  /// - Throws: `ScenarioErrors`, or `Busy`.
  func ask(_ text: String) throws -> Int {
    let scenario = try desk.read(text)
    let differences = try ScenarioText(text).differences(from: desk.original)
    let (whatIf, cancellation) = try state.withLock { state -> (WhatIf, RunnerCancellation?) in
      let same = state.whatIfs.first {
        $0.text == text && ($0.state == .running || $0.state == .finished)
      }
      if let same { return (same, nil) }
      guard state.cancellation == nil, !state.isEnding else { throw Busy() }
      let whatIf = makeWhatIf(state.whatIfs.count + 1, text, scenario, differences)
      let cancellation = RunnerCancellation()
      state.whatIfs.append(whatIf)
      state.cancellation = cancellation
      return (whatIf, cancellation)
    }
    if let cancellation {
      // Simulating keeps a thread busy, which must be none of the few that answer requests.
      work.enter()
      Thread.detachNewThread {
        self.make(whatIf, of: scenario, cancellation)
        self.work.leave()
      }
    }
    return whatIf.id
  }

  /// Asks the what-if `id` to stop, if it is being made; its finished runs are kept.
  func cancel(_ id: Int) {
    state.withLock { state in
      if state.whatIfs.contains(where: { $0.id == id && $0.state == .running }) {
        state.cancellation?.request()
      }
    }
  }

  /// Begins nothing more, and waits until what is being made has stopped.
  func end() {
    state.withLock { state in
      state.isEnding = true
      state.cancellation?.request()
    }
    work.wait()
  }

  // MARK: Making

  private func makeWhatIf(
    _ id: Int, _ text: String, _ scenario: Scenario, _ differences: [ScenarioText.Difference]
  ) -> WhatIf {
    let isOriginal = text == desk.original.text
    let url = URL(fileURLWithPath: desk.file)
    let name = url.deletingPathExtension().lastPathComponent + "-what-if-\(id).yaml"
    let path = desk.file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .map(String.init)
    let file = isOriginal ? desk.file : (path + [name]).joined(separator: "/")
    let command = ["nephoscope", "run", file, "--seed=\(scenario.seed)"] + settings
    return WhatIf(
      id: id, text: text, name: scenario.name, differences: differences,
      fileName: isOriginal ? url.lastPathComponent : name, command: ShellCommand(command).text)
  }

  private func make(
    _ whatIf: WhatIf, of scenario: Scenario, _ cancellation: RunnerCancellation
  ) {
    var (end, runs, remarks) = (WhatIf.State.finished, [StoredRun](), [String]())
    do {
      var planner = RunPlanner(options: options)
      let plans = try planner.plans(for: scenario)
      try complete(plans, of: whatIf, scenario, cancellation)
      let stored = try store.runs(withKeys: plans.map(\.key))
      runs = plans.compactMap { stored[$0.key] }
      remarks = zip(plans, runs).flatMap { $1.record.unmetExpectations(of: $0) }
    } catch is RunsCancelled {
      end = .cancelled
    } catch {
      (end, remarks) = (.failed, ["\(error)"])
    }
    state.withLock { [end, runs, remarks] state in
      state.whatIfs[whatIf.id - 1].state = end
      state.whatIfs[whatIf.id - 1].runs = runs
      state.whatIfs[whatIf.id - 1].remarks = remarks
      state.cancellation = nil
    }
  }

  /// Makes the runs that the store does not have.
  private func complete(
    _ plans: [RunPlan], of whatIf: WhatIf, _ scenario: Scenario,
    _ cancellation: RunnerCancellation
  ) throws {
    let stored = try store.runs(withKeys: plans.map(\.key))
    let missing = plans.filter { stored[$0.key] == nil }
    let place = whatIf.id - 1
    state.withLock { $0.whatIfs[place].tally = RunTally(total: missing.count) }
    let source = StoredScenario(
      name: scenario.name, path: URL(fileURLWithPath: desk.file).path, text: whatIf.text,
      settings: settings)
    _ = try Runner(options: options).run(
      missing, cancellation: cancellation,
      onProgress: { progress in
        self.state.withLock { $0.whatIfs[place].tally.advance(progress) }
      },
      onFinish: { plan, result in
        try self.store.save(
          RunRecord(result, key: plan.key), scenario: source,
          environment: RunEnvironment(
            of: plan, result, threads: self.options.threads,
            command: "\(whatIf.command) \(ShellCommand(["--only=\(plan.selection)"]).text)"))
        self.state.withLock { $0.whatIfs[place].tally.finish(plan) }
      })
  }
}
