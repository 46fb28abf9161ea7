import Foundation

/// Standard output and standard error.
enum Terminal {
  /// Whether standard output is a terminal that shows colour, and nobody asked for none.
  ///
  /// `NO_COLOR` is described at no-color.org: any text but an empty one counts.
  static var hasColour: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
      && environment["TERM"] != "dumb"
  }

  /// Whether somebody watches standard error.
  static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes results.
  static func write(_ text: String) throws {
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }

  /// Writes messages; where standard error is closed there is nobody to tell.
  static func writeError(_ text: String) {
    text.utf8.withContiguousStorageIfAvailable { bytes in
      _ = Foundation.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
  }

  /// Writes a result to a file, or to standard output where there is none or it is `-`.
  static func write(_ text: String, to path: String?) throws {
    guard let path, !["-", "/dev/stdout"].contains(path) else { return try write(text) }
    try OutputFile(path: path).write(text)
  }
}
