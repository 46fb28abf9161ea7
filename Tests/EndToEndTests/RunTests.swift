import Foundation
import GRDB
import Testing

@Suite("nephoscope run") struct RunTests {
  @Test("--json prints one document and nothing else, the same with 1 and 2 threads")
  func json() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      let one = try tool.run("run", "quick.yaml", "--json", "--threads", "1", "--store", "1.sqlite")
      let two = try tool.run("run", "quick.yaml", "--json", "--threads", "2", "--store", "2.sqlite")
      #expect(one.status == 0, "\(one.error)")
      #expect(one.out == two.out)
      let document = try one.document()
      #expect(document["schema"] as? Int == 1)
      #expect(document["scenario"] as? String == "Quick")
      let runs = try #require(document["runs"] as? [[String: Any]])
      #expect(
        runs.map { $0["framework"] as? String }
          == ["spirt", "mlless", "scatter-reduce", "all-reduce"])
      for run in runs { try check(run) }
      #expect(Set(try one.digests()).count == 4)
      let summary = try #require(document["summary"] as? [[String: Any]])
      #expect(summary.count == 4 * 4)
      #expect(summary.allSatisfy { $0["n"] as? Int == 1 && $0["low95"] is NSNull })
    }
  }

  /// What holds for every completed run: exact sums and sane ranges.
  private func check(_ run: [String: Any]) throws {
    let keys = [
      "framework", "parameters", "replication", "seed", "digest", "status", "failure", "accuracy",
      "loss", "updates", "samples", "time_seconds", "provisioning_seconds", "cost_usd", "bill",
      "phases", "requests", "bytes", "cold_starts", "curve",
    ]
    #expect(keys.filter { run[$0] == nil } == [])
    #expect(run["status"] as? String == "completed")
    #expect((run["digest"] as? String)?.count == 64)
    let bill = try #require(run["bill"] as? [[String: String]])
    let total = bill.compactMap { Decimal(string: $0["usd"] ?? "") }.reduce(0, +)
    #expect(total == Decimal(string: try #require(run["cost_usd"] as? String)))
    let phases = try #require(run["phases"] as? [String: Double])
    let time = try #require(run["time_seconds"] as? Double)
    #expect(abs(phases.values.reduce(0, +) - time) < 1e-6)
    let accuracy = try #require(run["accuracy"] as? Double)
    #expect(accuracy > 0.3 && accuracy <= 1)
    let curve = try #require(run["curve"] as? [[String: Any]])
    let times = curve.compactMap { $0["time_seconds"] as? Double }
    #expect(times == times.sorted() && times.count >= 2)
  }

  @Test("a bill recomputed by SQL from usage and prices is the reported bill")
  func bill() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      #expect(try tool.run("run", "quick.yaml", "--json", "--store", "runs.sqlite").status == 0)
      let store = try DatabaseQueue(path: tool.path("runs.sqlite"))
      let bills = try store.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT r.cost_pico_usd AS reported, sum(b.pico_usd) AS recomputed
            FROM runs r JOIN recomputed_bill b ON b.run_id = r.id GROUP BY r.id
            """)
      }
      #expect(bills.count == 4)
      #expect(bills.allSatisfy { ($0["reported"] as Int64) == ($0["recomputed"] as Int64) })
      #expect(bills.allSatisfy { ($0["reported"] as Int64) > 0 })
    }
  }

  @Test("the table says what is needed to run again, and running one again gives its digest")
  func table() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      let table = try tool.run("run", "quick.yaml")
      #expect(table.status == 0)
      #expect(!table.out.contains("\u{1B}") && !table.error.contains("\u{1B}"))
      #expect(table.out.split(separator: "\n").allSatisfy { $0.count <= 100 })
      #expect(table.out.contains("nephoscope run quick.yaml --seed=7"))
      #expect(table.out.contains("./nephoscope.sqlite"))
      let again = try tool.run(
        "run", "quick.yaml", "--only", "framework=mlless", "--seed=7", "--fresh", "--json",
        "--store", "other.sqlite")
      let digest = try #require(try again.digests().first)
      #expect(table.out.contains(digest.prefix(16)))
    }
  }

  @Test("a run that is stored is not made again, unless --fresh")
  func resuming() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      let first = try tool.run("run", "quick.yaml", "--json")
      let second = try tool.run("run", "quick.yaml", "--json")
      #expect(second.out == first.out)
      #expect(second.error.contains("4 of 4 runs are in ./nephoscope.sqlite already"))
      let fresh = try tool.run("run", "quick.yaml", "--json", "--fresh")
      #expect(fresh.out == first.out)
      #expect(!fresh.error.contains("already"))
      let seeded = try tool.run("run", "quick.yaml", "--json", "--seed", "8")
      #expect(try seeded.digests() != first.digests())
    }
  }

  @Test("interrupted or killed, finished runs are kept and the same command goes on")
  func interruption() throws {
    for (number, status) in [(SIGINT, 130 as Int32), (SIGKILL, SIGKILL)] {
      try Tool.inDirectory { tool in
        try tool.write(Quick.sweep, to: "sweep.yaml")
        let running = try tool.start(["run", "sweep.yaml", "--threads", "1", "--json"])
        while running.isRunning, try storedRuns(tool) == 0 { usleep(2000) }
        running.signal(number)
        let output = try running.output()
        let kept = try storedRuns(tool)
        #expect(output.status == status, "\(output.error)")
        #expect(output.out.isEmpty)
        #expect(kept > 0 && kept < 20)
        let whole = try tool.run("run", "sweep.yaml", "--json")
        #expect(whole.status == 0)
        #expect(whole.error.contains("of 20 runs are in"))
        let undisturbed = try tool.run("run", "sweep.yaml", "--json", "--store", "other.sqlite")
        #expect(whole.out == undisturbed.out)
      }
    }
  }

  /// The number of runs in the default store; 0 while there is none.
  private func storedRuns(_ tool: Tool) throws -> Int {
    let path = tool.path("nephoscope.sqlite")
    guard FileManager.default.fileExists(atPath: path) else { return 0 }
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    let store = try DatabaseQueue(path: path, configuration: configuration)
    return try store.read { database in
      try database.tableExists("runs")
        ? Int.fetchOne(database, sql: "SELECT count(*) FROM runs") ?? 0 : 0
    }
  }
}
