public import Cloud
internal import Traces

extension TraceLibrary {
  /// The latencies that the traces of `scenario` put in the place of the provider's, by operation.
  ///
  /// - Throws: `ScenarioErrors` with every unknown operation, missing file and bad row.
  public func latencies(
    of scenario: Scenario, provider: Provider
  ) throws(ScenarioErrors) -> [String: LatencyOverride] {
    var log = IssueLog()
    let recordings = recordings(of: scenario.traces, provider: provider, into: &log)
    try log.throwIfAny()
    var latencies: [String: LatencyOverride] = [:]
    for (source, samples) in recordings {
      latencies[source.operation] = LatencyOverride(
        source.latencyModel(of: samples), includesTransfer: source.includesTransfer)
    }
    return latencies
  }

  /// Reads the samples of traces; every unknown operation, missing file and first bad row of a file
  /// goes to the log.
  func recordings(
    of sources: [TraceSource], provider: Provider, into log: inout IssueLog
  ) -> [(source: TraceSource, samples: Samples)] {
    let operations = provider.entries.map(\.key).filter { key in
      if case .latency = provider[key] { true } else { Operations.names.contains(key) }
    }
    var recordings: [(TraceSource, Samples)] = []
    for source in sources {
      let path = "traces." + source.operation
      if !operations.contains(source.operation) {
        log.report(
          source.place, path, "\(provider.name)/\(provider.region) has no latency of this name",
          allowed: operations.joined(separator: ", "),
          hint: Suggestion.nearest(to: source.operation, among: operations))
      }
      guard let file = trace(source.file) else {
        log.report(
          source.place, path,
          "there is no trace '\(source.file)' in \(directories.joined(separator: ", "))")
        continue
      }
      do {
        let samples = try file.samples(
          column: source.column, unit: source.unit, where: source.filters, missing: source.missing)
        recordings.append((source, samples))
      } catch {
        let place = SourcePlace(
          file: error.file, line: error.line ?? 1, column: error.column ?? 1)
        log.report(place, path, error.message)
      }
    }
    return recordings
  }
}

extension TraceSource {
  /// The samples as the source says they become latencies.
  func latencyModel(of samples: Samples) -> LatencyModel {
    switch mode {
    case .resample: .samples(samples.durations)
    case .replay: .replay(samples.durations, atEnd: atEnd == .error ? .error : .repeat)
    }
  }
}
