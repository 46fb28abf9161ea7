internal import SimulationKernel

/// Fills in what a state's templates and paths refer to.
struct StateTemplate {
  let input: JSONValue
  let context: StateContext

  /// What lies at a path of the input, or of the context with `$$`.
  func value(at path: String) throws(StateFailure) -> JSONValue {
    let parsed = try StatePath(path)
    let document = parsed.isContext ? .object(context.document) : input
    guard let value = parsed.value(in: document) else {
      throw StateFailure("States.Runtime", "nothing is at '\(path)' in the state's input")
    }
    return value
  }

  /// The part of the input that a path takes; an empty object for the path `null`.
  func select(_ path: State.Path) throws(StateFailure) -> JSONValue {
    switch path {
    case .null: [:]
    case .at(let path): try value(at: path)
    }
  }

  /// A template with its members whose names end in `.$` filled in.
  func fill(_ template: JSONValue) throws(StateFailure) -> JSONValue {
    switch template {
    case .object(let members):
      var filled: [String: JSONValue] = [:]
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        if name.hasSuffix(".$") {
          guard let expression = value.asString else {
            throw StateFailure("States.Runtime", "the value of '\(name)' must be a path")
          }
          filled[String(name.dropLast(2))] = try evaluate(expression)
        } else {
          filled[name] = try fill(value)
        }
      }
      return .object(filled)
    case .array(let elements):
      var filled: [JSONValue] = []
      for element in elements { filled.append(try fill(element)) }
      return .array(filled)
    default: return template
    }
  }

  /// The value of a path or of a call of an intrinsic function.
  func evaluate(_ expression: String) throws(StateFailure) -> JSONValue {
    if expression.hasPrefix("$") { return try value(at: expression) }
    var call = IntrinsicCall(expression, in: self)
    return try call.evaluate()
  }
}
