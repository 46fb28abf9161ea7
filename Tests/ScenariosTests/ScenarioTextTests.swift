import Foundation
import Scenarios
import Testing

@Suite("Changing the text of a scenario") struct ScenarioTextTests {
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let before: String
    let path: String
    let value: String
    let after: String
    var testDescription: String { name }
  }

  static let changes = [
    Change(
      name: "a value in a block, its remark kept",
      before: "seed: 1   # of the first\nworkers: 4\n", path: "seed", value: "12",
      after: "seed: 12   # of the first\nworkers: 4\n"),
    Change(
      name: "a value in braces", before: "function: { memory: 1769 MB, package: zip } # whole\n",
      path: "function.memory", value: "3 GB",
      after: "function: { memory: 3 GB, package: zip } # whole\n"),
    Change(
      name: "a value in quotes", before: "function: {memory: \"1 #, } GB\", package: 'it''s'}\n",
      path: "function.memory", value: "512 MB",
      after: "function: {memory: 512 MB, package: 'it''s'}\n"),
    Change(
      name: "a value behind letters of several bytes", before: "# größer\na: {ä😀: é, b: 1}\n",
      path: "a.b", value: "2", after: "# größer\na: {ä😀: é, b: 2}\n"),
    Change(
      name: "lines that end as on Windows", before: "seed: 1\r\nworkers: 4\r\n", path: "seed",
      value: "2", after: "seed: 2\r\nworkers: 4\r\n"),
    Change(
      name: "a new entry in braces", before: "function: {memory: 1 GB}\n",
      path: "function.package", value: "zip", after: "function: {package: zip, memory: 1 GB}\n"),
    Change(
      name: "a new entry in braces with spaces", before: "function: { memory: 1 GB }\n",
      path: "function.package", value: "zip", after: "function: { package: zip, memory: 1 GB }\n"),
    Change(
      name: "a new entry in empty braces", before: "function: {}\n", path: "function.memory",
      value: "1 GB", after: "function: { memory: 1 GB }\n"),
    Change(
      name: "a new entry in a block, beside plain ones",
      before:
        "seed: 1 # first\ntraining:\n  epochs: 1\n  # how\n  optimizer:\n    sgd: {}\nx: []\n",
      path: "training.gradients", value: "none",
      after: "seed: 1 # first\ntraining:\n  epochs: 1\n  gradients: none\n  # how\n  optimizer:\n"
        + "    sgd: {}\nx: []\n"),
    Change(
      name: "a new entry after a part of several lines", before: "a:\n  - 1\n  - { b: [\n 2] }\n",
      path: "seed", value: "3", after: "a:\n  - 1\n  - { b: [\n 2] }\nseed: 3\n"),
    Change(
      name: "a new mapping", before: "seed: 1", path: "function.memory", value: "1 GB",
      after: "seed: 1\nfunction: { memory: 1 GB }"),
    Change(
      name: "the whole in braces", before: "{seed: 1}", path: "workers", value: "3",
      after: "{workers: 3, seed: 1}"),
  ]

  @Test("leaves alone what a change is not about", arguments: changes)
  func set(_ change: Change) throws {
    var text = ScenarioText(change.before)
    try text.set(change.path, to: change.value)
    #expect(text.text == change.after)
  }

  static let lists: [(before: String, after: String)] = [
    ("frameworks: [spirt, all-reduce] # two\n", "frameworks: [all-reduce, mlless] # two\n"),
    (
      "frameworks: [ { all-reduce: { variant: released } }, spirt ]\nseed: 1\n",
      "frameworks: [{ all-reduce: { variant: released } }, mlless]\nseed: 1\n"
    ),
    (
      "frameworks:\n  - spirt\n  - all-reduce: # slow\n      variant: released # old\nseed: 1\n",
      "frameworks:\n  - all-reduce: # slow\n      variant: released # old\n  - mlless\nseed: 1\n"
    ),
    (
      "frameworks:\n- all-reduce # slow\n- spirt\n# end\nseed: 1\n",
      "frameworks:\n- all-reduce # slow\n- mlless\n# end\nseed: 1\n"
    ),
    ("seed: 1\n", "seed: 1\nframeworks: [all-reduce, mlless]\n"),
  ]

  @Test("keeps items of a list as they are written", arguments: lists)
  func choose(before: String, after: String) throws {
    var text = ScenarioText(before)
    try text.choose(["all-reduce", "mlless"], in: "frameworks")
    #expect(text.text == after)
  }

  @Test(
    "refuses rather than saying something else",
    arguments: [
      "seed: 1\n  2\n", "seed: |\n  1\n", "seed:\nworkers: [\n", "", "- 1\n", "a: &b 1\nseed: *b\n",
    ])
  func refusal(_ before: String) {
    var text = ScenarioText(before)
    #expect(throws: ScenarioErrors.self) { try text.set("seed", to: "7") }
    #expect(text.text == before)
  }

  @Test("every shipped scenario takes every change of the form, and is read with it")
  func shipped() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scenarios")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") }.sorted()
    #expect(files.count > 10)
    let reader = ScenarioReader(vocabulary: .program)
    for file in files.map({ folder.appendingPathComponent($0).path }) {
      let original = try String(contentsOfFile: file, encoding: .utf8)
      // Provider files lie there too.
      if original.contains("\nextends:") { continue }
      var text = ScenarioText(original)
      try text.set("seed", to: "977")
      try text.set("replications", to: "3")
      try text.set("function.memory", to: "2222 MB")
      try text.set("training.epochs", to: "7")
      try text.choose(["all-reduce", "one-machine"], in: "frameworks")
      try text.choose(["spirt", "mlless", "all-reduce"], in: "frameworks")
      #expect(Self.remarks(text.text) == Self.remarks(original), "\(file)")
      guard let scenario = Self.reading(text.text, as: file, with: reader) else { continue }
      #expect(scenario.seed == 977 && scenario.replications == 3)
      #expect(scenario.function.memoryMB == 2222 && scenario.training.epochs == 7)
      #expect(Set(scenario.frameworks.map(\.name)) == ["spirt", "mlless", "all-reduce"])
    }
  }

  /// The scenario; nil where its other settings do not go with the frameworks of the test.
  private static func reading(
    _ text: String, as file: String, with reader: ScenarioReader
  ) -> Scenario? {
    do {
      return try reader.read(text: text, file: file)
    } catch {
      #expect(error.issues.allSatisfy { !$0.path.isEmpty }, "\(error)")
      return nil
    }
  }

  private static func remarks(_ text: String) -> [Substring] {
    text.split(separator: "\n").compactMap { line in
      line.firstIndex(of: "#").map { line[$0...] }
    }
  }

  @Test("tells in what two texts differ")
  func differences() throws {
    let old = ScenarioText("seed: 1\nfunction: { memory: 1 GB }\nlogs: true\nframeworks: [a]\n")
    let new = ScenarioText("frameworks: [a, b]\nseed: 1 # same\nfunction:\n  memory: 2 GB\nx: 1\n")
    let differences = try new.differences(from: old)
    #expect(differences.map(\.path) == ["frameworks", "function.memory", "x", "logs"])
    #expect(differences.map(\.old) == ["[a]", "1 GB", nil, "true"])
    #expect(differences.map(\.new) == ["[a, b]", "2 GB", "1", nil])
    #expect(try old.differences(from: old).isEmpty)
  }
}

