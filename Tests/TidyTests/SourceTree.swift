import Foundation

/// A Swift file of the project, as the checks see it.
struct SourceFile: Sendable {
  /// From the root of the project: `Sources/Cloud/Money.swift`.
  let path: String
  /// The lines, without their ends.
  let lines: [String]
  /// The lines without comments, those inside a text of several lines left empty.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var isText = false
    code = lines.map { line in
      let wasText = isText
      if line.ranges(of: "\"\"\"").count % 2 == 1 { isText.toggle() }
      return wasText ? "" : line.withoutComment
    }
  }

  /// `Sources`, `Tests`, ...
  var area: String { path.split(separator: "/").first.map(String.init) ?? "" }
  /// The target the file belongs to.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

/// Something that breaks a rule.
struct Finding: Hashable, CustomStringConvertible, Sendable {
  let path: String
  /// From 1; 0 for the file as a whole.
  let line: Int
  let problem: String

  var description: String { "\(path):\(line): \(problem)" }

  /// A problem of line `index` (from 0) of `file`.
  init(_ file: SourceFile, _ index: Int, _ problem: String) {
    self.init(path: file.path, line: index + 1, problem: problem)
  }

  init(path: String, line: Int = 0, problem: String) {
    self.path = path
    self.line = line
    self.problem = problem
  }
}

/// The files of the project.
enum SourceTree {
  /// The directory of `Package.swift`.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The paths of all files below `folder`, sorted; none where there is no such folder.
  static func paths(below folder: String) throws -> [String] {
    let full = "\(root)/\(folder)"
    guard FileManager.default.fileExists(atPath: full) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: full).sorted()
      .map { "\(folder)/\($0)" }.filter { path in
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(
          atPath: "\(root)/\(path)", isDirectory: &isDirectory)
        return exists && !isDirectory.boolValue
      }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
  }

  /// The Swift files of the sources and tests.
  static func swiftFiles() throws -> [SourceFile] {
    try (paths(below: "Sources") + paths(below: "Tests")).filter { $0.hasSuffix(".swift") }
      .map { SourceFile(path: $0, text: try text($0)) }
  }
}
