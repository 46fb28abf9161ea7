import Foundation
import Testing

@Suite("The scenarios that come with the project") struct ShippedScenarioTests {
  /// The files of `scenarios/`, by their path from the project's root.
  static let files = yamlFiles(in: "scenarios")

  /// The scenarios that stand for papers.
  static let papers = yamlFiles(in: "scenarios/papers")

  private static func yamlFiles(in name: String) -> [String] {
    let folder = Tool.root + "/" + name
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
    } catch {
      preconditionFailure("\(folder) cannot be listed: \(error)")
    }
  }

  @Test("are all without mistakes")
  func check() throws {
    #expect(!Self.files.isEmpty && !Self.papers.isEmpty)
    try Tool.inDirectory { tool in
      let output = try tool.run(["check"] + Self.files + Self.papers)
      #expect(output.status == 0, "\(output.error)")
    }
  }

  @Test("give the same bytes in two processes, with 1 and 2 threads", arguments: files)
  func replay(file: String) throws {
    try Tool.inDirectory { tool in
      // The quickstart is short enough to be run whole; the others make a few steps.
      let cap = file.hasSuffix("quickstart.yaml") ? [] : ["--steps", "3"]
      let outputs = try ["1", "2"].map { threads in
        try tool.run(
          ["run", file, "--json", "--threads", threads, "--store", "\(threads).sqlite"] + cap)
      }
      #expect(try outputs[0].digests().count > 0, "\(outputs[0].error)")
      #expect(outputs[0].out == outputs[1].out)
      #expect(outputs[0].status == outputs[1].status)
    }
  }
}
