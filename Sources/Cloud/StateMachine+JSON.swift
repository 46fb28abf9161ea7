extension StateMachine {
  /// The machine as a document in the Amazon States Language.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "StartAt": .string(startAt), "States": .object(states.mapValues(\.json)),
    ]
    if let comment { members["Comment"] = .string(comment) }
    if let timeoutSeconds { members["TimeoutSeconds"] = .integer(timeoutSeconds) }
    return .object(members)
  }
}

extension State {
  /// The state as a document in the Amazon States Language; defaults are left out.
  fileprivate var json: JSONValue {
    var members = kindMembers
    if let comment { members["Comment"] = .string(comment) }
    if isChained { members[next == nil ? "End" : "Next"] = next.map { .string($0) } ?? true }
    members["InputPath"] = inputPath.json
    members["OutputPath"] = outputPath.json
    members["ResultPath"] = resultPath.json
    members["Parameters"] = parameters
    members["ResultSelector"] = resultSelector
    members["TimeoutSeconds"] = timeoutSeconds.map { .integer($0) }
    if !retry.isEmpty { members["Retry"] = .array(retry.map(\.json)) }
    if !catches.isEmpty { members["Catch"] = .array(catches.map(\.json)) }
    return .object(members)
  }

  private var isChained: Bool {
    switch kind {
    case .choice, .succeed, .fail: false
    default: true
    }
  }

  private var kindMembers: [String: JSONValue] {
    switch kind {
    case .task(let resource): return ["Type": "Task", "Resource": .string(resource)]
    case .parallel(let branches):
      return ["Type": "Parallel", "Branches": .array(branches.map(\.json))]
    case .map(let settings): return settings.members
    case .choice(let rules, let otherwise):
      var members: [String: JSONValue] = [
        "Type": "Choice", "Choices": .array(rules.map(\.json)),
      ]
      members["Default"] = otherwise.map { .string($0) }
      return members
    case .wait(let time): return ["Type": "Wait", time.member.name: time.member.value]
    case .pass(let result):
      return ["Type": "Pass"].merging(result.map { ["Result": $0] } ?? [:]) { $1 }
    case .succeed: return ["Type": "Succeed"]
    case .fail(let error, let cause):
      return ["Type": "Fail", "Error": .string(error), "Cause": .string(cause)]
    }
  }
}

extension State.MapSettings {
  fileprivate var members: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "Type": "Map", "ItemProcessor": iterator.json, "ItemsPath": .string(itemsPath),
      "MaxConcurrency": .integer(Int64(maxConcurrency)),
    ]
    members["ItemSelector"] = itemSelector
    return members
  }
}

extension State.WaitTime {
  fileprivate var member: (name: String, value: JSONValue) {
    switch self {
    case .seconds(let seconds):
      ("Seconds", Int64(exactly: seconds).map { .integer($0) } ?? .number(seconds))
    case .secondsPath(let path): ("SecondsPath", .string(path))
    case .timestamp(let text): ("Timestamp", .string(text))
    case .timestampPath(let path): ("TimestampPath", .string(path))
    }
  }
}

extension State.Path {
  /// Nil for the default, the whole document.
  fileprivate var json: JSONValue? {
    switch self {
    case .null: .null
    case .at("$"): nil
    case .at(let path): .string(path)
    }
  }
}

extension State.Retrier {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "ErrorEquals": .array(errors.map { .string($0) }), "BackoffRate": .number(backoffRate),
      "IntervalSeconds": .number(intervalSeconds), "MaxAttempts": .integer(Int64(maxAttempts)),
    ]
    members["MaxDelaySeconds"] = maxDelaySeconds.map { .number($0) }
    if hasFullJitter { members["JitterStrategy"] = "FULL" }
    return .object(members)
  }
}

extension State.Catcher {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "ErrorEquals": .array(errors.map { .string($0) }), "Next": .string(next),
    ]
    members["ResultPath"] = resultPath.json
    return .object(members)
  }
}

extension ChoiceRule {
  fileprivate var json: JSONValue {
    var members = condition.json.asObject ?? [:]
    members["Next"] = .string(next)
    return .object(members)
  }
}

extension ChoiceRule.Condition {
  fileprivate var json: JSONValue {
    switch self {
    case .and(let conditions): ["And": .array(conditions.map(\.json))]
    case .or(let conditions): ["Or": .array(conditions.map(\.json))]
    case .not(let condition): ["Not": condition.json]
    case .compare(let variable, let name, let value):
      ["Variable": .string(variable), name: value]
    }
  }
}
