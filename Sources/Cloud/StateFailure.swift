internal import SimulationKernel

/// An error of a state, with the name by which Retry and Catch know it.
struct StateFailure: Error {
  let error: String
  let cause: String
  var state = ""
  var underlying: (any Error)?

  init(_ error: String, _ cause: String, in state: String = "") {
    self.error = error
    self.cause = cause
    self.state = state
  }

  /// What a task threw, under the name that the workflow service gives it.
  init(_ thrown: any Error, in state: String) {
    switch thrown {
    case let failure as StateFailure:
      self = failure
      if self.state.isEmpty { self.state = state }
      return
    case let task as TaskError: (error, cause) = (task.error, task.cause)
    case let failed as WorkflowFailed: (error, cause) = (failed.error, failed.cause)
    case let limit as TimedOut: (error, cause) = ("States.Timeout", "\(limit)")
    case let limit as FunctionTimedOut: (error, cause) = ("Sandbox.Timedout", "\(limit)")
    case let memory as OutOfMemory: (error, cause) = ("Runtime.OutOfMemory", "\(memory)")
    case let throttle as Throttled:
      (error, cause) = ("Lambda.TooManyRequestsException", "\(throttle)")
    case let failed as ServiceUnavailable:
      (error, cause) = ("Lambda.ServiceException", "\(failed)")
    case let size as PayloadTooLarge: (error, cause) = ("States.DataLimitExceeded", "\(size)")
    default: (error, cause) = ("States.TaskFailed", "\(thrown)")
    }
    self.state = state
    underlying = thrown
  }

  /// Whether a Retry or Catch that lists `names` is for this error.
  func matches(_ names: [String]) -> Bool {
    names.contains { name in
      switch name {
      case "States.ALL": error != "States.DataLimitExceeded" && error != "States.Runtime"
      case "States.TaskFailed": error != "States.Timeout" && !isOfTheInterpreter
      default: name == error
      }
    }
  }

  private var isOfTheInterpreter: Bool {
    error.hasPrefix("States.") && error != "States.TaskFailed"
  }

  /// What a Catch puts into the state's output.
  var json: JSONValue { ["Error": .string(error), "Cause": .string(cause)] }
}

/// What `$$` shows of the execution.
struct StateContext {
  var document: [String: JSONValue]
  let luck: IntrinsicLuck

  init(name: String, input: JSONValue, luck: IntrinsicLuck) {
    self.luck = luck
    document = ["Execution": ["Name": .string(name), "Id": .string(name), "Input": input]]
  }

  func entering(_ state: String, at instant: Instant) -> StateContext {
    var context = self
    context.document["State"] = [
      "Name": .string(state), "EnteredTime": .string(Timestamp.text(instant)), "RetryCount": 0,
    ]
    return context
  }

  func retrying(_ count: Int) -> StateContext {
    var context = self
    if case .object(var state)? = document["State"] {
      state["RetryCount"] = .integer(Int64(count))
      context.document["State"] = .object(state)
    }
    return context
  }

  func mapping(_ item: JSONValue, index: Int) -> StateContext {
    var context = self
    context.document["Map"] = ["Item": ["Index": .integer(Int64(index)), "Value": item]]
    return context
  }
}
