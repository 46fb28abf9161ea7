import Foundation
import GRDB
import Testing

@Suite("Pipelines") struct PipelineCommandTests {
  private static let scenario = """
    name: Rates
    seed: 7
    frameworks: [all-reduce]
    workers: 2
    training:
      model: logistic-regression
      dataset: fashion-mnist-fixture
      batch-size: 100
    pipeline:
      at-once: 2
      jobs: { training.optimizer.sgd.learning-rate: [0.001, 0.05, 0.01] }

    """

  @Test("are told job by job in tables, JSON, CSV and HTML, and are not run again")
  func told() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.scenario, to: "rates.yaml")
      #expect(try tool.run("check", "rates.yaml").out.contains(": 1 run of 3 jobs"))
      let table = try tool.run("run", "rates.yaml")
      #expect(table.status == 0, "\(table.error)")
      #expect(table.out.contains("Jobs of all-reduce\n"))
      #expect(table.out.contains(/1 +0\.05 +completed, best +0 s/))
      #expect(table.out.contains("pipeline of 3 jobs, at most 2 at once"))
      let again = try tool.run("run", "rates.yaml", "--json", "--threads", "2")
      #expect(again.error.contains("1 of 1 runs are in ./nephoscope.sqlite already"))
      let fresh = try tool.run("run", "rates.yaml", "--json", "--fresh")
      #expect(fresh.out == again.out)
      let run = try #require((try again.document()["runs"] as? [[String: Any]])?.first)
      let jobs = try #require(run["jobs"] as? [[String: Any]])
      #expect(jobs.count == 3 && run["best_job"] as? Int == 1)
      #expect(jobs[1]["accuracy"] as? Double == run["accuracy"] as? Double)
      #expect(
        jobs.compactMap { $0["status"] as? String } == ["completed", "completed", "completed"])
      let csv = try tool.run("export", "csv", "1", "--table", "jobs").out
      let lines = csv.split(separator: "\r\n")
      try #require(lines.count == 4, "\(csv)")
      #expect(lines[0].hasPrefix("job,training.optimizer.sgd.learning-rate,status,failure,submiss"))
      #expect(lines[2].hasPrefix("1,0.05,completed,,0,"))
      #expect(try tool.run("report", "1").out.contains("<h2>Jobs of run 1, all-reduce</h2>"))
      #expect(try tool.run("export", "perfetto", "1").status == 0)
    }
  }

  @Test("go with sweeps, replications, --only, --set, --steps and expectations")
  func together() throws {
    try Tool.inDirectory { tool in
      try tool.write(
        Self.scenario + "replications: 2\nsweep: { workers: [1, 2, 4] }\n"
          + "expect: { accuracy: '> 0.99' }\n", to: "all.yaml")
      let output = try tool.run("run", "all.yaml", "--steps", "3")
      #expect(output.status == 1 && output.error.contains("expected accuracy > 0.99"))
      #expect(output.out.contains("6 runs, 3 sweep points") && output.out.contains("best job"))
      #expect(output.out.contains("training.optimizer.sgd.learning-rate=0.05"))
      let only = try tool.run(
        "run", "all.yaml", "--steps", "3", "--json", "--only", "workers=4,replication=1")
      #expect(try only.digests().count == 1 && only.error.contains("1 of 1 runs are in"))
      let fixed = try tool.run(
        "run", "all.yaml", "--json", "--only", "workers=4,replication=1", "--steps", "3", "--set",
        "training.optimizer.sgd.learning-rate=0.02")
      let run = try #require((try fixed.document()["runs"] as? [[String: Any]])?.first)
      #expect((run["jobs"] as? [Any])?.count == 1)
      #expect(try tool.run("compare", "1", "2").status == 0)
    }
  }

  @Test("of which a job fails end with exit code 2, and the others are told")
  func failing() throws {
    try Tool.inDirectory { tool in
      let failing = Self.scenario.replacing("batch-size: 100", with: "samples: 1000000")
        .replacing("model: logistic-regression", with: "gradients: none\n  steps: 2")
        .replacing(
          "dataset: fashion-mnist-fixture",
          with: "priced-as: { parameters: 10, forward: 1 kFLOP, sample-size: 8 kB }"
        ).replacing(/jobs: .*/, with: "jobs: { training.batch-size: [100, 500000] }")
      try tool.write(failing, to: "failing.yaml")
      let output = try tool.run("run", "failing.yaml")
      #expect(output.status == 2, "\(output.error)")
      #expect(output.out.contains("had 1 of 2 jobs fail"))
      #expect(output.out.contains(/1 +500000 +out-of-memory/))
      #expect(output.out.contains(/0 +100 +completed/))
    }
  }

  @Test("are kept in stores of the version before, too")
  func migration() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      try tool.write(Self.scenario, to: "rates.yaml")
      let first = try tool.run("run", "quick.yaml", "--json")
      // As the store was before it knew of jobs.
      let store = try DatabaseQueue(path: tool.path("nephoscope.sqlite"))
      try store.write { database in
        try database.execute(
          sql: """
            DROP TABLE job_parameters; DROP TABLE jobs; ALTER TABLE runs DROP COLUMN best_job;
            DELETE FROM grdb_migrations WHERE identifier = '4: jobs of a pipeline';
            """)
      }
      try store.close()
      let again = try tool.run("run", "quick.yaml", "--json")
      #expect(again.out == first.out && again.error.contains("4 of 4 runs are in"))
      #expect(try tool.run("run", "rates.yaml").status == 0)
    }
  }
}
