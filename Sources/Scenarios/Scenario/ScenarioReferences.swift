public import Cloud
internal import Traces

/// What a scenario refers to outside of its file, read and checked: its provider and its traces.
public struct ScenarioReferences: Sendable {
  /// The provider, with the rules of the scenario's date.
  public let provider: Provider
  /// The latencies that recorded traces put in the place of the provider's, by operation.
  public let latencies: [String: LatencyOverride]

  /// Reads what `scenario` refers to.
  ///
  /// - Throws: `ScenarioErrors` with every mistake of the provider's file, or else every function
  ///   setting the provider does not know, every trace that is missing and every first bad row.
  public init(of scenario: Scenario, library: TraceLibrary) throws(ScenarioErrors) {
    provider = try ProviderReader(library: library).provider(for: scenario)
    var log = IssueLog()
    ScenarioReferences.check(scenario, against: provider, into: &log)
    do {
      latencies = try library.latencies(of: scenario, provider: provider)
    } catch {
      latencies = [:]
      for issue in error.issues { log.report(issue) }
    }
    try log.throwIfAny()
  }

  /// Reads what every point of `scenario` refers to, each combination once.
  ///
  /// - Throws: `ScenarioErrors` with every mistake that is found.
  public static func check(_ scenario: Scenario, library: TraceLibrary) throws(ScenarioErrors) {
    var log = IssueLog()
    var checked: Set<Subject> = []
    for point in scenario.points where checked.insert(Subject(point.scenario)).inserted {
      do {
        _ = try ScenarioReferences(of: point.scenario, library: library)
      } catch {
        for issue in error.issues { log.report(issue) }
      }
    }
    try log.throwIfAny()
  }

  /// The settings that decide what a scenario refers to.
  struct Subject: Hashable {
    let provider: Scenario.ProviderReference
    let date: String?
    let function: [String]
    let traces: [TraceSource]

    init(_ scenario: Scenario) {
      provider = scenario.provider
      date = scenario.date
      let settings = scenario.function
      function = [settings.runtime, settings.package, settings.architecture, settings.imports]
      traces = scenario.traces
    }
  }

  private static func check(
    _ scenario: Scenario, against provider: Provider, into log: inout IssueLog
  ) {
    let keys = provider.entries.map(\.key)
    let kind = ".\(scenario.function.package).\(scenario.function.architecture)"
    let runtimes = keys.middles(after: "function.init.", before: kind)
    let libraries = keys.middles(after: "function.footprint.", before: "")
    for (key, noun, value, known) in [
      ("runtime", "runtime", scenario.function.runtime, runtimes),
      ("imports", "measured library", scenario.function.imports, libraries),
    ] where !known.contains(value) {
      log.report(
        scenario.functionPlaces[key] ?? SourcePlace(file: scenario.file, line: 1, column: 1),
        "function.\(key)", "\(provider.name)/\(provider.region) has no \(noun) '\(value)'",
        allowed: known.joined(separator: ", "),
        hint: Suggestion.nearest(to: value, among: known))
    }
  }
}

extension [String] {
  /// What stands between `prefix` and `suffix` in the texts that have both.
  fileprivate func middles(after prefix: String, before suffix: String) -> [String] {
    compactMap { text in
      guard text.hasPrefix(prefix), text.hasSuffix(suffix) else { return nil }
      return String(text.dropFirst(prefix.count).dropLast(suffix.count))
    }
  }
}
