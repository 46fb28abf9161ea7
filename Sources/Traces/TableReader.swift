/// Reads a recorded table row by row: a header, then rows with as many fields.
struct TableReader {
  /// The names of the columns.
  let columns: [String]
  private let name: String
  private var reader: CSVReader

  /// Opens the file at `path`, which errors call `name`.
  init(path: String, name: String) throws(TraceError) {
    self.name = name
    reader = try CSVReader(try ByteSource(path: path, name: name), name: name)
    guard let header = try reader.next(), !header.isBlank else {
      throw TraceError(file: name, line: 1, column: 1, "is empty")
    }
    columns = header.fields
  }

  /// The position of `column`.
  func index(of column: String) throws(TraceError) -> Int {
    if let index = columns.firstIndex(of: column) { return index }
    throw TraceError(
      file: name, line: 1, column: 1,
      "there is no column '\(column)' among \(columns.prefix(12).joined(separator: ", "))")
  }

  /// The next row; nil at the end, at which blank lines do not count.
  mutating func next() throws(TraceError) -> CSVRow? {
    guard let row = try reader.next() else { return nil }
    if row.isBlank, columns.count > 1 {
      while let later = try reader.next() {
        guard later.isBlank else { throw error("the line is blank", row, 0) }
      }
      return nil
    }
    guard row.fields.count == columns.count else {
      throw error("has \(row.fields.count) fields where the header has \(columns.count)", row, 0)
    }
    return row
  }

  /// The number in a field, in `range`.
  func number(
    _ row: CSVRow, _ index: Int, in range: ClosedRange<Double>
  ) throws(TraceError) -> Double {
    let text = row.fields[index]
    // Double also reads "nan", "inf" and hexadecimal, which no measurement is.
    guard !text.isEmpty, text.utf8.allSatisfy(TableReader.isPartOfNumber),
      let value = Double(text), value.isFinite
    else { throw error("'\(text)' is not a number", row, index) }
    guard range.contains(value) else {
      throw error(
        "\(columns[index]) must be \(range.lowerBound) to \(range.upperBound), not \(text)", row,
        index)
    }
    return value
  }

  /// What is wrong with a field of a row.
  func error(_ message: String, _ row: CSVRow, _ index: Int) -> TraceError {
    TraceError(file: name, line: row.line, column: row.columns[index], message)
  }

  private static func isPartOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
