import Cloud
import Foundation
import SimulationKernel
import Testing

/// A machine that moto has run, with what moto said.
private struct MotoCase: CustomStringConvertible, Sendable {
  let name: String
  let document: JSONValue
  var description: String { name }

  static let all: [MotoCase] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../analysis/states-language/expected.json")
    do {
      let document = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
      return (document.asObject ?? [:]).sorted { $0.key < $1.key }
        .map { MotoCase(name: $0.key, document: $0.value) }
    } catch {
      preconditionFailure("\(file.path): \(error)")
    }
  }()
}

/// The functions that the machines call, as in `run_moto.py`.
private func motoTasks() -> Workflow.Tasks {
  let prefix = "arn:aws:lambda:us-east-1:123456789012:function:"
  var flakyCalls = 0
  func failure(_ name: String) -> TaskError {
    TaskError(name, cause: "{\"errorMessage\":\"failed\",\"errorType\":\"\(name)\"}")
  }
  return [
    prefix + "double": { input in
      var members = try #require(input.asObject)
      members["x"] = .integer(2 * (try #require(input["x"]?.asInteger)))
      return .object(members)
    },
    prefix + "echo": { $0 },
    prefix + "sum": { .integer(($0.asArray ?? []).compactMap(\.asInteger).reduce(0, +)) },
    prefix + "flaky": { _ in
      flakyCalls += 1
      if flakyCalls <= 2 { throw failure("Flaky") }
      return "recovered"
    },
    prefix + "broken": { _ in throw failure("Broken") },
  ]
}

@Suite("States Language") struct StatesLanguageTests {
  /// Nothing but the machines' own waits takes time.
  private static let noLatency: [String: ProviderValue] = [
    "workflow.transition": .duration(.zero), "workflow.start": .duration(.zero),
    "workflow.connection-bandwidth": .bytesPerSecond(1e18),
    "sdk.client-bandwidth": .bytesPerSecond(1e18),
  ]

  @Test("gives moto's outputs, state entries and waits", arguments: MotoCase.all)
  private func moto(example: MotoCase) throws {
    let machine = try StateMachine(json: try #require(example.document["machine"]))
    let input = try #require(example.document["input"])
    var outcome: JSONValue?
    var failure: WorkflowFailed?
    var entered: [String] = []
    let region = try simulate(Self.noLatency) { region in
      let workflow = try region.workflow(machine)
      do {
        outcome = try await workflow.start(input: input, tasks: motoTasks())
      } catch let error as WorkflowFailed {
        failure = error
      }
      entered = workflow.enteredStates
    }
    #expect(outcome == example.document["output"])
    let error = example.document["error"]?.asString
    #expect((failure == nil) == (error == nil))
    if let error, error != "States.Runtime" { #expect(failure?.error == error) }
    // Branches run at the same time: their order within a Parallel state is the machine's.
    let expected = (example.document["entered"]?.asArray ?? []).compactMap(\.asString)
    let isParallel = example.document["machine"]?.description.contains("Parallel") ?? false
    #expect(isParallel ? entered.sorted() == expected.sorted() : entered == expected)
    let waited = try #require(example.document["waited"]?.asDouble)
    #expect(abs(region.simulation.now.seconds - waited) < 1e-6)
    // Every state entered is billed once, and every new attempt.
    let transitions = region.meter.usage(service: "workflow", item: "transition")
    #expect(transitions >= Int64(expected.count))
  }

  @Test("has been compared on more than a dozen machines")
  func count() { #expect(MotoCase.all.count >= 12) }

  @Test("prints machines that parse to themselves", arguments: MotoCase.all)
  private func roundTrip(example: MotoCase) throws {
    let machine = try StateMachine(json: try #require(example.document["machine"]))
    #expect(try StateMachine(parsing: machine.json.prettyPrinted) == machine)
  }

  @Test("retries and times out in virtual time")
  func timeout() throws {
    let text = """
      {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "slow", "TimeoutSeconds": 2,
        "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "B"}], "End": true},
        "B": {"Type": "Pass", "InputPath": "$.Error", "End": true}}}
      """
    let region = try simulate(Self.noLatency) { region in
      let workflow = try region.workflow(try StateMachine(parsing: text))
      let output = try await workflow.start(
        input: [:],
        tasks: [
          "slow": { input in
            try await region.simulation.sleep(for: .seconds(9))
            return input
          }
        ])
      #expect(output == "States.Timeout")
    }
    // Three times two seconds, and pauses of one and two.
    #expect(abs(region.simulation.now.seconds - 9) < 1e-6)
    #expect(region.meter.usage(service: "workflow", item: "transition") == 4)
  }

  @Test("runs branches at the same time, and iterations as many as allowed")
  func concurrency() throws {
    func machine(_ concurrency: Int) throws -> StateMachine {
      try StateMachine(
        parsing: """
          {"StartAt": "A", "States": {"A": {"Type": "Map", "MaxConcurrency": \(concurrency),
            "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10,
            "End": true}}}, "End": true}}}
          """)
    }
    for (concurrency, seconds) in [(0, 30.0), (1, 1000.0), (50, 30.0), (25, 40.0)] {
      let machine = try machine(concurrency)
      let region = try simulate(Self.noLatency) { region in
        let workflow = try region.workflow(machine)
        _ = try await workflow.start(input: .array((0..<100).map { .integer($0) }), tasks: [:])
      }
      // 100 waits of 10 s, 40 at a time at most.
      #expect(abs(region.simulation.now.seconds - seconds) < 1e-6)
    }
  }

  @Test("ends an execution whose history is too long")
  func history() throws {
    let text = """
      {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Pass", "Next": "A"}}}
      """
    #expect(throws: WorkflowFailed.self) {
      try simulate(Self.noLatency) { region in
        let workflow = try region.workflow(try StateMachine(parsing: text))
        _ = try await workflow.start(input: [:], tasks: [:])
      }
    }
  }

  @Test("bills Express executions by request, memory and time")
  func express() throws {
    let text = """
      {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 2, "End": true}}}
      """
    let region = try simulate(Self.noLatency) { region in
      let workflow = try region.workflow(try StateMachine(parsing: text), kind: .express)
      _ = try await workflow.start(input: [:], tasks: [:])
    }
    // 64 MB for 2 s are 0.125 GB-s at 0.00001667 USD, and a request 0.000001 USD.
    #expect(region.bill().total == (try usd("0.00000308375")))
  }

  @Test(
    "says what is wrong with a machine, and where",
    arguments: [
      (#"{"StartAt": "A", "States": {}}"#, "machine: StartAt names no state: 'A'"),
      (
        #"{"StartAt": "A", "States": {"A": {"Type": "Pas", "End": true}}}"#,
        "States.A: unknown Type 'Pas'"
      ),
      (
        #"{"StartAt": "A", "States": {"A": {"Type": "Pass"}}}"#,
        "States.A: needs either Next or End"
      ),
      (
        #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Retri": []}}}"#,
        "States.A: unknown field 'Retri'"
      ),
      (
        #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}"#,
        "machine: Next of A names no state: 'B'"
      ),
    ])
  func errors(text: String, message: String) throws {
    let error = #expect(throws: StateMachineError.self) { try StateMachine(parsing: text) }
    #expect(error?.description == message)
  }

  @Test("reads single elements as AWS does, from either end")
  func elements() throws {
    let text = """
      {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true,
        "Parameters": {"second.$": "$.w[1].rank", "last.$": "$['w'][-1].rank"}}}}
      """
    try simulate(Self.noLatency) { region in
      let workflow = try region.workflow(try StateMachine(parsing: text))
      let output = try await workflow.start(
        input: ["w": [["rank": 0], ["rank": 1], ["rank": 2]]], tasks: [:])
      #expect(output == ["second": 1, "last": 2])
    }
  }
}
