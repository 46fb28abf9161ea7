/// Reads a JSON document a value at a time (RFC 8259), in memory that does not grow with it.
///
/// The caller goes through the document in its order and skips what it does not want.
final class JSONStream {
  private let name: String
  private let source: ByteSource
  private var piece: ArraySlice<UInt8> = []
  private var line = 1
  private var column = 1

  /// Reads `source`, which errors call `name`.
  init(_ source: ByteSource, name: String) {
    self.source = source
    self.name = name
  }

  /// Whether the next value is a string.
  func isAtString() throws(TraceError) -> Bool { try nextMark() == UInt8(ascii: "\"") }

  /// Calls `body` with the name of each member of an object; `body` reads or skips its value.
  func object(_ body: (String) throws(TraceError) -> Void) throws(TraceError) {
    try group(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) { () throws(TraceError) in
      let name = try string()
      try expect(UInt8(ascii: ":"))
      try body(name)
    }
  }

  /// Calls `body` for each element of an array; `body` reads or skips it.
  func array(_ body: () throws(TraceError) -> Void) throws(TraceError) {
    try group(from: UInt8(ascii: "["), to: UInt8(ascii: "]"), body)
  }

  private func group(
    from opening: UInt8, to closing: UInt8, _ body: () throws(TraceError) -> Void
  ) throws(TraceError) {
    try expect(opening)
    if try nextMark() == closing { return take() }
    while true {
      try body()
      let mark = try nextMark()
      if mark == closing { return take() }
      try expect(UInt8(ascii: ","))
    }
  }

  /// A string, without its escapes.
  func string() throws(TraceError) -> String {
    try expect(UInt8(ascii: "\""))
    var bytes: [UInt8] = []
    while true {
      let byte = try takeByte()
      if byte == UInt8(ascii: "\"") { break }
      guard byte >= 0x20 else { throw error("a control character in a string") }
      if byte == UInt8(ascii: "\\") {
        bytes += Array(String(try escaped()).utf8)
      } else {
        bytes.append(byte)
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw error("a string that is not UTF-8")
    }
    return text
  }

  private func escaped() throws(TraceError) -> Unicode.Scalar {
    switch try takeByte() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try hexadecimal()
      if let scalar = Unicode.Scalar(first) { return scalar }
      guard (0xD800..<0xDC00).contains(first), try takeByte() == UInt8(ascii: "\\"),
        try takeByte() == UInt8(ascii: "u")
      else { throw error("half of a surrogate pair") }
      let second = try hexadecimal()
      guard (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + second - 0xDC00)
      else { throw error("half of a surrogate pair") }
      return scalar
    default: throw error("an escape that JSON does not have")
    }
  }

  private func hexadecimal() throws(TraceError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit = Character(Unicode.Scalar(try takeByte()))
      guard let number = digit.hexDigitValue else { throw error("an escape that is not hex") }
      value = value << 4 + UInt32(number)
    }
    return value
  }

  /// Passes over a value of any kind.
  func skip() throws(TraceError) {
    var depth = 0
    while true {
      guard let mark = try nextMark() else { throw error("ends too early") }
      switch mark {
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        take()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        take()
      default: take()
      }
      // Numbers and words have no end of their own.
      if depth <= 0, try isAtEndOfValue() { return }
    }
  }

  private func isAtEndOfValue() throws(TraceError) -> Bool {
    guard let mark = try nextMark() else { return true }
    return mark == UInt8(ascii: ",") || mark == UInt8(ascii: "}") || mark == UInt8(ascii: "]")
  }

  private func skipString() throws(TraceError) {
    take()
    while true {
      let byte = try takeByte()
      if byte == UInt8(ascii: "\"") { return }
      if byte == UInt8(ascii: "\\") { _ = try takeByte() }
    }
  }

  /// What is wrong where the reader is.
  func error(_ message: String) -> TraceError {
    TraceError(file: name, line: line, column: column, message)
  }

  // MARK: Bytes

  /// The next byte that is no space, not taken yet; nil at the end.
  private func nextMark() throws(TraceError) -> UInt8? {
    while true {
      if piece.isEmpty {
        piece = try source.next()
        if piece.isEmpty { return nil }
      }
      let byte = piece[piece.startIndex]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): take()
      default: return byte
      }
    }
  }

  private func expect(_ byte: UInt8) throws(TraceError) {
    guard try nextMark() == byte else {
      throw error("expected '\(Character(Unicode.Scalar(byte)))' here")
    }
    take()
  }

  /// Takes the byte that `nextMark` has shown.
  private func take() {
    if piece.removeFirst() == UInt8(ascii: "\n") {
      (line, column) = (line + 1, 1)
    } else {
      column += 1
    }
  }

  private func takeByte() throws(TraceError) -> UInt8 {
    if piece.isEmpty { piece = try source.next() }
    guard let byte = piece.first else { throw error("ends too early") }
    take()
    return byte
  }
}
