internal import Foundation

/// The files that a text from outside may name: those in the directories a scenario's names start
/// from, and those that the scenario itself had named.
public struct FileFence: Sendable {
  private let directories: [String]
  private let files: Set<String>

  /// A fence around everything below `directories`, and around `files`.
  public init(directories: [String], files: [String]) {
    self.directories = directories.compactMap(FileFence.real)
    self.files = Set(files.compactMap(FileFence.real))
  }

  /// Whether the file at `path`, links followed, lies within; what does not exist does no harm.
  public func allows(_ path: String) -> Bool {
    guard let real = FileFence.real(path) else { return true }
    return files.contains(real)
      || directories.contains { real == $0 || real.hasPrefix($0 == "/" ? $0 : $0 + "/") }
  }

  /// The path without links and dots; nil where there is nothing.
  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
