internal import SimulationKernel

/// A service that runs state machines, such as AWS Step Functions.
public final class Workflow {
  /// How executions are billed and limited.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// By the state entered; up to a year and 25,000 events of history.
    case standard
    /// By execution, memory and time; up to five minutes.
    case express
  }

  /// What a Task state calls: its input to its result.
  public typealias Tasks = [String: (JSONValue) async throws -> JSONValue]

  /// The machine that it runs.
  public let machine: StateMachine
  /// How executions are billed.
  public let kind: Kind
  /// The names of the states in the order in which they were entered, over all executions.
  public internal(set) var enteredStates: [String] = []

  let region: Region
  let rules: WorkflowRules
  let endpoint: ServiceEndpoint
  let transition: LatencySource
  private let startOperation: ServiceEndpoint.Operation
  private var executionCount = 0

  init(_ region: Region, _ machine: StateMachine, kind: Kind) throws(ProviderError) {
    self.region = region
    self.machine = machine
    self.kind = kind
    rules = try WorkflowRules(region, kind)
    endpoint = try ServiceEndpoint(region, service: "workflow")
    transition = region.source(of: rules.transition, for: "workflow.transition")
    startOperation = try endpoint.operation(
      "start", billedAs: kind == .express ? "express-request" : nil)
    try region.requirePrice(service: "workflow", item: "transition")
    try region.requirePrice(service: "workflow", item: "express-duration")
  }

  /// Starts an execution and waits for its output.
  ///
  /// - Parameters:
  ///   - input: the first state's input.
  ///   - name: the name of the execution in logs; a number when nil.
  ///   - tasks: what the resources of the machine's Task states are.
  /// - Throws: `WorkflowFailed`.
  public func start(
    input: JSONValue, named name: String? = nil, tasks: Tasks
  ) async throws -> JSONValue {
    executionCount += 1
    let name = name ?? "execution \(executionCount)"
    let size = input.description.utf8.count
    try rules.checkPayload(size)
    return try await endpoint.perform(startOperation, on: name, sending: size) {
      let execution = WorkflowExecution(self, name: name, input: input, tasks: tasks)
      return .init(try await execution.run())
    }
  }
}

/// An execution of a workflow ended with an error that nothing caught.
public struct WorkflowFailed: Error, CustomStringConvertible {
  /// The error's name, such as `States.TaskFailed`.
  public let error: String
  /// What is known about it.
  public let cause: String
  /// The state in which it happened.
  public let state: String
  /// What a task threw, if one did.
  public let underlying: (any Error)?
  /// The text of it in errors and logs.
  public var description: String { "workflow failed in \(state): \(error): \(cause)" }
}

/// An error that a task throws to be told apart by Retry and Catch.
public struct TaskError: Error, Hashable, CustomStringConvertible {
  /// Its name, such as `Model.NotFound`.
  public let error: String
  /// What is known about it.
  public let cause: String
  /// An error with a name.
  public init(_ error: String, cause: String = "") {
    self.error = error
    self.cause = cause
  }
  /// The text of it in errors and logs.
  public var description: String { "\(error): \(cause)" }
}

/// The workflow service's limits and times, read once from the provider.
struct WorkflowRules {
  let transition: LatencyModel
  let payloadLimit: Int
  let historyLimit: Int
  let executionLimit: Duration
  let mapConcurrency: Int
  let expressMemoryMB: Int
  let expressGranularity: Duration

  init(_ region: Region, _ kind: Workflow.Kind) throws(ProviderError) {
    transition = try region.latency("workflow.transition")
    payloadLimit = try region.fact(Provider.bytes, "workflow.payload-max")
    historyLimit = try region.fact(Provider.count, "workflow.history-max")
    executionLimit = try region.fact(
      Provider.duration, "workflow.\(kind.rawValue)-duration-max")
    mapConcurrency = try region.fact(Provider.count, "workflow.map-concurrency-max")
    expressMemoryMB = try region.fact(Provider.bytes, "workflow.express-memory") / 1_048_576
    expressGranularity = try region.fact(Provider.duration, "workflow.express-granularity")
  }

  /// - Throws: `PayloadTooLarge`.
  func checkPayload(_ byteCount: Int) throws {
    if byteCount > payloadLimit {
      throw PayloadTooLarge(
        operation: "workflow.state", byteCount: byteCount, limit: payloadLimit)
    }
  }
}
