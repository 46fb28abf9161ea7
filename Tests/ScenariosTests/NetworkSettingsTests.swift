import Cloud
import Scenarios
import Testing

@Suite struct NetworkSettingsTests {
  /// A short run of SPIRT, whose functions use servers of their own, a queue and a workflow.
  private func run(_ settings: String) throws -> RunResult {
    let scenario = try ScenarioReader(vocabulary: .program).read(
      text: """
        frameworks: [spirt]
        workers: 2
        training: { gradients: none, model: mlp, dataset: fashion-mnist, batch-size: 8, steps: 4 }
        \(settings)

        """, file: "test.yaml")
    let options = RunnerOptions(threads: 1)
    var planner = RunPlanner(options: options)
    return try Runner(options: options).run(planner.plans(for: scenario))[0]
  }

  @Test func `A private network and log lines are on the bill where a scenario wants them`() throws
  {
    let open = try run("")
    let network = try run("network: { access: nat, zones: 2, cross-zone: 0.5 }\nlogs: true")
    #expect(!open.bill.lines.contains { $0.service == "network" || $0.service == "logs" })
    // Nothing else changes: the network is what it was.
    #expect(network.time == open.time && network.requests == open.requests)
    func quantity(_ item: String) throws -> Int64 {
      try #require(network.bill.lines.first { $0.item == item }).quantity
    }
    // Two gateways for one begun hour at 0.045 USD.
    #expect(try quantity("nat-hours") == 2 * 3600)
    let bytes = Dictionary(uniqueKeysWithValues: network.bytes.map { ($0.name, $0.value) })
    let inside = (bytes["memory-store.in"] ?? 0) + (bytes["memory-store.out"] ?? 0)
    // Half of what goes to the databases and back crosses zones, and is billed on both sides.
    #expect(inside > 0)
    #expect(try quantity("cross-zone") == (inside + 1023) / 1024)
    // START, END and REPORT of every invocation: some 400 bytes.
    let invocations = network.requests.first { $0.name == "function.invoke" }?.value ?? 0
    #expect(invocations > 0)
    #expect(try quantity("ingest") == (invocations * 400 + 1023) / 1024)
  }

  @Test func `Endpoints cost nothing for object stores and something for queues`() throws {
    let run = try run("network: { access: endpoints }")
    let hours = try #require(run.bill.lines.first { $0.item == "endpoint-hours" })
    // One each for the queue, the workflow and the functions that are invoked.
    #expect(hours.quantity == 3 * 3600)
    #expect(hours.amount.decimalUSD == "0.030000000000")
  }

  @Test(
    arguments: [
      ("network: { access: vpn }", "test.yaml:4:20: network.access: there is no access 'vpn'"),
      ("network: { zones: 0 }", "test.yaml:4:19: network.zones: 0 is out of range"),
      ("network: { cross-zone: 2 }", "test.yaml:4:24: network.cross-zone: 2 is out of range"),
    ])
  func `Wrong settings are errors with their place`(text: String, message: String) {
    let error = #expect(throws: ScenarioErrors.self) { try run(text) }
    #expect(error?.issues.first?.description.hasPrefix(message) ?? false, "\(error?.issues ?? [])")
  }
}
