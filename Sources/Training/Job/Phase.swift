public import SimulationKernel

/// What a worker does with its time; the phases of a worker partition its timeline.
public enum Phase: String, CaseIterable, Sendable {
  /// From the request to the first statement of the function: sandbox, download, init, imports.
  case coldStart = "cold start"
  /// State transitions of a workflow and the invocation of functions that are warm.
  case orchestrate
  /// Reading training data.
  case fetch
  /// Forward and backward pass.
  case compute
  /// Serialising and writing gradients, updates or chunks, and deleting what has been read.
  case upload
  /// Waiting for others, polling included.
  case wait
  /// Reading and deserialising gradients, updates, chunks or models.
  case download
  /// Adding gradients or updates up.
  case aggregate
  /// Applying the result to the model.
  case update
}

/// The time of one worker, by phase: a phase lasts until the next one begins.
public struct PhaseTimeline: Sendable {
  /// Time spent in each phase, in the order of `Phase.allCases`.
  public private(set) var durations: [Duration]
  private var phase: Phase
  private var since: Instant

  /// A timeline that begins in `phase`.
  public init(_ phase: Phase, at start: Instant) {
    durations = [Duration](repeating: .zero, count: Phase.allCases.count)
    self.phase = phase
    since = start
  }

  /// Ends the present phase and begins another.
  public mutating func begin(_ next: Phase, at now: Instant) {
    durations[Phase.allCases.firstIndex(of: phase) ?? 0] += now - since
    phase = next
    since = now
  }

  /// Says that the present phase was another one all along.
  public mutating func relabel(_ phase: Phase) { self.phase = phase }

  /// The time spent in a phase that has ended.
  public subscript(_ phase: Phase) -> Duration {
    durations[Phase.allCases.firstIndex(of: phase) ?? 0]
  }
}
