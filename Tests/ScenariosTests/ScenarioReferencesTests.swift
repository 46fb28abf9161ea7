import Cloud
import Foundation
import Scenarios
import SimulationKernel
import Testing

/// A scenario beside a trace, in a directory of its own that is removed afterwards.
private func withScenario(
  _ lines: String, trace: String = "op,latency_ms\nread,1\nwrite,2\nread,3\n",
  _ body: (Scenario, TraceLibrary) throws -> Void
) throws {
  let directory = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
  try Data(trace.utf8).write(to: URL(fileURLWithPath: directory + "/trace.csv"))
  defer {
    unlink(directory + "/trace.csv")
    rmdir(directory)
  }
  let path = directory + "/s.yaml"
  let scenario = try ScenarioReader(vocabulary: vocabulary).read(text: minimal + lines, file: path)
  try body(scenario, TraceLibrary(directories: [directory]))
}

@Suite struct ScenarioReferencesTests {
  private let get = "traces: { object-store.get: { file: trace.csv, column: latency_ms"

  @Test func `A trace beside the scenario replaces the provider's latency`() throws {
    try withScenario(get + ", where: { op: read } } }") { scenario, library in
      let references = try ScenarioReferences(of: scenario, library: library)
      let latency = try #require(references.latencies["object-store.get"])
      #expect(latency.model == .samples([.milliseconds(1), .milliseconds(3)]))
      #expect(!latency.includesTransfer)
    }
  }

  @Test func `A replay keeps the order of the file`() throws {
    let replay = ", mode: replay, at-end: error, includes-transfer: true } }"
    try withScenario(get + replay) { scenario, library in
      let references = try ScenarioReferences(of: scenario, library: library)
      let latency = try #require(references.latencies["object-store.get"])
      let order: [Duration] = [.milliseconds(1), .milliseconds(2), .milliseconds(3)]
      #expect(latency.model == .replay(order, atEnd: .error))
      #expect(latency.includesTransfer)
    }
  }

  @Test func `The date of the scenario chooses the provider's rules`() throws {
    try withScenario("date: 2020-11-01") { scenario, library in
      let provider = try ScenarioReferences(of: scenario, library: library).provider
      #expect(try provider.duration("function.billing-granularity") == .milliseconds(100))
    }
  }

  @Test(
    arguments: [
      (
        "traces: { object-store.gte: { file: trace.csv, column: latency_ms } }",
        "s.yaml:3:37: traces.object-store.gte: aws/us-east-1 has no latency of this name"
      ),
      (
        "traces: { object-store.get: { file: trase.csv, column: latency_ms } }",
        "s.yaml:3:37: traces.object-store.get: there is no trace 'trase.csv' in "
      ),
      (
        "traces: { object-store.get: { file: trace.csv, column: latncy_ms } }",
        "trace.csv:1:1: traces.object-store.get: there is no column 'latncy_ms' among op, "
          + "latency_ms; did you mean 'latency_ms'?"
      ),
      (
        "function: { runtime: python3.1 }",
        "s.yaml:3:22: function.runtime: aws/us-east-1 has no runtime 'python3.1' (allowed: "
      ),
      (
        "function: { imports: pytroch }",
        "s.yaml:3:22: function.imports: aws/us-east-1 has no measured library 'pytroch' "
          + "(allowed: none, pytorch); did you mean 'pytorch'?"
      ),
    ])
  func `A reference to nothing is reported at its place`(line: String, expected: String) throws {
    try withScenario(line) { scenario, library in
      let error = #expect(throws: ScenarioErrors.self) {
        try ScenarioReferences.check(scenario, library: library)
      }
      let text = error?.description ?? "no error"
      #expect(text.contains("/" + expected), "\(text)")
    }
  }

  @Test func `Bad rows of traces are reported with their file and line, all at once`() throws {
    let lines = """
      function: { imports: tensorflow }
      traces:
        object-store.get: { file: trace.csv, column: latency_ms, where: { op: read } }
        object-store.put: { file: trace.csv, column: latency_ms, where: { op: write } }
      """
    let trace = "op,latency_ms\nread,1\nwrite,-2\nread,x\n"
    try withScenario(lines, trace: trace) { scenario, library in
      let error = #expect(throws: ScenarioErrors.self) {
        try ScenarioReferences.check(scenario, library: library)
      }
      let places = error?.issues.map { issue in
        "\(issue.file.split(separator: "/").last ?? ""):\(issue.line):\(issue.column)"
      }
      #expect(places == ["s.yaml:3:22", "trace.csv:3:7", "trace.csv:4:6"])
    }
  }
}
