import Results
import Scenarios

/// One question to the simulator: a scenario text, and what came of it.
struct WhatIf: Sendable {
  /// Where it stands.
  enum State: String, Encodable, Sendable { case running, finished, cancelled, failed }

  /// From 1, in the order of asking.
  let id: Int
  /// The text of the scenario.
  let text: String
  /// The scenario's name.
  let name: String
  /// In what the text differs from the file that is served.
  let differences: [ScenarioText.Difference]
  /// The name of the file to save it as.
  let fileName: String
  /// The command that makes the runs, once the text lies where it says.
  let command: String

  var state = State.running
  /// How far it has come.
  var tally = RunTally(total: 0)
  /// The finished runs, in the order of the plan.
  var runs: [StoredRun] = []
  /// Expectations of the scenario that are not met, or why it failed.
  var remarks: [String] = []

  /// The runs by framework and sweep point.
  var groups: [RunGroup] { RunGroup.groups(of: runs.map(\.record)) }

  /// The runs told from those of other what-ifs, to stand beside them in one report.
  var labelledRuns: [StoredRun] {
    runs.map { run in
      var run = run
      run.record.parameters.insert(.init("what-if", String(id)), at: 0)
      return run
    }
  }
}
