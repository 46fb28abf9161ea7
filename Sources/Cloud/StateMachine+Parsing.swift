/// A document is no state machine of the Amazon States Language.
public struct StateMachineError: Error, Hashable, CustomStringConvertible {
  /// Where in the document, such as `States.Train.Retry[0]`.
  public let place: String
  /// What is wrong there.
  public let problem: String
  /// The text of it in errors and logs.
  public var description: String { "\(place.isEmpty ? "machine" : place): \(problem)" }
}

extension StateMachine {
  /// The machine that a text in the Amazon States Language defines.
  ///
  /// - Throws: `JSONError`, `StateMachineError`.
  public init(parsing text: String) throws {
    try self.init(json: try JSONValue(parsing: text))
  }

  /// The machine that a document in the Amazon States Language defines.
  public init(json: JSONValue) throws(StateMachineError) { try self.init(json, at: "") }

  fileprivate init(_ json: JSONValue, at place: String) throws(StateMachineError) {
    let fields = try Fields(
      json, at: place,
      allowed: ["Comment", "StartAt", "States", "TimeoutSeconds", "Version", "ProcessorConfig"])
    var states: [String: State] = [:]
    for (name, state) in try fields.object("States") {
      states[name] = try State(state, at: fields.place("States.\(name)"))
    }
    self.init(
      startAt: try fields.text("StartAt"), states: states, comment: try fields.text("Comment"),
      timeoutSeconds: try fields.integer("TimeoutSeconds"))
    try check(at: place)
  }

  /// Checks that every state named as a next one exists, and that the machine can end.
  private func check(at place: String) throws(StateMachineError) {
    func require(_ name: String, _ field: String) throws(StateMachineError) {
      if states[name] == nil {
        throw StateMachineError(place: place, problem: "\(field) names no state: '\(name)'")
      }
    }
    try require(startAt, "StartAt")
    for (name, state) in states.sorted(by: { $0.key < $1.key }) {
      if let next = state.next { try require(next, "Next of \(name)") }
      for catcher in state.catches { try require(catcher.next, "Catch of \(name)") }
      if case .choice(let rules, let otherwise) = state.kind {
        for rule in rules { try require(rule.next, "a choice of \(name)") }
        if let otherwise { try require(otherwise, "Default of \(name)") }
      }
    }
  }
}

extension State {
  private static let common = ["Type", "Comment", "InputPath", "OutputPath"]
  private static let chained = ["Next", "End"]
  private static let shaping = ["Parameters", "ResultSelector", "ResultPath", "Retry", "Catch"]

  fileprivate init(_ json: JSONValue, at place: String) throws(StateMachineError) {
    let type = json["Type"]?.asString ?? ""
    let own: [String]
    switch type {
    case "Task": own = State.chained + State.shaping + ["Resource", "TimeoutSeconds"]
    case "Parallel": own = State.chained + State.shaping + ["Branches"]
    case "Map":
      own =
        State.chained + State.shaping
        + ["Iterator", "ItemProcessor", "ItemsPath", "ItemSelector", "MaxConcurrency"]
    case "Choice": own = ["Choices", "Default"]
    case "Wait":
      own = State.chained + ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"]
    case "Pass": own = State.chained + ["Result", "Parameters", "ResultPath"]
    case "Succeed": own = []
    case "Fail": own = ["Error", "Cause"]
    default:
      throw StateMachineError(place: place, problem: "unknown Type '\(type)'")
    }
    let fields = try Fields(json, at: place, allowed: State.common + own)
    self.init(try State.kind(type, fields))
    comment = try fields.text("Comment")
    inputPath = try fields.path("InputPath")
    outputPath = try fields.path("OutputPath")
    resultPath = try fields.path("ResultPath")
    parameters = fields["Parameters"]
    resultSelector = fields["ResultSelector"]
    timeoutSeconds = try fields.integer("TimeoutSeconds")
    next = try fields.text("Next")
    if own.contains("End"), (next == nil) != (fields["End"]?.asBool ?? false) {
      throw StateMachineError(place: place, problem: "needs either Next or End")
    }
    for (index, retrier) in try fields.array("Retry").enumerated() {
      retry.append(try Retrier(retrier, at: fields.place("Retry[\(index)]")))
    }
    for (index, catcher) in try fields.array("Catch").enumerated() {
      catches.append(try Catcher(catcher, at: fields.place("Catch[\(index)]")))
    }
  }

  private static func kind(_ type: String, _ fields: Fields) throws(StateMachineError) -> Kind {
    switch type {
    case "Task": return .task(resource: try fields.text("Resource"))
    case "Parallel":
      var branches: [StateMachine] = []
      for (index, branch) in try fields.array("Branches").enumerated() {
        branches.append(try StateMachine(branch, at: fields.place("Branches[\(index)]")))
      }
      return .parallel(branches)
    case "Map": return .map(try MapSettings(fields))
    case "Choice":
      var rules: [ChoiceRule] = []
      for (index, rule) in try fields.array("Choices").enumerated() {
        rules.append(try ChoiceRule(rule, at: fields.place("Choices[\(index)]")))
      }
      return .choice(rules, otherwise: try fields.text("Default"))
    case "Wait": return .wait(try waitTime(fields))
    case "Pass": return .pass(result: fields["Result"])
    case "Succeed": return .succeed
    default:
      return .fail(error: try fields.text("Error") ?? "", cause: try fields.text("Cause") ?? "")
    }
  }

