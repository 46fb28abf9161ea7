import Foundation
import Testing

@Suite("A provider file of one's own") struct OwnProviderTests {
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
