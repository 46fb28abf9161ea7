import CZlib
import Foundation

/// The contents of a file, unpacked if they are gzipped.
struct UnpackedFile {
  let path: String
  let bytes: [UInt8]

  /// Reads a whole file; `limit` guards against a file that unpacks to more than memory holds.
  init(path: String, limit: Int = 4 << 30) throws(DataError) {
    let url = URL(fileURLWithPath: path)
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw DataError(
        path: path, isThere ? "cannot be read: \(error.localizedDescription)" : "no such file",
        isMissingFile: !isThere)
    }
    try self.init(path: path, packed: data, limit: limit)
  }

  init(path: String, packed: Data, limit: Int = 4 << 30) throws(DataError) {
    self.path = path
    let isPacked =
      packed.count >= 2 && packed[packed.startIndex] == 0x1F
      && packed[packed.startIndex + 1] == 0x8B
    bytes = isPacked ? try UnpackedFile.inflate(packed, path, limit) : Array(packed)
  }

  /// Inflates one gzip member and checks its length and checksum, as zlib does.
  private static func inflate(
    _ packed: Data, _ path: String, _ limit: Int
  ) throws(DataError) -> [UInt8] {
    var output: [UInt8] = []
    // A gzip file ends with its unpacked size modulo 2^32: a hint, not trusted.
    let hint = packed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    output.reserveCapacity(min(hint, limit, 64 * packed.count))
    let failure: DataError? = packed.withUnsafeBytes { source in
      var stream = z_stream()
      let gzip = MAX_WBITS + 16
      let size = Int32(MemoryLayout<z_stream>.size)
      guard inflateInit2_(&stream, gzip, ZLIB_VERSION, size) == Z_OK else {
        return DataError(path: path, "zlib cannot start")
      }
      defer { inflateEnd(&stream) }
      stream.next_in = UnsafeMutablePointer(
        mutating: source.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(source.count)
      var window = [UInt8](repeating: 0, count: 1 << 18)
      var status = Z_OK
      while status == Z_OK {
        let produced = window.withUnsafeMutableBufferPointer { window in
          stream.next_out = window.baseAddress
          stream.avail_out = UInt32(window.count)
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          return window.count - Int(stream.avail_out)
        }
        output += window[..<produced]
        let consumed = source.count - Int(stream.avail_in)
        if output.count > limit {
          return DataError(path: path, at: .byte(consumed), "unpacks to more than \(limit) bytes")
        }
        if status == Z_BUF_ERROR || (status == Z_OK && produced == 0) {
          return DataError(
            path: path, at: .byte(consumed), "the compressed file ends too early (truncated)")
        }
        if status != Z_OK && status != Z_STREAM_END {
          let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
          return DataError(
            path: path, at: .byte(consumed), "the compressed data is corrupt (\(reason))")
        }
      }
      return nil
    }
    if let failure { throw failure }
    return output
  }
}
