internal import SimulationKernel

/// One run of a function, or one event that a function will run for.
public final class Invocation<Result> {
  /// Where it runs; nil for an event until its run was begun, and for the events' driver.
  public internal(set) var environment: ExecutionEnvironment?

  var process: Process?
  var result: Result?
  private let simulation: Simulation

  init(_ simulation: Simulation) { self.simulation = simulation }

  /// Whether it has ended, well or not.
  public var isFinished: Bool { process?.isFinished ?? false }

  /// Waits for its end and returns its result.
  ///
  /// - Throws: what the function threw.
  public func value() async throws -> Result {
    guard let process else { preconditionFailure("an invocation is handed out with its process") }
    try await simulation.join(process)
    guard let result else { preconditionFailure("a run without an error has a result") }
    return result
  }
}
