import Foundation
import Testing

@Suite("A provider file of one's own") struct OwnProviderTests {
  /// Requests at five times the price of AWS.
  private static let mine = """
    extends: aws/us-east-1
    sources: { us: An offer }
    prices:
      function:
        request: { value: 1 USD, per: 1000000 requests, source: us, date: 2026-11 }

    """

  @Test("goes wherever a provider is named, and can be extended in turn")
  func everywhere() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.mine, to: "mine.yaml")
      try tool.write("func,start_s,duration_s,mem\nf,0,0.05,1024\n", to: "trace.csv")
      let rows = (1...100).map { "\($0)\n" }.joined()
      try tool.write("latency_ms\n" + rows, to: "pilot.csv")
      let listed = try tool.run("list", "services", "--provider", "mine.yaml")
      #expect(listed.status == 0 && listed.out.contains("1.000000000000 USD per 1000000 requests"))
      func cost(_ provider: String) throws -> Double {
        let output = try tool.run(
          "replay", "trace.csv", "--provider", provider, "--cold-extra", "0s", "--json")
        #expect(output.status == 0, "\(output.error)")
        return try #require(try output.document()["cost_usd"] as? Double)
      }
      #expect(try abs(cost("mine.yaml") - cost("aws/us-east-1") - 0.8e-6) < 1e-13)
      let fitted = try tool.run(
        "calibrate", "object-store.get=pilot.csv", "--column", "latency_ms", "--extends",
        "mine.yaml", "-o", "fitted.yaml")
      #expect(fitted.status == 0, "\(fitted.error)")
      #expect(try cost("fitted.yaml") == cost("mine.yaml"))
    }
  }

  @Test("is refused with a reason where it is missing, or extends itself")
  func refused() throws {
    try Tool.inDirectory { tool in
      try tool.write("func,start_s,duration_s\nf,0,1\n", to: "trace.csv")
      for arguments in [
        ["list", "services", "--provider", "nope"], ["replay", "trace.csv", "--provider", "nope"],
        ["calibrate", "queue.send=trace.csv", "--column", "duration_s", "--extends", "nope"],
        ["prices", "import", "trace.csv", "--extends", "nope"],
      ] {
        let output = try tool.run(arguments)
        #expect(output.status == 66, "\(arguments): \(output.error)")
        #expect(output.error.contains("nope: there is no provider of this name"))
      }
      try tool.write("extends: b.yaml\n", to: "a.yaml")
      try tool.write("extends: ./a.yaml\n", to: "b.yaml")
      let circle = try tool.run("prices", "show", "a.yaml")
      #expect(circle.status == 65)
      #expect(circle.error.contains("b.yaml:1:10: extends: "), "\(circle.error)")
      #expect(circle.error.contains("a.yaml extends this file"), "\(circle.error)")
    }
  }

  @Test("is not compared by usage that the other would have counted otherwise")
  func rules() throws {
    try Tool.inDirectory { tool in
      try tool.write(
        Quick.scenario.replacing(
          "[spirt, mlless, scatter-reduce, all-reduce]", with: "[all-reduce]"), to: "quick.yaml")
      for (other, reason) in [
        ("gcp/us-central1", "gcp/us-central1 charges function/vcpu-x86_64 too"),
        ("azure/eastus", "function.billing-minimum of azure/eastus is not that of"),
      ] {
        let output = try tool.run(
          "prices", "diff", "aws/us-east-1", other, "--scenario", "quick.yaml")
        #expect(output.status == 65 && output.out.isEmpty)
        #expect(output.error.contains(reason), "\(output.error)")
        #expect(output.error.contains("run the scenario with each provider"))
      }
    }
  }
}
