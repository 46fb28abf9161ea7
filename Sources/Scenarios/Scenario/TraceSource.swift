public import Traces

/// A recorded trace that gives the latency of an operation.
public struct TraceSource: Sendable, Hashable {
  /// How samples become latencies.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Drawn at random, with replacement.
    case resample
    /// In the order of the file.
    case replay
  }

  /// What follows the last row of a replay.
  public enum End: String, Sendable, Hashable, CaseIterable {
    /// The first row again.
    case `repeat`
    /// An error that says so.
    case error
  }

  /// The operation, as in `object-store.get`.
  public let operation: String
  /// The path of the file.
  public let file: String
  /// The column of latencies.
  public let column: String
  /// The unit of the column; nil if its name ends in one.
  public let unit: TraceUnit?
  /// Which rows count; all must match.
  public let filters: [TraceFile.Filter]
  /// What becomes of rows without a value.
  public let missing: TraceFile.Missing
  /// How samples become latencies.
  public let mode: Mode
  /// What follows the last row of a replay.
  public let atEnd: End
  /// Whether the recorded time includes the transfer of the bytes.
  public let includesTransfer: Bool
  /// Where the scenario names the trace.
  public let place: SourcePlace
}

extension TraceSource {
  /// Samples to be drawn at random, from a file that no scenario names.
  public init(
    of operation: String, in file: String, column: String, unit: TraceUnit? = nil,
    where filters: [TraceFile.Filter] = [], missing: TraceFile.Missing = .error
  ) {
    self.init(
      operation: operation, file: file, column: column, unit: unit, filters: filters,
      missing: missing, mode: .resample, atEnd: .repeat, includesTransfer: false,
      place: SourcePlace(file: file, line: 1, column: 1))
  }
}
