/// One row of a CSV file, with the places of its fields.
struct CSVRow: Sendable {
  /// The fields, without their quotes.
  var fields: [String] = []
  /// The column of the text at which each field begins, from 1.
  var columns: [Int] = []
  /// The line on which the row begins, from 1.
  var line = 0

  /// Whether the line had nothing on it.
  var isBlank: Bool { fields == [""] }
}

/// Reads comma-separated values a row at a time, as RFC 4180 has them.
///
/// Quoted fields may hold commas, line ends and doubled quotes; lines end in LF or CRLF; a byte
/// order mark is skipped. A quote in the middle of an unquoted field is refused, because what
/// follows would be read wrongly.
struct CSVReader {
  private enum State { case fieldStart, unquoted, quoted, quoteInQuoted, carriageReturn }

  private let name: String
  private let source: ByteSource
  private var piece: ArraySlice<UInt8> = []
  private var line = 1
  private var column = 0
  private var isFinished = false

  init(_ source: ByteSource, name: String) throws(TraceError) {
    self.source = source
    self.name = name
    piece = try source.next()
    if piece.starts(with: [0xEF, 0xBB, 0xBF]) { piece = piece.dropFirst(3) }
  }

  /// The next row; nil at the end.
  mutating func next() throws(TraceError) -> CSVRow? {
    guard !isFinished else { return nil }
    var row = CSVRow(line: line)
    var field: [UInt8] = []
    var fieldColumn = 1
    var state = State.fieldStart
    column = 0
    while let byte = try nextByte() {
      column += 1
      switch (state, byte) {
      case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
      case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
      case (.quoted, _):
        field.append(byte)
        if byte == UInt8(ascii: "\n") { (line, column) = (line + 1, 0) }
      case (.quoteInQuoted, UInt8(ascii: "\"")):
        field.append(byte)
        state = .quoted
      case (.carriageReturn, UInt8(ascii: "\n")), (_, UInt8(ascii: "\n")):
        try finish(&field, of: &row, at: fieldColumn)
        line += 1
        return row
      case (.carriageReturn, _):
        throw error("a carriage return without a line feed", at: column - 1)
      case (_, UInt8(ascii: "\r")): state = .carriageReturn
      case (_, UInt8(ascii: ",")):
        try finish(&field, of: &row, at: fieldColumn)
        fieldColumn = column + 1
        state = .fieldStart
      case (.quoteInQuoted, _): throw error("text after the closing quote", at: column)
      case (.unquoted, UInt8(ascii: "\"")):
        throw error("a quote inside a field that does not begin with one", at: column)
      default:
        field.append(byte)
        state = .unquoted
      }
    }
    isFinished = true
    if state == .quoted {
      throw TraceError(file: name, line: row.line, column: fieldColumn, "the quote is never closed")
    }
    if row.fields.isEmpty, field.isEmpty, state == .fieldStart { return nil }
    try finish(&field, of: &row, at: fieldColumn)
    return row
  }

  private func finish(
    _ field: inout [UInt8], of row: inout CSVRow, at column: Int
  ) throws(TraceError) {
    guard let text = String(validating: field, as: UTF8.self) else {
      throw error("is not UTF-8 text", at: column)
    }
    row.fields.append(text)
    row.columns.append(column)
    field.removeAll(keepingCapacity: true)
  }

  private mutating func nextByte() throws(TraceError) -> UInt8? {
    if piece.isEmpty { piece = try source.next() }
    return piece.popFirst()
  }

  private func error(_ message: String, at column: Int) -> TraceError {
    TraceError(file: name, line: line, column: column, message)
  }
}
