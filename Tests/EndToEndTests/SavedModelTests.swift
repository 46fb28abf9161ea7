import Foundation
import Testing

@Suite("--save-model") struct SavedModelTests {
  @Test("writes one file a run, makes what is missing again, and can be begun with")
  func roundTrip() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      let first = try tool.run("run", "quick.yaml", "--json", "--save-model", "models")
      #expect(first.status == 0, "\(first.error)")
      let digests = try first.digests()
      let frameworks = ["spirt", "mlless", "scatter-reduce", "all-reduce"]
      let files = zip(frameworks, digests).map { "models/\($0)-\($1.prefix(16)).safetensors" }
      let contents = try files.map { try Data(contentsOf: URL(fileURLWithPath: tool.path($0))) }
      // Logistic regression on 28 x 28 pixels has 7,850 parameters of 4 bytes, and a header.
      #expect(contents.allSatisfy { (31_400..<32_000).contains($0.count) })
      #expect(Set(contents).count >= 3)

      try FileManager.default.removeItem(atPath: tool.path(files[1]))
      let second = try tool.run("run", "quick.yaml", "--json", "--save-model", "models")
      #expect(second.out == first.out)
      #expect(second.error.contains("3 of 4 runs are in"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: tool.path(files[1]))) == contents[1])

      let next = try tool.run(
        "run", "quick.yaml", "--json", "--only", "framework=all-reduce",
        "--set", "training.initial-weights=\(files[3])")
      #expect(next.status == 0, "\(next.error)")
      #expect(try curve(next, run: 0).first == curve(first, run: 3).last)
    }
  }

  /// The losses of a run.
  private func curve(_ output: Tool.Output, run: Int) throws -> [Double] {
    let runs = try #require(try output.document()["runs"] as? [[String: Any]])
    let points = try #require(runs[run]["curve"] as? [[String: Any]])
    return points.compactMap { $0["loss"] as? Double }
  }

  @Test("a module of the user's own fails with its own words and exit code 65")
  func ownModule() throws {
    try Tool.inDirectory { tool in
      try tool.write(Quick.scenario, to: "quick.yaml")
      try tool.write("", to: "net.py")
      let output = try tool.run(
        "run", "quick.yaml", "--set",
        "training.model={python: net.py, class: Net, interpreter: no-such-python}")
      #expect(output.status == 65)
      #expect(output.error.contains("there is no no-such-python"))
      #expect(output.out.isEmpty)
    }
  }
}
