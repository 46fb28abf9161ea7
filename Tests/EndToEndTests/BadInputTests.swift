import Foundation
import Testing

@Suite("Bad input") struct BadInputTests {
  /// A mistake, the exit code it must lead to, and what the message must say.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let name: String
    var scenario = Quick.scenario
    var arguments: [String] = []
    let status: Int32
    let message: String
    var testDescription: String { name }
  }

  static let mistakes = [
    Mistake(
      name: "an unknown key", scenario: Quick.scenario + "\nwrkers: 4\n", status: 65,
      message: "quick.yaml:10:1: there is no setting 'wrkers'"),
    Mistake(
      name: "a negative number",
      scenario: Quick.scenario.replacing("workers: 2", with: "workers: -2"), status: 65,
      message: "quick.yaml:4:10: workers"),
    Mistake(
      name: "a unit of another kind", arguments: ["--set", "function.memory=3 s"], status: 65,
      message: "--set function.memory=3 s:1:1"),
    Mistake(name: "no YAML at all", scenario: "{", status: 65, message: "quick.yaml:"),
    Mistake(
      name: "a data set that is not there",
      arguments: ["--set", "training.dataset=fashion-mnist", "--data", "/nowhere"], status: 66,
      message: "/nowhere"),
    Mistake(
      name: "a trace with a bad row",
      scenario: Quick.scenario
        + "\ntraces:\n  object-store.get: { file: bad.csv, column: latency_ms }\n",
      status: 65, message: "bad.csv:3"),
    Mistake(
      name: "a trace that is not there",
      scenario: Quick.scenario
        + "\ntraces:\n  object-store.get: { file: none.csv, column: latency_ms }\n",
      status: 65, message: "quick.yaml:11:29: traces.object-store.get: there is no trace"),
    Mistake(
      name: "a seed of 64 bits", arguments: ["--seed", "18446744073709551615"], status: 65,
      message: "(allowed: 0 to 9223372036854775807)"),
    Mistake(
      name: "a store without a name", arguments: ["--store", ""], status: 64,
      message: "--store must name a file"),
    Mistake(name: "no threads", arguments: ["--threads", "0"], status: 64, message: "--threads"),
    Mistake(name: "an unknown option", arguments: ["--colour"], status: 64, message: "--colour"),
    Mistake(
      name: "a selection of nothing", arguments: ["--only", "framework=none"], status: 64,
      message: "no run has framework=none"),
    Mistake(
      name: "a selection by an unknown key", arguments: ["--only", "memory=1"], status: 64,
      message: "there is no 'memory'"),
    Mistake(name: "a directory as store", arguments: ["--store", "."], status: 74, message: "."),
    Mistake(
      name: "a store in no directory", arguments: ["--store", "none/runs.sqlite"], status: 74,
      message: "none/runs.sqlite"),
    Mistake(
      name: "a text file as store", arguments: ["--store", "quick.yaml"], status: 74,
      message: "is not a SQLite file"),
  ]

  @Test("is told in a sentence, with an exit code, and leaves nothing behind", arguments: mistakes)
  func isRefused(mistake: Mistake) throws {
    try Tool.inDirectory { tool in
      try tool.write(mistake.scenario, to: "quick.yaml")
      try tool.write("latency_ms\n12.5\nfast\n13.5\n", to: "bad.csv")
      let output = try tool.run(["run", "quick.yaml"] + mistake.arguments)
      #expect(output.status == mistake.status, "\(output.error)")
      #expect(output.error.contains(mistake.message), "\(output.error)")
      #expect(output.out.isEmpty)
      #expect(try tool.files() == ["bad.csv", "quick.yaml"])
      #expect(
        try String(contentsOfFile: tool.path("quick.yaml"), encoding: .utf8) == mistake.scenario)
    }
  }

  @Test("a scenario that is not there is exit code 66")
  func missingFile() throws {
    try Tool.inDirectory { tool in
      for command in ["run", "check"] {
        let output = try tool.run(command, "none.yaml")
        #expect(output.status == 66)
        #expect(output.error.contains("none.yaml"))
      }
      #expect(try tool.files() == [])
    }
  }

  @Test("memory below what training needs fails that run, the others finish, exit code 2")
  func outOfMemory() throws {
    try Tool.inDirectory { tool in
      try tool.write(
        Quick.scenario + "\nsweep: { function.memory: [256 MB, 3008 MB] }\n", to: "quick.yaml")
      let output = try tool.run("run", "quick.yaml", "--json")
      #expect(output.status == 2)
      let runs = try #require(try output.document()["runs"] as? [[String: Any]])
      #expect(
        runs.map { $0["status"] as? String }
          == Array(repeating: "failed", count: 4) + Array(repeating: "completed", count: 4))
      let failure = try #require(runs[0]["failure"] as? [String: Any])
      #expect(failure["kind"] as? String == "out-of-memory")
      #expect(failure["time_seconds"] is Double)
      // The failures are stored: the same command reports them again.
      let again = try tool.run("run", "quick.yaml", "--json")
      #expect(again.status == 2)
      #expect(again.out == output.out)
    }
  }

  @Test("an expectation that is not met is exit code 1, after the results")
  func expectation() throws {
    try Tool.inDirectory { tool in
      let met = "\nexpect: { accuracy: '>= 0.3' }\n"
      let unmet = "\nexpect: { all-reduce: { cost: '< 0.0000001 USD' } }\n"
      try tool.write(Quick.scenario + met, to: "met.yaml")
      try tool.write(Quick.scenario + unmet, to: "unmet.yaml")
      #expect(try tool.run("run", "met.yaml").status == 0)
      let output = try tool.run("run", "unmet.yaml")
      #expect(output.status == 1)
      #expect(output.error.contains("unmet.yaml:10"))
      #expect(output.error.contains("all-reduce") && !output.error.contains("spirt"))
      #expect(output.out.contains("Run again"))
    }
  }
}
