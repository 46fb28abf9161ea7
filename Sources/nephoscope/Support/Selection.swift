import ArgumentParser
import Scenarios

/// Which runs of a scenario are wanted: `framework=spirt,replication=2,workers=4`.
struct Selection: ExpressibleByArgument, CustomStringConvertible {
  /// Keys with the values they must have, in the order given.
  let conditions: [(key: String, value: String)]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let conditions = parts.compactMap { part -> (key: String, value: String)? in
      let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmingSpaces }
      return sides.count == 2 ? (sides[0], sides[1]) : nil
    }
    guard conditions.count == parts.count else { return nil }
    self.conditions = conditions
  }

  var description: String {
    conditions.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }

  /// The plans among `plans` that meet every condition.
  ///
  /// - Throws: `Fault` where a key names nothing that the plans differ in, or none is left.
  func filter(_ plans: [RunPlan]) throws -> [RunPlan] {
    for (key, _) in conditions where !plans.contains(where: { Self.value(key, of: $0) != nil }) {
      let keys =
        ["framework", "variant", "replication"] + (plans.first?.parameters.map(\.name) ?? [])
      throw Fault(
        .usage,
        "--only: there is no '\(key)'; what runs differ in is \(keys.joined(separator: ", "))")
    }
    let chosen = plans.filter { plan in
      conditions.allSatisfy { Self.value($0.key, of: plan) == $0.value }
    }
    guard !chosen.isEmpty else { throw Fault(.usage, "--only: no run has \(description)") }
    return chosen
  }

  private static func value(_ key: String, of plan: RunPlan) -> String? {
    switch key {
    case "framework": plan.framework.name
    case "variant": plan.framework.variant
    case "replication": String(plan.replication)
    default: plan.parameters.first { $0.name == key }?.value
    }
  }
}

extension Substring {
  /// The text without spaces at its ends.
  var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
