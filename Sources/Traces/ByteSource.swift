internal import CZlib
internal import Foundation

/// The bytes of a trace, a piece at a time: a file, a gzip file, or bytes in memory.
///
/// zlib reads a file that is not compressed as it is, so one path serves both.
final class ByteSource {
  private enum Origin {
    case file(gzFile)
    case memory([UInt8])
    case finished
  }

  private let name: String
  private var origin: Origin
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// Opens the file at `path`; errors call it `name`.
  init(path: String, name: String) throws(TraceError) {
    self.name = name
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw TraceError(file: name, "there is no such file")
    }
    guard !isDirectory.boolValue else {
      throw TraceError(file: name, "is a directory, not a file")
    }
    guard let file = gzopen(path, "rb") else {
      throw TraceError(file: name, "cannot be opened")
    }
    origin = .file(file)
  }

  /// Reads `bytes`, which errors call `name`.
  init(bytes: [UInt8], name: String) {
    self.name = name
    origin = .memory(bytes)
  }

  deinit {
    if case .file(let file) = origin { gzclose(file) }
  }

  /// The next piece; empty at the end.
  func next() throws(TraceError) -> ArraySlice<UInt8> {
    switch origin {
    case .finished: return []
    case .memory(let bytes):
      origin = .finished
      return bytes[...]
    case .file(let file):
      let count = gzread(file, &buffer, UInt32(buffer.count))
      var status: Int32 = Z_OK
      let text = gzerror(file, &status)
      // A truncated gzip file gives its last bytes first, and Z_BUF_ERROR with them or after.
      if count < 0 || status != Z_OK && status != Z_STREAM_END {
        let reason =
          status == Z_BUF_ERROR
          ? "ends too early" : text.map { String(cString: $0) } ?? "is damaged"
        throw TraceError(file: name, "cannot be decompressed: \(reason)")
      }
      return buffer[..<Int(count)]
    }
  }
}
