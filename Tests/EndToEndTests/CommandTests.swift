import Foundation
import Testing

@Suite("The other commands") struct CommandTests {
  @Test("export perfetto makes a run again and writes its spans; kept spans give the same bytes")
  func perfetto() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      let runs = try tool.run("run", "quick.yaml", "--json")
      let digest = try #require(try runs.digests().last).prefix(12)
      let again = try tool.run("export", "perfetto", String(digest), "-o", "trace.json")
      #expect(again.status == 0, "\(again.error)")
      let text = try String(contentsOfFile: tool.path("trace.json"), encoding: .utf8)
      let trace = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      let events = try #require(trace["traceEvents"] as? [[String: Any]])
      let spans = events.filter { $0["ph"] as? String == "X" }
      #expect(spans.contains { $0["name"] as? String == "object-store/put" })
      #expect(spans.allSatisfy { ($0["dur"] as? Double ?? -1) >= 0 })
      let kept = try tool.run(
        "run", "quick.yaml", "--json", "--keep-spans", "--store", "kept.sqlite")
      #expect(kept.out == runs.out)
      let stored = try tool.run("export", "perfetto", String(digest), "--store", "kept.sqlite")
      #expect(stored.out == text)
      let table = try tool.run("export", "csv", String(digest))
      #expect(table.out.hasPrefix("actor,operation,detail,start_s,end_s,bytes\r\n"))
      #expect(table.out.components(separatedBy: "\r\n").count == spans.count + 2)
    }
  }

  @Test("a scenario that has changed since a run cannot make that run again")
  func changedScenario() throws {
    try Tool.inDirectory { tool in
      try tool.write("latency_ms\n12.5\n13.5\n", to: "trace.csv")
      let traced = "\ntraces:\n  object-store.get: { file: trace.csv, column: latency_ms }\n"
      try tool.write(Quick.scenario + traced, to: "quick.yaml")
      let only = ["--only", "framework=all-reduce"]
      #expect(try tool.run(["run", "quick.yaml"] + only).status == 0)
      #expect(try tool.run("export", "perfetto", "1").status == 0)
      try tool.write("latency_ms\n12.5\n99\n", to: "trace.csv")
      let output = try tool.run("export", "perfetto", "1")
      #expect(output.status == 65)
      #expect(output.error.contains("has changed since") && output.out.isEmpty)
    }
  }

  @Test("report and compare read the store")
  func stored() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      #expect(try tool.run("run", "quick.yaml").status == 0)
      #expect(try tool.run("report", "1", "2", "-o", "out.html").status == 0)
      let page = try String(contentsOfFile: tool.path("out.html"), encoding: .utf8)
      #expect(page.hasPrefix("<!doctype html>") && page.contains("<polyline"))
      let table = try tool.run("compare", "1", "2")
      #expect(table.status == 0 && table.out.contains("#1") && table.out.contains("#2"))
      #expect(try tool.run("compare", "1", "99").status == 66)
      #expect(try tool.run("report", "1", "-o", "none/out.html").status == 74)
      #expect(try tool.run("compare", "1", "2", "--store", "none.sqlite").status == 66)
      #expect(try tool.files() == ["nephoscope.sqlite", "out.html", "quick.yaml"])
    }
  }

  @Test(
    "list names what a scenario can name",
    arguments: [
      ("frameworks", "all-reduce"), ("models", "lenet5"), ("datasets", "fashion-mnist"),
      ("services", "object-store"), ("providers", "aws/us-east-1"),
    ])
  func list(subject: String, member: String) throws {
    try Tool.inDirectory { tool in
      let output = try tool.run("list", subject)
      #expect(output.status == 0, "\(output.error)")
      #expect(output.out.contains(member))
    }
  }

  @Test("list traces says where it has looked")
  func traces() throws {
    try Tool.inDirectory { tool in
      let output = try tool.run("list", "traces")
      #expect(output.status == 0 && output.out.hasSuffix("traces\n"), "\(output.out)")
    }
  }

  @Test("a setting that two options say is refused")
  func saidTwice() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      for (option, setting) in [("--seed=3", "seed=4"), ("--steps=1", "training.steps=2")] {
        let output = try tool.run("run", "quick.yaml", option, "--set", setting)
        #expect(output.status == 64 && output.error.contains("both say it"))
      }
    }
  }

  @Test("options of a scenario's runs are refused where there is no scenario")
  func withoutScenario() throws {
    try Tool.inDirectory { tool in
      for option in ["--steps=3", "--store=s.sqlite", "--seed=1"] {
        let output = try tool.run("prices", "diff", "aws/us-east-1", "azure/eastus", option)
        #expect(output.status == 64 && output.error.contains("\(option) would change nothing"))
      }
    }
  }

  @Test("check says everything that is wrong with every file")
  func check() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.sweep, to: "good.yaml")
      try tool.write(
        Quick.scenario.replacing("workers: 2", with: "workers: 0") + "\nwrkers: 4\n",
        to: "bad.yaml")
      try tool.write(Quick.scenario.replacing("size: 100", with: "size: 1001"), to: "large.yaml")
      let output = try tool.run("check", "good.yaml", "bad.yaml", "large.yaml")
      #expect(output.error.contains("large.yaml:8:15: training.batch-size: one step of 2 workers"))
      #expect(output.status == 65)
      #expect(
        output.out.contains("good.yaml: 1 framework, 2 sweep points, 10 replications: 20 runs"))
      #expect(output.error.contains("bad.yaml:4:10") && output.error.contains("bad.yaml:10:1"))
    }
  }

  @Test("schema prints the schema that lies beside the scenarios")
  func schema() throws {
    try Tool.inDirectory { tool in
      let committed = try String(
        contentsOfFile: Tool.root + "/scenarios/schema.json", encoding: .utf8)
      #expect(try tool.run("schema").out == committed)
    }
  }

  @Test("help and version are on standard output")
  func help() throws {
    try Tool.inDirectory { tool in
      let help = try tool.run("--help")
      #expect(help.status == 0 && help.out.contains("run") && help.error.isEmpty)
      #expect(try tool.run("--version").out.contains("."))
      #expect(try tool.run("fly").status == 64)
    }
  }
}
