import ArgumentParser
import Foundation
import Learning
import Scenarios

/// The options that decide what a scenario's runs result in, stored with every run.
struct ScenarioOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "The seed of the first replication, below 2^63, in place of the scenario's.")
  var seed: UInt64?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A setting in place of the scenario's, as in function.memory='1024 MB'; may be repeated.",
      valueName: "key=value"))
  var settings: [Assignment] = []

  @Option(name: .long, help: "The most steps a run makes.")
  var steps: Int?

  @Flag(name: .long, help: "Compute gradients with the same bits on every AVX2 machine.")
  var portable = false

  @Option(name: .long, help: "What computes gradients: onednn or reference (slow, pure Swift).")
  var backend = BackendName.onednn

  @Option(name: .long, help: "The directory of data sets that come by name.")
  var data: String?

  @Option(name: .long, help: "A directory of recorded traces, besides the scenario's own.")
  var traces: String?

  func validate() throws {
    if let steps, steps < 1 { throw ValidationError("--steps must be at least 1") }
    for (option, isGiven, key) in [
      ("--seed", seed != nil, "seed"), ("--steps", steps != nil, "training.steps"),
    ] where isGiven && settings.contains(where: { $0.key == key }) {
      throw ValidationError("\(option) and --set \(key) both say it: leave one of them out")
    }
  }

  /// The options as words of a command line; directories are made absolute.
  var words: [String] {
    var words: [String] = []
    if let seed { words.append("--seed=\(seed)") }
    words += settings.map { "--set=\($0.key)=\($0.value)" }
    if let steps { words.append("--steps=\(steps)") }
    if portable { words.append("--portable") }
    if backend != .onednn { words.append("--backend=\(backend.rawValue)") }
    if let data { words.append("--data=\(absolute(data))") }
    if let traces { words.append("--traces=\(absolute(traces))") }
    return words
  }

  /// What the scenario reader is told in place of the file's settings.
  var overrides: [ScenarioReader.Override] {
    var overrides = settings.map { ScenarioReader.Override(key: $0.key, text: $0.value) }
    if let seed { overrides.append(.init(key: "seed", text: String(seed))) }
    if let steps { overrides.append(.init(key: "training.steps", text: String(steps))) }
    return overrides
  }

  /// How runs are made with these options.
  func runnerOptions(
    threads: Int, keepsSpans: Bool, keepsModels: Bool = false
  ) -> RunnerOptions {
    RunnerOptions(
      threads: threads, isPortable: portable, backend: backend.backend, dataDirectory: data,
      traceDirectory: traces, keepsSpans: keepsSpans, keepsModels: keepsModels)
  }

  private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }
}

/// What computes gradients, as the command line names it.
enum BackendName: String, ExpressibleByArgument, CaseIterable {
  case onednn, reference

  var backend: Backend { self == .onednn ? .oneDNN : .reference }
}

/// A setting given as `key=value`.
struct Assignment: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    let sides = argument.split(separator: "=", maxSplits: 1).map(\.trimmingSpaces)
    guard sides.count == 2 else { return nil }
    (key, value) = (sides[0], sides[1])
  }
}