  private static func waitTime(_ fields: Fields) throws(StateMachineError) -> WaitTime {
    if let seconds = fields["Seconds"]?.asDouble { return .seconds(seconds) }
    if let path: String = try fields.text("SecondsPath") { return .secondsPath(path) }
    if let text: String = try fields.text("Timestamp") { return .timestamp(text) }
    if let path: String = try fields.text("TimestampPath") { return .timestampPath(path) }
    throw StateMachineError(place: fields.place, problem: "needs Seconds or Timestamp")
  }
}

extension State.MapSettings {
  fileprivate init(_ fields: Fields) throws(StateMachineError) {
    let name = fields["ItemProcessor"] == nil ? "Iterator" : "ItemProcessor"
    self.init(
      try StateMachine(fields[name] ?? nil, at: fields.place(name)),
      itemsPath: try fields.text("ItemsPath") ?? "$", itemSelector: fields["ItemSelector"],
      maxConcurrency: Int(try fields.integer("MaxConcurrency") ?? 0))
  }
}

extension State.Retrier {
  fileprivate init(_ json: JSONValue, at place: String) throws(StateMachineError) {
    let fields = try Fields(
      json, at: place,
      allowed: [
        "ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts", "MaxDelaySeconds",
        "JitterStrategy", "Comment",
      ])
    self.init(errors: try fields.array("ErrorEquals").compactMap(\.asString))
    intervalSeconds = fields["IntervalSeconds"]?.asDouble ?? intervalSeconds
    backoffRate = fields["BackoffRate"]?.asDouble ?? backoffRate
    maxAttempts = Int(try fields.integer("MaxAttempts") ?? Int64(maxAttempts))
    maxDelaySeconds = fields["MaxDelaySeconds"]?.asDouble
    hasFullJitter = fields["JitterStrategy"] == "FULL"
  }
}

extension State.Catcher {
  fileprivate init(_ json: JSONValue, at place: String) throws(StateMachineError) {
    let fields = try Fields(
      json, at: place, allowed: ["ErrorEquals", "Next", "ResultPath", "Comment"])
    self.init(
      errors: try fields.array("ErrorEquals").compactMap(\.asString),
      next: try fields.text("Next"), resultPath: try fields.path("ResultPath"))
  }
}

extension ChoiceRule {
  fileprivate init(_ json: JSONValue, at place: String) throws(StateMachineError) {
    guard let next = json["Next"]?.asString else {
      throw StateMachineError(place: place, problem: "needs Next")
    }
    self.init(try Condition(json, at: place), next: next)
  }
}

extension ChoiceRule.Condition {
  fileprivate init(_ json: JSONValue, at place: String) throws(StateMachineError) {
    if let inner = json["And"]?.asArray {
      self = .and(try ChoiceRule.Condition.all(inner, at: "\(place).And"))
    } else if let inner = json["Or"]?.asArray {
      self = .or(try ChoiceRule.Condition.all(inner, at: "\(place).Or"))
    } else if let inner = json["Not"] {
      self = .not(try ChoiceRule.Condition(inner, at: "\(place).Not"))
    } else {
      let operators = (json.asObject ?? [:])
        .filter { !["Variable", "Next", "Comment"].contains($0.key) }
      guard let variable = json["Variable"]?.asString, operators.count == 1,
        let only = operators.first
      else {
        throw StateMachineError(place: place, problem: "needs Variable and one comparison")
      }
      self = .compare(variable: variable, operator: only.key, value: only.value)
    }
  }

  private static func all(
    _ conditions: [JSONValue], at place: String
  ) throws(StateMachineError) -> [ChoiceRule.Condition] {
    var all: [ChoiceRule.Condition] = []
    for (index, condition) in conditions.enumerated() {
      all.append(try ChoiceRule.Condition(condition, at: "\(place)[\(index)]"))
    }
    return all
  }
}

/// The fields of an object of the document, of which only some are allowed.
private struct Fields {
  let place: String
  private let members: [String: JSONValue]

  init(
    _ json: JSONValue, at place: String, allowed: [String]
  ) throws(StateMachineError) {
    guard let members = json.asObject else {
      throw StateMachineError(place: place, problem: "must be an object")
    }
    if let unknown = members.keys.sorted().first(where: { !allowed.contains($0) }) {
      throw StateMachineError(place: place, problem: "unknown field '\(unknown)'")
    }
    self.place = place
    self.members = members
  }

  subscript(name: String) -> JSONValue? { members[name] }

  func place(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  func text(_ name: String) throws(StateMachineError) -> String? {
    guard let value = members[name] else { return nil }
    guard let text = value.asString else { throw wrong(name, "a string") }
    return text
  }

  func text(_ name: String) throws(StateMachineError) -> String {
    guard let text: String = try text(name) else { throw wrong(name, "a string") }
    return text
  }

  func integer(_ name: String) throws(StateMachineError) -> Int64? {
    guard let value = members[name] else { return nil }
    guard let integer = value.asInteger, integer >= 0 else {
      throw wrong(name, "a whole number")
    }
    return integer
  }

  func array(_ name: String) throws(StateMachineError) -> [JSONValue] {
    guard let value = members[name] else { return [] }
    guard let array = value.asArray else { throw wrong(name, "an array") }
    return array
  }

  func object(_ name: String) throws(StateMachineError) -> [(key: String, value: JSONValue)] {
    guard let object = members[name]?.asObject else { throw wrong(name, "an object") }
    return object.sorted { $0.key < $1.key }
  }

  func path(_ name: String) throws(StateMachineError) -> State.Path {
    if members[name] == .null { return .null }
    guard let text: String = try text(name) else { return .at("$") }
    return .at(text)
  }

  private func wrong(_ name: String, _ kind: String) -> StateMachineError {
    StateMachineError(place: place(name), problem: "must be \(kind)")
  }
}
