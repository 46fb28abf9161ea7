import ArgumentParser
import Scenarios

extension RunSelection: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }

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
