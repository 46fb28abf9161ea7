internal import Foundation
public import Traces

/// Where recorded traces are looked up.
public struct TraceLibrary: Sendable {
  /// The environment variable that names a directory of traces.
  public static let environmentVariable = "NEPHOSCOPE_TRACES"

  /// The directories in the order in which they are searched.
  public let directories: [String]

  /// Searches the directories in order, then what comes with the program.
  public init(directories: [String]) { self.directories = directories }

  /// Searches beside the file that names a trace, in the user's `directory`, in that of the
  /// environment and in `traces/` of the current directory.
  public init(beside file: String? = nil, directory: String? = nil) {
    let named = ProcessInfo.processInfo.environment[TraceLibrary.environmentVariable]
    directories =
      [file.map(ScenarioReader.directory), directory, named, "traces"].compactMap { $0 }
  }

  /// The trace called `name`, a path relative to one of the directories; nil if none has it.
  public func trace(_ name: String) -> TraceFile? {
    if name.hasPrefix("/") {
      return TraceLibrary.exists(name) ? TraceFile(path: name, name: name) : nil
    }
    for directory in directories {
      let path = directory == "." ? name : directory + "/" + name
      if TraceLibrary.exists(path) { return TraceFile(path: path, name: path) }
    }
    return EmbeddedFiles.trace(name).map { TraceFile(bytes: $0, name: name) }
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
