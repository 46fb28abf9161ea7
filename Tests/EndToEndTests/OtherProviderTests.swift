import Foundation
import Testing

@Suite("Providers other than AWS") struct OtherProviderTests {
  @Test(
    "every framework runs on them, and says what is assumed",
    arguments: [
      ("gcp/us-central1", "vcpu-x86_64"), ("azure/eastus", "duration-x86_64"),
      ("knative/us-east-1", "duration-x86_64"),
    ])
  func run(provider: String, item: String) throws {
    try Tool.inDirectory { tool in
      // Azure's Consumption plan has functions of at most 1.5 GB and 10 min, if nothing is said.
      try tool.write(Quick.scenario + "\nprovider: \(provider)\n", to: "quick.yaml")
      let output = try tool.run("run", "quick.yaml", "--json")
      #expect(output.status == 0, "\(output.error)")
      let runs = try #require(try output.document()["runs"] as? [[String: Any]])
      #expect(runs.count == 4)
      for run in runs {
        #expect(run["status"] as? String == "completed")
        #expect((run["assumptions"] as? [String])?.isEmpty == false)
        let bill = try #require(run["bill"] as? [[String: Any]])
        #expect(bill.contains { $0["item"] as? String == item }, "\(bill)")
      }
    }
  }

  @Test("memory that their functions do not have is refused at its place, with all of it")
  func memory() throws {
    try Tool.inDirectory { tool in
      let memories = "sweep: { function.memory: [1024 MB, 1769 MB, 3008 MB] }"
      let text = Quick.scenario + "\nprovider: azure/eastus\n\(memories)\n"
      try tool.write(text, to: "quick.yaml")
      let line = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
      for command in ["check", "run"] {
        let output = try tool.run(command, "quick.yaml")
        #expect(output.status == 65 && output.out.isEmpty)
        for (column, memory) in [(37, 1769), (46, 3008)] {
          #expect(
            output.error.contains(
              "quick.yaml:\(line):\(column): function.memory: azure/eastus has no functions of "
                + "\(memory) MB (allowed: 128 MB to 1536 MB)"), "\(output.error)")
        }
      }
    }
  }

  @Test(
    "invocations are billed by each provider's rules, as one can count",
    arguments: [
      // 0.1 s, rounded up, of 1 GiB at 2.5e-6 and half a processor at 2.4e-5; a request at 4e-7.
      ("gcp/us-central1", 1.85e-6),
      // 0.1 s, the shortest, of 1024 MB at 1.6e-5; a request at 2e-7.
      ("azure/eastus", 1.8e-6),
      // 0.051 s of 1000 MB at 3.333333e-6; requests cost nothing.
      ("knative/us-east-1", 1.660156e-7),
    ])
  func rules(provider: String, cost: Double) throws {
    try Tool.inDirectory { tool in
      let memory = provider.hasPrefix("gcp") ? 1024 : 1000
      try tool.write("func,start_s,duration_s,mem\nf,0,0.0501,\(memory)\n", to: "trace.csv")
      let output = try tool.run(
        "replay", "trace.csv", "--provider", provider, "--cold-extra", "0s", "--json")
      #expect(output.status == 0, "\(output.error)")
      let billed = try #require(try output.document()["cost_usd"] as? Double)
      #expect(abs(billed - cost) < 2e-12)
    }
  }
}
