import Foundation

/// A file that a result is written to.
///
/// A regular file is replaced in one step, so that it is never seen half written; it keeps its
/// permissions, and a link to it goes on leading to it. What is no file, such as a pipe or a
/// device, is opened and written to.
struct OutputFile {
  private let path: String

  init(path: String) { self.path = path }

  /// - Throws: `Fault` where the file cannot be written.
  func write(_ text: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      // A link that leads nowhere makes the file that it names.
      guard lstat(path, &status) == 0 else { return try replace(path, by: text) }
      return try write(text, to: open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return try write(text, to: open(path, O_WRONLY))
    }
    guard let resolved = realpath(path, nil) else { throw fault() }
    defer { free(resolved) }
    try replace(String(cString: resolved), by: text, mode: status.st_mode & 0o7777)
  }

  /// Writes a file beside `target`, and then moves it there.
  private func replace(_ target: String, by text: String, mode: mode_t? = nil) throws {
    let made =
      URL(fileURLWithPath: target).deletingLastPathComponent().path
      + "/.nephoscope-\(UUID().uuidString)"
    do {
      try write(text, to: open(made, O_WRONLY | O_CREAT | O_EXCL, 0o666), mode: mode)
      guard rename(made, target) == 0 else { throw fault() }
    } catch {
      unlink(made)
      throw error
    }
  }

  private func write(_ text: String, to descriptor: Int32, mode: mode_t? = nil) throws {
    guard descriptor >= 0 else { throw fault() }
    var problem: Fault?
    if let mode, fchmod(descriptor, mode) != 0 { problem = fault() }
    var bytes = Array(text.utf8)[...]
    while problem == nil, !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { problem = fault() }
    }
    if close(descriptor) != 0, problem == nil { problem = fault() }
    if let problem { throw problem }
  }

  /// What the system says about the last call.
  private func fault() -> Fault {
    Fault(.output, "\(path) cannot be written: \(String(cString: strerror(errno)))")
  }
}
