import Foundation
import GRDB
import Testing

@Suite("Runs of time alone, and faults") struct TimeOnlyTests {
  /// Quick's frameworks with a model of which nothing but the size is known.
  private static let scenario = """
    name: Sizes
    frameworks: [scatter-reduce, all-reduce]
    workers: 4
    training:
      gradients: none
      priced-as: { parameters: 1e6, forward: 20 MFLOP, sample-size: 4 kB }
      samples: 4000
      batch-size: 100
      steps: 3
    """

  @Test("nothing is said of accuracy, on the terminal, in JSON and in exports")
  func timeOnly() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.scenario, to: "sizes.yaml")
      let output = try tool.run("run", "sizes.yaml", "--json")
      #expect(output.status == 0, "\(output.error)")
      let runs = try #require(try output.document()["runs"] as? [[String: Any]])
      for run in runs {
        #expect(run["accuracy"] is NSNull && run["loss"] is NSNull && run["f1"] is NSNull)
        #expect((run["curve"] as? [Any])?.isEmpty == true)
        // Three steps of four workers with a hundred samples each.
        #expect(run["samples"] as? Int == 1200 && run["updates"] as? Int == 3)
        #expect((run["time_seconds"] as? Double ?? 0) > 0)
      }
      let table = try tool.run("run", "sizes.yaml")
      #expect(!table.out.contains("accuracy  ") && table.out.contains("no gradient is computed"))
      let curve = try tool.run("export", "csv", "1", "--table", "curve").out
      #expect(curve == "time_s,cost_usd,step,loss,accuracy\r\n")
      #expect(try tool.run("export", "perfetto", "1").status == 0)
      let refused = try tool.run("run", "sizes.yaml", "--save-model", "models")
      #expect(refused.status == 64 && refused.error.contains("no model to save"))
      let expecting = try tool.run(
        "run", "sizes.yaml", "--set", "training.gradients=none", "--set",
        "expect={ accuracy: '> 0' }")
      #expect(expecting.status == 65 && expecting.error.contains("has no value"))
    }
  }

  @Test("a fault is told in the report, and so is what the failed run cost")
  func faults() throws {
    try Tool.inDirectory { tool in
      let fault =
        "\nfaults: [{ crash: worker 1, at: 12 s }]\nfunction: { timeout: 60 s }\n"
        + "spirt: { heartbeat-timeout: 20 s }\n"
      try tool.write(Quick.scenario + fault, to: "faulty.yaml")
      let only = ["--only", "framework=all-reduce"]
      let output = try tool.run(["run", "faulty.yaml"] + only)
      #expect(output.status == 2, "\(output.error)")
      #expect(output.out.contains("- crash: worker 1, at: 12 s"))
      #expect(
        output.out.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
          /failed after [0-9.]+ s(; the others ran on until [0-9.]+ s)?, which cost 0\.[0-9]+ USD/))
      let document = try tool.run(["run", "faulty.yaml", "--json"] + only).document()
      let run = try #require((document["runs"] as? [[String: Any]])?.first)
      #expect(run["faults"] as? [String] == ["crash: worker 1, at: 12 s"])
      #expect(run["status"] as? String == "failed")
    }
  }

  @Test("a run made again with another digest is a fault of the program: exit code 70")
  func otherDigest() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.scenario, to: "sizes.yaml")
      #expect(try tool.run("run", "sizes.yaml").status == 0)
      let store = try DatabaseQueue(path: tool.path("nephoscope.sqlite"))
      try store.write { try $0.execute(sql: "UPDATE runs SET digest = 'abcd' WHERE id = 1") }
      try store.close()
      let output = try tool.run("export", "perfetto", "1")
      #expect(output.status == 70 && output.out.isEmpty)
      #expect(output.error.contains("run 1 made again has another digest"))
    }
  }

  @Test("list frameworks tells defaults, where they come from and what is refused")
  func listing() throws {
    try Tool.inDirectory { tool in
      let text = try tool.run("list", "frameworks").out
      #expect(text.contains("    aggregation: mean (mean | sum | trimmed-mean | median | meamed)"))
      #expect(text.contains("      not krum: a worker sees one chunk of each gradient"))
      #expect(text.contains("      from: DS3Lab/LambdaML"))
    }
  }
}
