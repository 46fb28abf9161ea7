import Cloud
import SimulationKernel
import Testing

@Suite("Intrinsic functions") struct IntrinsicTests {
  /// The values of one expression, evaluated so many times by one execution.
  private func evaluate(
    _ expression: String, times: Int = 1, seed: UInt64 = 1
  ) throws -> [JSONValue] {
    var values: [JSONValue] = []
    try simulate(seed: seed) { region in
      let machine = StateMachine(
        sequence: (0..<times).map { index in
          var state = State(.pass(result: nil))
          state.parameters = ["value.$": .string(expression)]
          state.resultPath = .at("$.r\(index)")
          return ("Draw \(index)", state)
        })
      let output = try await region.workflow(machine).start(input: [:], tasks: [:])
      values = (0..<times).compactMap { output["r\($0)"]?["value"] }
    }
    return values
  }

  @Test("draw identifiers of version 4, the same for the same seed")
  func uuid() throws {
    let identifiers = try evaluate("States.UUID()", times: 100).compactMap(\.asString)
    let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
    #expect(identifiers.allSatisfy { $0.wholeMatch(of: form) != nil })
    #expect(Set(identifiers).count == 100)
    #expect(try evaluate("States.UUID()", times: 100).compactMap(\.asString) == identifiers)
    #expect(try evaluate("States.UUID()", seed: 2) != evaluate("States.UUID()"))
  }

  @Test("draw numbers from the start on and below the end")
  func random() throws {
    let draws = try evaluate("States.MathRandom(3, 8)", times: 400).compactMap(\.asInteger)
    let counts = (3..<8).map { value in draws.count { $0 == value } }
    #expect(counts.reduce(0, +) == 400)
    // Chi-square of five equally likely values: 18.5 is passed once in a thousand times.
    let chiSquare = counts.map { Double($0 - 80) }.reduce(0) { $0 + $1 * $1 / 80 }
    #expect(chiSquare < 18.5)
    #expect(try evaluate("States.MathRandom(3, 4)", times: 9).allSatisfy { $0 == 3 })
  }

  @Test("draw the same number for the same seed of the caller's")
  func seeded() throws {
    let draws = try evaluate("States.MathRandom(0, 1000000, 7)", times: 3)
    #expect(Set(draws).count == 1)
    #expect(try evaluate("States.MathRandom(0, 1000000, 7)", seed: 2) == [draws[0]])
    #expect(try evaluate("States.MathRandom(0, 1000000, 8)") != [draws[0]])
  }

  @Test(
    "refuse wrong arguments",
    arguments: [
      "States.MathRandom(5, 5)", "States.MathRandom(1)", "States.UUID(1)",
      "States.Hash('a', 'CRC')", "States.Hash('a')", "States.Hash(1, 'MD5')", "States.Sha('a')",
    ])
  func mistakes(expression: String) {
    let error = #expect(throws: WorkflowFailed.self) { try evaluate(expression) }
    #expect(error?.error == "States.IntrinsicFailure")
  }
}
