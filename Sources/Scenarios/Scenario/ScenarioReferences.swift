public import Cloud
internal import Traces

/// What a scenario refers to outside of its file, read and checked: its provider and its traces.
public struct ScenarioReferences: Sendable {
  /// The provider, with the rules of the scenario's date.
  public let provider: Provider
  /// A digest of the provider.
  let providerDigest: String
  /// The latencies that recorded traces put in the place of the provider's, by operation.
  public let latencies: [String: LatencyOverride]

  /// Reads what `scenario` refers to.
  ///
  /// - Throws: `ScenarioErrors` with every mistake of the provider's file, or else every function
  ///   setting the provider does not know, every trace that is missing and every first bad row.
  public init(of scenario: Scenario, library: TraceLibrary) throws(ScenarioErrors) {
    provider = try ProviderReader(library: library).provider(for: scenario)
    var digest = Digest()
    for entry in provider.entries { digest.absorb(String(describing: entry)) }
    providerDigest = digest.finish()
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
    var known: [Subject: (provider: Provider?, memories: Set<Int>)] = [:]
    for point in scenario.points.map(\.scenario) {
      let subject = Subject(point)
      if known[subject] == nil {
        known[subject] = (provider(for: point, library: library, &log), [])
      }
      guard let provider = known[subject]?.provider,
        known[subject]?.memories.insert(point.function.memoryMB).inserted == true
      else { continue }
      checkMemory(of: point, against: provider, into: &log)
    }
    try log.throwIfAny()
  }

  /// The provider of a scenario; nil where something that it refers to is wrong.
  private static func provider(
    for scenario: Scenario, library: TraceLibrary, _ log: inout IssueLog
  ) -> Provider? {
    do { return try ScenarioReferences(of: scenario, library: library).provider } catch {
      for issue in error.issues { log.report(issue) }
      return nil
    }
  }

  /// The settings that decide what a scenario refers to.
  struct Subject: Hashable {
    let provider: Scenario.ProviderReference
    let date: String?
    let function: [String]
    let timeouts: [Duration?]
    let traces: [TraceSource]

    init(_ scenario: Scenario) {
      provider = scenario.provider
      date = scenario.date
      let settings = scenario.function
      function = [settings.runtime, settings.package, settings.architecture, settings.imports]
      timeouts = [settings.timeout, scenario.platform.functionTimeout]
      traces = scenario.traces
    }
  }

  /// Reports memory that functions of the provider do not have, where the file says how much.
  private static func checkMemory(
    of scenario: Scenario, against provider: Provider, into log: inout IssueLog
  ) {
    guard scenario.saysMemory, let range = provider.functionMemoryMB,
      !range.contains(scenario.function.memoryMB)
    else { return }
    log.report(
      scenario.place(of: "memory"), "function.memory",
      "\(provider.name)/\(provider.region) has no functions of "
        + "\(scenario.function.memoryMB) MB",
      allowed: "\(range.lowerBound) MB to \(range.upperBound) MB")
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
        scenario.place(of: key), "function.\(key)",
        "\(provider.name)/\(provider.region) has no \(noun) '\(value)'",
        allowed: known.joined(separator: ", "),
        hint: Suggestion.nearest(to: value, among: known))
    }
    guard scenario.saysTimeout, case .duration(let provided)? = provider["function.timeout-max"]
    else { return }
    let (timeout, limit) = (
      scenario.function.timeout, scenario.platform.functionTimeout ?? provided
    )
    if timeout > limit {
      log.report(
        scenario.place(of: "timeout"), "function.timeout",
        "\(timeout.inUnits) is longer than a function may run (limits.function-timeout, or else "
          + "\(provider.name)/\(provider.region))",
        allowed: "1 s to \(limit.inUnits)")
    }
  }
}

extension Scenario {
  /// Where a setting of `function` stands.
  fileprivate func place(of key: String) -> SourcePlace {
    functionPlaces[key] ?? SourcePlace(file: file, line: 1, column: 1)
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
