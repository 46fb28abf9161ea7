import Foundation
import Testing

@Suite("The calibrate command") struct CalibrateCommandTests {
  /// Latencies in the middle of equal parts of 10 ms + 16 ms exp(0.5 z), in a mixed order, between
  /// rows of another operation.
  private static let pilot: String = {
    let rows = (0..<2000).map { i -> String in
      let probability = (Double(i * 7 % 2000) + 0.5) / 2000
      return "get,\(10 + 16 * exp(0.5 * normalQuantile(probability)))\nput,3.5\n"
    }
    return "op,latency_ms\n" + rows.joined()
  }()

  /// Where the distribution function of the standard normal distribution has a value.
  private static func normalQuantile(_ probability: Double) -> Double {
    var (low, high) = (-10.0, 10.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle / 2.0.squareRoot()) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return low
  }

  private let fit = ["--column", "latency_ms", "--where", "op=get"]

  @Test("finds the distribution of a recording, which a scenario then uses")
  func fits() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.pilot, to: "pilot.csv")
      let output = try tool.run(
        ["calibrate", "object-store.get=pilot.csv", "-o", "mine.yaml", "--json"] + fit)
      #expect(output.status == 0, "\(output.error)")
      let operations = try #require(try output.document()["operations"] as? [[String: Any]])
      let found = try #require(operations.first)
      #expect(abs(try #require(found["shift_ms"] as? Double) - 10) < 0.5)
      #expect(abs(try #require(found["median_ms"] as? Double) - 16) < 0.5)
      #expect(abs(try #require(found["sigma"] as? Double) - 0.5) < 0.03)
      #expect(found["held_out_samples"] as? Int == 1000)
      let heldOut = try #require(found["held_out"] as? [String: [String: Any]])
      for (name, comparison) in heldOut {
        #expect(abs(try #require(comparison["relative_error"] as? Double)) < 0.03, "\(name)")
      }

      try tool.write(
        """
        provider: mine.yaml
        frameworks: [all-reduce]
        workers: 2
        function: { memory: 8 GB }
        training:
          gradients: none
          priced-as: resnet50-imagenet
          samples: 128
          batch-size: 32
          steps: 2
        """, to: "scenario.yaml")
      let run = try tool.run("run", "scenario.yaml", "--json")
      #expect(run.status == 0, "\(run.error)")
    }
  }

  @Test("takes the traces of a scenario, and prints a line for each")
  func scenario() throws {
    let file = "\(Tool.root)/scenarios/recorded-latency.yaml"
    try Tool.inDirectory { tool in
      let output = try tool.run("calibrate", file, "--date", "2026-11-01", "-o", "mine.yaml")
      #expect(output.status == 0, "\(output.error)")
      let lines = output.out.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines[1].hasPrefix("object-store.get") && lines[2].hasPrefix("object-store.put"))
      let profile = try String(contentsOfFile: tool.path("mine.yaml"), encoding: .utf8)
      #expect(profile.contains("extends: aws/us-east-1\n"))
      #expect(profile.contains("where service is s3_express and op is read\""))
      #expect(profile.contains("date: 2026-11-01\n"))
      let prices = try tool.run("prices", "diff", "aws/us-east-1", "mine.yaml")
      #expect(prices.status == 0, "\(prices.error)")
    }
  }

  @Test("says what is wrong, and then writes nothing")
  func rejects() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.pilot, to: "pilot.csv")
      let both = try tool.run(
        "calibrate", "object-store.gte=pilot.csv", "object-store.put=pilot.csv", "--column",
        "latency_ms", "--where", "op=put", "-o", "mine.yaml")
      #expect(both.status == 65)
      #expect(both.error.contains("did you mean 'object-store.get'?"))
      #expect(both.error.contains("pilot.csv:1:1: traces.object-store.put: no distribution can be"))
      let column = try tool.run("calibrate", "object-store.get=pilot.csv", "--column", "latency")
      #expect(column.status == 65)
      #expect(column.error.hasPrefix("pilot.csv:1:1: "))
      #expect(try tool.run(["calibrate", "object-store.get=none.csv"] + fit).status == 66)
      #expect(try tool.run("calibrate", "object-store.get=pilot.csv").status == 64)
      for trace in ["=", "=pilot.csv", "object-store.get="] {
        #expect(try tool.run(["calibrate", trace] + fit).status == 64, "\(trace)")
      }
      let scenario = try tool.run(["calibrate", "scenario.yaml"] + fit)
      #expect(scenario.status == 64 && scenario.error.contains("a scenario has its own"))
      #expect(try tool.run(["calibrate", "x=pilot.csv", "--date", "today"] + fit).status == 64)
      #expect(try tool.files() == ["pilot.csv"])
    }
  }
}
