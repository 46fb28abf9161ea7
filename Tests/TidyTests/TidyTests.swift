import Foundation
import Testing

@Suite("The house rules") struct TidyTests {
  @Test("holds in every file", arguments: Rule.all)
  func holds(rule: Rule) throws {
    let files = try SourceTree.swiftFiles()
    #expect(files.count > 50)
    let findings = files.flatMap(rule.check)
    #expect(findings.isEmpty, "\n\(findings.map(\.description).joined(separator: "\n"))")
  }

  @Test("finds its canary", arguments: Rule.all)
  func canary(rule: Rule) {
    #expect(!rule.check(rule.broken).isEmpty)
  }

  @Test("every scenario is mentioned in the documentation")
  func scenariosAreDocumented() throws {
    let scenarios = try SourceTree.paths(below: "scenarios").filter { $0.hasSuffix(".yaml") }
    let pages = try SourceTree.paths(below: "docs").filter { $0.hasSuffix(".md") }
    let texts = try pages.map(SourceTree.text)
    let missing = Self.unmentioned(scenarios, in: texts)
    #expect(missing.isEmpty, "not in docs/: \(missing)")
    #expect(Self.unmentioned(["scenarios/unheard-of.yaml"], in: texts).count == 1)
  }

  @Test("every trace is listed with its checksum in the README beside it")
  func tracesAreListed() throws {
    let files = try SourceTree.paths(below: "traces").filter { $0.split(separator: "/").count > 2 }
    let findings = try files.filter { !$0.hasSuffix("/README.md") }.flatMap { path in
      let folder = path.split(separator: "/").prefix(2).joined(separator: "/")
      return Self.problems(
        of: path, checksum: try Self.sha256(path),
        readme: try SourceTree.text(folder + "/README.md")
      )
    }
    #expect(findings.isEmpty, "\n\(findings.map(\.description).joined(separator: "\n"))")
    #expect(Self.problems(of: "traces/a/b.csv", checksum: "12ab", readme: "c.csv 12ab").count == 1)
    #expect(Self.problems(of: "traces/a/b.csv", checksum: "12ab", readme: "b.csv 12ac").count == 1)
    #expect(Self.problems(of: "traces/a/b.csv", checksum: "12ab", readme: "b.csv 12ab").isEmpty)
  }

  private static func unmentioned(_ paths: [String], in texts: [String]) -> [String] {
    paths.filter { path in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return !texts.contains { $0.contains(name) }
    }
  }

  private static func problems(of path: String, checksum: String, readme: String) -> [Finding] {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if !readme.contains(name) { return [Finding(path: path, problem: "is not in its README")] }
    return readme.contains(checksum)
      ? [] : [Finding(path: path, problem: "has the checksum \(checksum), not in its README")]
  }

  private static func sha256(_ path: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    process.arguments = ["\(SourceTree.root)/\(path)"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data.prefix(64), as: UTF8.self)
  }
}
