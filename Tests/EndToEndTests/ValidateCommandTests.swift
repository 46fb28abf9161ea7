import Foundation
import Testing

@Suite("The validate command") struct ValidateCommandTests {
  /// Two runs of a second's work each, of which one step computes for 10 s with one worker.
  private static let scenario = """
    name: Known
    frameworks: [one-machine]
    training:
      gradients: none
      samples: 4
      batch-size: 1
      steps: 1
      priced-as: { parameters: 1, forward: 1 FLOP, sample-size: 1 B }
    function: { memory: 3008 MB }
    compute: { overhead: 10 s }
    sweep: { workers: [1, 2] }
    published:
      - source: A paper, table 1
        obtained: table
        points:
          - { phase-time: 8 s, phases: [compute], for: { workers: 1 } }
          - { updates: 1, for: { workers: 1 }, calibrates: true }

    """

  @Test("says by how much a prediction misses what was measured, and exits with 0")
  func misses() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.scenario, to: "known.yaml")
      let output = try tool.run("validate", "known.yaml")
      #expect(output.status == 0, "\(output.error)")
      #expect(output.out.hasPrefix("A paper, table 1\nprinted in a table, known.yaml\n"))
      #expect(output.out.contains("1 point: median error 25.0 %"), "\(output.out)")
      #expect(output.out.contains("Scenarios are fitted to 1 more"))
      // The run with two workers is in no point: it is not made.
      let json = try tool.run("validate", "known.yaml", "--json")
      #expect(json.error.contains("1 of 1 runs are in ./nephoscope.sqlite already"))
      let errors = try #require(try json.document()["errors"] as? [String: Any])
      #expect(errors["points"] as? Int == 1)
      #expect(abs(try #require(errors["median"] as? Double) - 0.25) < 0.001)
      #expect(try tool.run("compare", "1", "2").status == 66)
      // What run has made is not made again.
      #expect(try tool.run("run", "known.yaml").error.contains("1 of 2 runs are in"))
    }
  }

  @Test("without arguments takes the files of scenarios/papers that have something published")
  func folder() throws {
    try Tool.inDirectory { tool in
      let nothing = try tool.run("validate")
      #expect(nothing.status == 64)
      #expect(nothing.error.contains("name scenario files that have 'published'"))
      try FileManager.default.createDirectory(
        atPath: tool.path("scenarios/papers/providers"), withIntermediateDirectories: true)
      try tool.write(Quick.scenario, to: "scenarios/papers/a-prediction.yaml")
      #expect(try tool.run("validate").status == 64)
      try tool.write(Self.scenario, to: "scenarios/papers/known.yaml")
      let output = try tool.run("validate")
      #expect(output.status == 0, "\(output.error)")
      #expect(output.out.contains("printed in a table, scenarios/papers/known.yaml"))
    }
  }

  @Test("a modelled failure leaves its points without prediction and exits with 2")
  func failure() throws {
    try Tool.inDirectory { tool in
      try tool.write(
        Self.scenario.replacing("compute: { overhead: 10 s }", with: "compute: { overhead: 2 h }")
          + "limits: { virtual-time: 1 h }\n", to: "known.yaml")
      let output = try tool.run("validate", "known.yaml")
      #expect(output.status == 2)
      #expect(output.out.contains("failed: "), "\(output.out)")
      #expect(output.out.contains("No completed run predicts 2 of them."))
      #expect(output.error.contains("one-machine workers=1, replication 0 failed: "))
    }
  }

  @Test("says all mistakes of all files before it runs anything")
  func mistakes() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      let unpublished = try tool.run("validate", "quick.yaml")
      #expect(unpublished.status == 65)
      #expect(unpublished.error.contains("quick.yaml: the scenario has nothing 'published'"))
      #expect(try tool.run("validate", "none.yaml").status == 66)
      for name in ["a.yaml", "b.yaml"] {
        try tool.write(Self.scenario.replacing("workers: 1", with: "workers: 7"), to: name)
      }
      let output = try tool.run("validate", "a.yaml", "b.yaml")
      #expect(output.status == 65 && output.out.isEmpty)
      for name in ["a.yaml", "b.yaml"] {
        #expect(
          output.error.contains(
            "\(name):16:63: published[0].points[0].for.workers: no run has '7' (allowed: 1, 2)"),
          "\(output.error)")
      }
      #expect(try tool.files() == ["a.yaml", "b.yaml", "quick.yaml"])
    }
  }
}
