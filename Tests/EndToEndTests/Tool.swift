import Foundation
import Testing

/// The built program, run as a user would: in a directory of its own, its output in files.
struct Tool {
  /// What a process left behind.
  struct Output {
    let status: Int32
    let out: String
    let error: String

    /// The JSON document on standard output.
    func document() throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(out.utf8))
      return try #require(object as? [String: Any])
    }

    /// The digests of the runs of the document, in order.
    func digests() throws -> [String] {
      let runs = try #require(try document()["runs"] as? [[String: Any]])
      return runs.compactMap { $0["digest"] as? String }
    }
  }

  /// A process that is under way.
  struct Running {
    fileprivate let process: Process
    fileprivate let out: String
    fileprivate let error: String

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }
    var isRunning: Bool { process.isRunning }

    /// The first line of standard output, once it is there; nil where the process ends without.
    func firstLine() throws -> String? {
      while true {
        let isRunning = isRunning
        let text = try String(contentsOfFile: out, encoding: .utf8)
        if let end = text.firstIndex(of: "\n") { return String(text[..<end]) }
        if !isRunning { return nil }
        usleep(5000)
      }
    }

    func output() throws -> Output {
      process.waitUntilExit()
      return Output(
        status: process.terminationStatus,
        out: try String(contentsOfFile: out, encoding: .utf8),
        error: try String(contentsOfFile: error, encoding: .utf8))
    }
  }

  let directory: String

  /// Where the program lies: beside the test bundle.
  private static func executable() throws -> URL {
    let bundle = try #require(Bundle.main.executableURL)
    var folder = bundle.deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("nephoscope")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      folder = folder.deletingLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile)
  }

  /// The project's root.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// Runs `body` with a tool in a directory of its own, which is removed afterwards.
  static func inDirectory(_ body: (Tool) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "nephoscope-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let outcome = Result { try body(Tool(directory: folder.path)) }
    try FileManager.default.removeItem(at: folder)
    try outcome.get()
  }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// The files of the directory, without the output of the program.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasPrefix(".") }
      .sorted()
  }

  func run(_ arguments: String...) throws -> Output { try start(arguments).output() }

  func run(_ arguments: [String]) throws -> Output { try start(arguments).output() }

  func start(_ arguments: [String]) throws -> Running {
    let id = UUID().uuidString
    let paths = [".out-\(id)", ".error-\(id)"].map(path)
    for path in paths { try Data().write(to: URL(fileURLWithPath: path)) }
    let process = Process()
    process.executableURL = try Self.executable()
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[0]))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[1]))
    try process.run()
    return Running(process: process, out: paths[0], error: paths[1])
  }
}

/// Scenarios that take well under a second.
enum Quick {
  /// Four frameworks with ten steps of logistic regression each.
  static let scenario = """
    name: Quick
    seed: 7
    frameworks: [spirt, mlless, scatter-reduce, all-reduce]
    workers: 2
    training:
      model: logistic-regression
      dataset: fashion-mnist-fixture
      batch-size: 100
      epochs: 1
    """

  /// Many short runs.
  static let sweep = """
    name: Sweep
    seed: 7
    replications: 10
    frameworks: [all-reduce]
    sweep: { workers: [2, 4] }
    training:
      model: logistic-regression
      dataset: fashion-mnist-fixture
      batch-size: 100
      epochs: 1
    """
}