@Suite("A fence around files") struct FileFenceTests {
  @Test("lets through what lies within, links followed, and what is named")
  func fence() throws {
    let manager = FileManager.default
    let root = manager.temporaryDirectory.appendingPathComponent("fence-\(UUID().uuidString)").path
    defer { #expect(throws: Never.self) { try manager.removeItem(atPath: root) } }
    try manager.createDirectory(atPath: "\(root)/in/deep", withIntermediateDirectories: true)
    for file in ["in/a.csv", "in/deep/b.csv", "out.csv", "named.csv", "in-side.csv"] {
      try "x\n1\n".write(toFile: "\(root)/\(file)", atomically: true, encoding: .utf8)
    }
    try manager.createSymbolicLink(
      atPath: "\(root)/in/link.csv", withDestinationPath: "\(root)/out.csv")
    let fence = FileFence(directories: ["\(root)/in"], files: ["\(root)/in/../named.csv"])
    let paths = ["in/a.csv", "in/deep/b.csv", "in/../named.csv", "in/none.csv"]
    #expect(paths.allSatisfy { fence.allows("\(root)/\($0)") })
    let others = [
      "out.csv", "in/../out.csv", "in/link.csv", "in-side.csv", "in/deep/../../out.csv",
    ]
    #expect(others.allSatisfy { !fence.allows("\(root)/\($0)") })

    var reader = ScenarioReader(vocabulary: vocabulary)
    reader.fence = fence
    func text(_ path: String) -> String {
      "frameworks: [all-reduce]\ntraining: { model: mlp, dataset: { csv: { path: \(path) } } }\n"
    }
    _ = try reader.read(text: text("a.csv"), file: "\(root)/in/test.yaml")
    let errors = #expect(throws: ScenarioErrors.self) {
      try reader.read(text: text("../out.csv"), file: "\(root)/in/test.yaml")
    }
    #expect(errors?.issues.first?.message.contains("outside") == true)
    #expect(errors?.issues.first?.line == 2)
  }
}
