import Foundation
import Testing

@Suite("nephoscope export workflow") struct WorkflowExportTests {
  private func states(_ text: String) throws -> [String: Any] {
    let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require((document as? [String: Any])?["States"] as? [String: Any])
  }

  @Test(
    "writes the state machine that comes with the project", arguments: ["published", "released"])
  func shipped(variant: String) throws {
    try Tool.inDirectory { tool in
      let name = variant == "released" ? "spirt-released" : "spirt"
      let shipped = try String(
        contentsOfFile: Tool.root + "/scenarios/workflows/\(name).asl.json", encoding: .utf8)
      let output = try tool.run(
        "export", "workflow", "--framework", "spirt", "--variant", variant, "--minibatches", "4")
      #expect(output.status == 0, "\(output.error)")
      let (made, expected) = (try states(output.out), try states(shipped))
      #expect(made.keys.sorted() == expected.keys.sorted())
    }
  }

  @Test("has a branch for each minibatch, beyond the 40 of an inline Map", arguments: [1, 20, 64])
  func branches(count: Int) throws {
    try Tool.inDirectory { tool in
      let output = try tool.run(
        "export", "workflow", "--minibatches", "\(count)", "-o", "spirt.asl.json")
      #expect(output.status == 0 && output.out.isEmpty, "\(output.error)")
      let text = try String(contentsOfFile: tool.path("spirt.asl.json"), encoding: .utf8)
      let parallel = try #require(states(text)["ComputeGradients"] as? [String: Any])
      #expect(parallel["Type"] as? String == "Parallel")
      #expect((parallel["Branches"] as? [Any])?.count == count)
    }
  }

  @Test("refuses what has no workflow and rounds that cannot be")
  func refusals() throws {
    try Tool.inDirectory { tool in
      for arguments in [["--framework", "all-reduce"], ["--minibatches", "0"]] {
        let output = try tool.run(["export", "workflow"] + arguments)
        #expect(output.status == 64)
      }
    }
  }
}
