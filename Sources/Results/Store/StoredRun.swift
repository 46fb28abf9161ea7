import Foundation
package import Scenarios

/// The scenario a run came from, as far as it takes to run it again.
public struct StoredScenario: Sendable, Equatable {
  /// The scenario's name.
  public var name: String
  /// The absolute path of its file.
  public var path: String
  /// What the file said.
  public var text: String
  /// The options of the command line that change the result, one `--option=value` each.
  public var settings: [String]

  /// The scenario a run came from.
  public init(name: String, path: String, text: String, settings: [String]) {
    self.name = name
    self.path = path
    self.text = text
    self.settings = settings
  }
}

/// What a run was made with: of no influence on its values, beyond what its key says.
public struct RunEnvironment: Sendable, Equatable {
  /// Nephoscope's version.
  public var version: String
  /// The instruction set the gradients were computed with.
  public var isa: String
  /// The library that computed them and its version, as in `oneDNN 2.6.3`.
  public var backend: String
  /// The threads it could use; nil for runs of a version that did not say.
  public var threads: Int?
  /// When the run ended, as ISO 8601 in UTC.
  public var finishedAt: String
  /// The command that runs it again.
  public var command: String

  /// What a run was made with.
  public init(
    version: String, isa: String, backend: String, threads: Int?, finishedAt: String,
    command: String
  ) {
    self.version = version
    self.isa = isa
    self.backend = backend
    self.threads = threads
    self.finishedAt = finishedAt
    self.command = command
  }
}

extension RunEnvironment {
  /// What a run that has just ended was made with.
  package init(of plan: RunPlan, _ result: RunResult, threads: Int, command: String) {
    let (instructionSet, library) = plan.means(of: result)
    self.init(
      version: Version.text, isa: instructionSet, backend: library,
      threads: threads, finishedAt: Date.now.formatted(.iso8601), command: command)
  }
}

/// A run as it lies in the store.
public struct StoredRun: Sendable, Equatable {
  /// Its number in the store.
  public var id: Int64
  /// What is kept of it.
  public var record: RunRecord
  /// Where it came from.
  public var scenario: StoredScenario
  /// What it was made with.
  public var environment: RunEnvironment
}
