import Foundation
import Testing

@Suite("The replay command") struct ReplayCommandTests {
  private static let folder = Tool.root + "/traces/invocations"

  /// Invocations that SimFaaS has run too, from the generator of `run_simfaas.py`.
  private static func simFaaS() throws -> [(name: String, values: [String: Double])] {
    let file = URL(fileURLWithPath: Tool.root + "/analysis/simfaas/expected.json")
    let document = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let cases = try #require(document as? [String: [String: Double]])
    return cases.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private static func table(count: Int, pause: Int, duration: Int) -> String {
    var state: UInt64 = 1
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    func seconds(_ milliseconds: Int) -> String {
      let fraction = String(milliseconds % 1000)
      return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count)
        + fraction
    }
    var (time, text) = (0, "func,start_s,duration_s,mem\n")
    for _ in 0..<count {
      time += below(pause + 1)
      text += "f,\(seconds(time)),\(seconds(below(duration + 1))),128\n"
    }
    return text
  }

  @Test("equals SimFaaS to the last integer")
  func oracle() throws {
    try Tool.inDirectory { tool in
      for (name, values) in try Self.simFaaS() {
        func value(_ key: String) throws -> Double { try #require(values[key]) }
        let text = Self.table(
          count: Int(try value("arrivals")), pause: Int(try value("pause")),
          duration: Int(try value("duration")))
        try tool.write(text, to: "trace.csv")
        let output = try tool.run(
          "replay", "trace.csv", "--json", "--keep-alive", "\(Int(try value("keepAlive")))ms",
          "--concurrency", "\(Int(try value("concurrency")))", "--cold-extra",
          "\(Int(try value("extra")))ms", "--idle-rule", "newest")
        #expect(output.status == 0, "\(output.error)")
        let document = try output.document()
        func number(_ key: String) throws -> Double { try #require(document[key] as? Double) }
        #expect(try number("invocations") == value("invocations"), "\(name)")
        #expect(try number("cold_starts") == value("cold"), "\(name)")
        #expect(try number("rejected") == value("rejected"), "\(name)")
        #expect(try abs(number("mean_instances") / value("meanInstances") - 1) < 1e-9, "\(name)")
        #expect(try abs(number("mean_running") / value("meanRunning") - 1) < 1e-9, "\(name)")
      }
    }
  }

  @Test("starts cold every time at one arrival in 700 s, and bills what one can count by hand")
  func allCold() throws {
    try Tool.inDirectory { tool in
      let rows = (0..<100).map { "f,\($0 * 700),2,1024\n" }.joined()
      try tool.write("func,start_s,duration_s,mem\n" + rows, to: "trace.csv")
      let document = try tool.run("replay", "trace.csv", "--json").document()
      #expect(document["cold_starts"] as? Int == 100)
      // 100 times 2.5 s with 1 GB: 250 GB-s at 0.0000166667 USD and 100 requests at 0.2 / 10^6.
      #expect(document["gb_seconds"] as? Double == 250)
      let cost = try #require(document["cost_usd"] as? Double)
      #expect(abs(cost - 0.004186675) < 1e-15)
      // 99 environments that lived 602.5 s of 69,300 s; the last one began at its end.
      let instances = try #require(document["mean_instances"] as? Double)
      #expect(abs(instances - 602.5 / 700) < 1e-12)
      let table = try tool.run("replay", "trace.csv")
      #expect(table.out.contains("cold starts         100 (100 %)"), "\(table.out)")
      #expect(table.out.contains("idle rule newest"))
    }
  }

  @Test(
    "lets environments go by the preset that is asked for",
    arguments: [
      (360, "half-life", 1.0), (420, "half-life=380s", 0.5), (780, "half-life", 0.25),
      (1140, "half-life=380 s", 0.125), (599, "fixed", 1), (601, "600s", 0),
      (601, "fixed=10min", 0), (1, "none", 0),
    ])
  func presets(idle: Int, keepAlive: String, warm: Double) throws {
    // 2,000 functions, each invoked once more after so many seconds of idleness. SeBS measured
    // warm fractions of 1.0, 0.515, 0.27 and 0.14 after 360, 420, 780 and 1140 s.
    let count = 2000
    try Tool.inDirectory { tool in
      let rows = [0, idle + 1].flatMap { start in (0..<count).map { "f\($0),\(start),1,128\n" } }
      try tool.write("func,start_s,duration_s,mem\n" + rows.joined(), to: "trace.csv")
      let output = try tool.run(
        "replay", "trace.csv", "--cold-extra", "0s", "--concurrency", "9999", "--json",
        "--keep-alive", keepAlive)
      #expect(output.status == 0, "\(output.error)")
      let cold = try #require(try output.document()["cold_starts"] as? Int)
      let fraction = 1 - Double(cold - count) / Double(count)
      // Three standard deviations of a binomial.
      #expect(abs(fraction - warm) <= 3 * (warm * (1 - warm) / Double(count)).squareRoot())
    }
  }

  @Test("counts minutes as Azure's trace of 2019 does, with durations and memory")
  func minuteCounts() throws {
    try Tool.inDirectory { tool in
      let folder = Self.folder
      let lines = try String(
        contentsOfFile: folder + "/azure-2019-invocations.csv", encoding: .utf8
      ).split(separator: "\n").dropFirst()
      let total = lines.reduce(0) { sum, line in
        sum + line.split(separator: ",").dropFirst(4).reduce(0) { $0 + (Int($1) ?? 0) }
      }
      let output = try tool.run(
        "replay", folder + "/azure-2019-invocations.csv", "--durations",
        folder + "/azure-2019-durations.csv", "--memory-use", folder + "/azure-2019-memory.csv",
        "--json")
      #expect(output.status == 0, "\(output.error)")
      #expect(try output.document()["invocations"] as? Int == total)

      let header = "HashOwner,HashApp,HashFunction,Trigger,1,2,3\n"
      try tool.write(header + "o,a,f,http,3,0,1\n", to: "counts.csv")
      let small = try tool.run(
        "replay", "counts.csv", "--duration", "1.5s", "--memory", "1024MB", "--cold-extra", "0s",
        "--keep-alive", "30s", "--json"
      ).document()
      // At 0, 20, 40 and 120 s: the last one finds the environment gone since 71.5 s.
      #expect(small["invocations"] as? Int == 4)
      #expect(small["cold_starts"] as? Int == 2)
      #expect(small["gb_seconds"] as? Double == 6)
      let instances = try #require(small["mean_instances"] as? Double)
      #expect(abs(instances - 71.5 / 120) < 1e-12)
    }
  }

  @Test("reads the invocations of Azure's trace of 2021, compressed or not")
  func invocations() throws {
    try Tool.inDirectory { tool in
      let file = Self.folder + "/azure-2021-200.csv"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let rows = text.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
      let output = try tool.run("replay", file, "--memory", "1024 MB", "--cold-extra=0s", "--json")
      let document = try output.document()
      #expect(document["invocations"] as? Int == rows.count)
      let milliseconds = rows.reduce(0.0) { sum, row in
        sum + ((Double(row[3]) ?? 0) * 1000).rounded(.up)
      }
      let billed = try #require(document["gb_seconds"] as? Double)
      #expect(abs(billed - milliseconds / 1000) < 1e-6)
      let pack = Process()
      pack.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      pack.arguments = ["sh", "-c", "gzip -c '\(file)' > '\(tool.path("trace.csv.gz"))'"]
      try pack.run()
      pack.waitUntilExit()
      let packed = try tool.run(
        "replay", "trace.csv.gz", "--memory", "1024 MB", "--cold-extra=0s", "--json")
      #expect(packed.out == output.out)
    }
  }

  @Test(
    "says where a trace is wrong",
    arguments: [
      ("func,start_s,duration_s\nf,1,2\nf,two,1\n", "bad.csv:3:3: 'two' is not a number"),
      ("func,start_s,duration_s\nf,1\n", "bad.csv:2:1: has 2 fields where the header has 3"),
      ("func,start_s,duration_s\nf,1,-2\n", "bad.csv:2:5: duration_s must be 0"),
      ("func,begin,duration_s\nf,1,2\n", "bad.csv:1:1: is no trace of invocations"),
      ("HashOwner,HashApp,HashFunction,Trigger,1\no,a,f,http,1.5\n", "bad.csv:2:12: '1.5' is not"),
      ("", "bad.csv:1:1: is empty"),
    ])
  func badTrace(text: String, message: String) throws {
    try Tool.inDirectory { tool in
      try tool.write(text, to: "bad.csv")
      let output = try tool.run("replay", "bad.csv")
      #expect(output.status == 65)
      #expect(output.error.hasPrefix(message), "\(output.error)")
      #expect(output.out.isEmpty)
    }
  }

  @Test("wrong usage and missing files have exit codes of their own")
  func usage() throws {
    try Tool.inDirectory { tool in
      #expect(try tool.run("replay", "none.csv").status == 66)
      try tool.write("func,start_s,duration_s\nf,1,2\n", to: "trace.csv")
      for keepAlive in ["600", "half-life=0s", "some", "none=1s", "half-life="] {
        #expect(try tool.run("replay", "trace.csv", "--keep-alive", keepAlive).status == 64)
      }
      #expect(try tool.run("replay", "trace.csv", "--idle-rule", "any").status == 64)
      #expect(try tool.run("replay", "trace.csv", "--durations", "none.csv").status == 66)
      let duration = try tool.run("replay", "trace.csv", "--duration", "1s")
      #expect(duration.status == 65 && duration.error.hasPrefix("trace.csv:1:1: lists invocations"))
    }
  }
}
