import Dispatch
import Foundation
import GRDB
import Testing

@Suite("A store that has runs already") struct WarmStoreTests {
  /// Two replications of ten steps; `lines` come at the end.
  private func scenario(_ lines: String, replications: Int = 2) -> String {
    Quick.sweep.replacing("sweep: { workers: [2, 4] }", with: "workers: 2")
      .replacing("replications: 10", with: "replications: \(replications)") + "\n" + lines + "\n"
  }

  @Test(
    "gives the same document as a new one, whatever its runs were made for",
    arguments: [
      ("", "sweep: { workers: [2, 3] }"), ("", "sweep: { seed: [7, 8] }"),
      ("", "sweep: { training.epochs: [1, 2] }"),
      (
        "pipeline: { jobs: { workers: [1, 2] } }",
        "pipeline: { jobs: { workers: [1, 2], training.epochs: [1] } }"
      ),
      ("faults: [{ crash: worker 1, at: 1 h }]", "faults: [{ crash: worker 1, at: 60 min }]"),
    ])
  func labels(before: String, after: String) throws {
    try Tool.inDirectory { tool in
      try tool.write(scenario(before), to: "before.yaml")
      try tool.write(scenario(after, replications: 3), to: "after.yaml")
      #expect(try tool.run("run", "before.yaml").status == 0)
      let warm = try tool.run("run", "after.yaml", "--json")
      let new = try tool.run("run", "after.yaml", "--json", "--store", "new.sqlite")
      #expect(warm.status == 0 && warm.error.contains("2 of "), "\(warm.error)")
      #expect(!new.error.contains("already"))
      #expect(warm.out == new.out)
    }
  }

  @Test("calls a run a replication where it was made by its seed alone")
  func replications() throws {
    try Tool.inDirectory { tool in
      try tool.write(scenario(""), to: "one.yaml")
      let new = try tool.run("run", "one.yaml", "--json", "--store", "new.sqlite")
      let runs = try #require(try new.document()["runs"] as? [[String: Any]])
      let seed = try #require(runs[1]["seed"] as? Int)
      let alone = try tool.run("run", "one.yaml", "--set", "replications=1", "--seed", "\(seed)")
      #expect(alone.status == 0)
      let warm = try tool.run("run", "one.yaml", "--json")
      #expect(warm.error.contains("1 of 2 runs") && warm.out == new.out)
    }
  }

  @Test("has commands that make its runs again, also where a swept value has commas")
  func commands() throws {
    try Tool.inDirectory { tool in
      let rates = "{ sgd: { learning-rate: 0.1, momentum: 0.5 } }"
      let sweep = "sweep: { training.optimizer: [sgd, \(rates)], workers: [1, 2] }"
      try tool.write(scenario(sweep, replications: 1), to: "sweep.yaml")
      let all = try tool.run("run", "sweep.yaml", "--json")
      #expect(all.status == 0, "\(all.error)")
      let store = try DatabaseQueue(path: tool.path("nephoscope.sqlite"))
      let digest = try all.digests()[3]
      let command = try store.read { database in
        try String.fetchOne(
          database,
          sql: "SELECT command FROM environment JOIN runs ON id = run_id WHERE digest = ?",
          arguments: [digest])
      }
      let only = try #require(command?.split(separator: "'").last { $0.contains("momentum") })
      let again = try tool.run("run", "sweep.yaml", "--json", "\(only)", "--store", "new.sqlite")
      #expect(again.status == 0, "\(again.error)")
      #expect(try again.digests() == [digest])
    }
  }

  @Test("is read by those that only read while another program writes it")
  func reading() throws {
    try Tool.inDirectory { tool in
      try tool.write(scenario(""), to: "one.yaml")
      #expect(try tool.run("run", "one.yaml").status == 0)
      let writer = try DatabaseQueue(path: tool.path("nephoscope.sqlite"))
      try writer.writeWithoutTransaction { database in
        try database.execute(sql: "BEGIN IMMEDIATE")
        for arguments in [["compare", "1", "2"], ["report", "1"], ["export", "csv", "1"]] {
          let output = try tool.run(arguments)
          #expect(output.status == 0, "\(output.error)")
        }
        try database.execute(sql: "ROLLBACK")
      }
    }
  }
}
