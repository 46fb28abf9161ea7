/// A recorded table: CSV, or CSV compressed with gzip, with a header.
public struct TraceFile: Sendable {
  /// What becomes of a row whose value is missing: empty, `N/A` or `NA`.
  public enum Missing: String, Sendable, Hashable, CaseIterable {
    /// It is an error that names the row.
    case error
    /// The row is left out.
    case skip
  }

  /// A column with the value that the rows which count must have.
  public struct Filter: Sendable, Hashable {
    /// The column's name.
    public let column: String
    /// The text a row must have in it.
    public let value: String

    /// Rows whose `column` says `value`.
    public init(column: String, value: String) {
      self.column = column
      self.value = value
    }
  }

  /// A recorded latency longer than a day is a mistake of unit.
  static let longest = 86_400e9
  /// More samples than this do not fit in memory beside a simulation.
  static let largestSampleCount = 50_000_000

  private enum Origin { case path(String), bytes([UInt8]), rows([CSVRow]) }

  /// How errors call the file.
  public let name: String
  private let origin: Origin

  /// The file at `path`, which errors call `name`.
  public init(path: String, name: String) {
    origin = .path(path)
    self.name = name
  }

  /// A table in memory, which errors call `name`.
  public init(bytes: [UInt8], name: String) {
    origin = .bytes(bytes)
    self.name = name
  }

  private init(rows: [CSVRow], name: String) {
    origin = .rows(rows)
    self.name = name
  }

  /// The same file with its rows in memory, for a table of which many columns are read.
  public func loaded() throws(TraceError) -> TraceFile {
    var rows: [CSVRow] = []
    let next = try reader()
    while let row = try next() { rows.append(row) }
    return TraceFile(rows: rows, name: name)
  }

  /// The durations of `column` in the rows that match every filter, in the order of the file.
  ///
  /// - Throws: `TraceError` with the file, line and column of the first bad value.
  public func samples(
    column: String, unit: TraceUnit? = nil, where filters: [Filter] = [],
    missing: Missing = .error
  ) throws(TraceError) -> Samples {
    let unit = try self.unit(of: column, given: unit)
    var values: [Int64] = []
    var rowCount = 0
    try forEachRow(of: [column] + filters.map(\.column)) { row, indices throws(TraceError) in
      rowCount += 1
      let isWanted = zip(filters, indices.dropFirst()).allSatisfy { filter, index in
        row.fields[index] == filter.value
      }
      guard isWanted else { return }
      if missing == .skip, TraceFile.isMissing(row.fields[indices[0]]) { return }
      values.append(try duration(in: row, at: indices[0], column: column, unit: unit))
      if values.count > TraceFile.largestSampleCount {
        throw TraceError(file: name, "has more than \(TraceFile.largestSampleCount) samples")
      }
    }
    guard let samples = Samples(nanoseconds: values) else {
      let conditions = filters.map { "\($0.column) is '\($0.value)'" }.joined(separator: " and ")
      throw TraceError(
        file: name,
        rowCount == 0
          ? "has a header but no rows"
          : "none of its \(rowCount) rows has \(conditions.isEmpty ? "a value" : conditions)")
    }
    return samples
  }

  /// The quantiles of `column`, by the column `percentile` that runs from 0 to 100.
  ///
  /// - Throws: `TraceError` where a row is bad or the table is not a rising one from 0 to 100.
  public func quantiles(
    column: String, unit: TraceUnit? = nil
  ) throws(TraceError) -> [QuantilePoint] {
    let unit = try self.unit(of: column, given: unit)
    var points: [QuantilePoint] = []
    try forEachRow(of: ["percentile", column]) { row, indices throws(TraceError) in
      let percentile = try number(in: row, at: indices[0])
      let value = try duration(in: row, at: indices[1], column: column, unit: unit)
      let point = QuantilePoint(probability: percentile / 100, nanoseconds: value)
      // Tables made for two ranges of percentiles list the percentile where they meet twice.
      if point == points.last { return }
      if let last = points.last, last.probability >= percentile / 100 || last.nanoseconds > value {
        throw error("the quantiles do not rise", row, indices[1])
      }
      points.append(point)
    }
    guard points.count >= 2, points.first?.probability == 0, points.last?.probability == 1 else {
      throw TraceError(file: name, "the column 'percentile' does not run from 0 to 100")
    }
    return points
  }

  // MARK: Rows

  /// Calls `body` with each row and the positions of the wanted columns in it.
  private func forEachRow(
    of wanted: [String], _ body: (CSVRow, [Int]) throws(TraceError) -> Void
  ) throws(TraceError) {
    let next = try reader()
    guard let header = try next(), !header.isBlank else {
      throw TraceError(file: name, line: 1, column: 1, "is empty")
    }
    let names = header.fields
    var indices: [Int] = []
    for column in wanted {
      guard let index = names.firstIndex(of: column) else {
        throw TraceError(file: name, line: 1, column: 1, missingColumn(column, among: names))
      }
      guard names.lastIndex(of: column) == index else {
        throw TraceError(
          file: name, line: 1, column: 1, "there are two columns '\(column)': give one another name"
        )
      }
      indices.append(index)
    }
    var blank: CSVRow?
    while let row = try next() {
      if row.isBlank, names.count > 1 {
        blank = blank ?? row
        continue
      }
      if let blank { throw error("the line is blank", blank, 0) }
      guard row.fields.count == names.count else {
        throw error("has \(row.fields.count) fields where the header has \(names.count)", row, 0)
      }
      try body(row, indices)
    }
  }

  /// Gives the rows one after the other, the header first, and nil at the end.
  private func reader() throws(TraceError) -> () throws(TraceError) -> CSVRow? {
    switch origin {
    case .path(let path): return try reader(of: try ByteSource(path: path, name: name))
    case .bytes(let bytes): return try reader(of: ByteSource(bytes: bytes, name: name))
    case .rows(let rows):
      var rest = rows[...]
      return { () throws(TraceError) in rest.popFirst() }
    }
  }

  private func reader(
    of source: ByteSource
  ) throws(TraceError) -> () throws(TraceError) -> CSVRow? {
    var reader = try CSVReader(source, name: name)
    return { () throws(TraceError) in try reader.next() }
  }

  private func missingColumn(_ column: String, among names: [String]) -> String {
    let hint = Suggestion.nearest(to: column, among: names).map { "; did you mean '\($0)'?" }
    return "there is no column '\(column)' among \(names.prefix(12).joined(separator: ", "))"
      + (names.count > 12 ? ", …" : "") + (hint ?? "")
  }

  // MARK: Values

  private func unit(
    of column: String, given: TraceUnit?
  ) throws(TraceError) -> TraceUnit {
    let named = TraceUnit(suffixOf: column)
    if let named, let given, named != given {
      throw TraceError(
        file: name, "the column '\(column)' is in \(named.rawValue), but \(given.rawValue) is said")
    }
    guard let unit = named ?? given else {
      let next = try reader()
      let names = try next()?.fields ?? []
      guard names.isEmpty || names.contains(column) else {
        throw TraceError(file: name, line: 1, column: 1, missingColumn(column, among: names))
      }
      throw TraceError(
        file: name,
        "the unit of the column '\(column)' is not known: say unit: ns, us, ms, s or min")
    }
    return unit
  }

  private static func isMissing(_ text: String) -> Bool { ["", "N/A", "NA"].contains(text) }

  private func duration(
    in row: CSVRow, at index: Int, column: String, unit: TraceUnit
  ) throws(TraceError) -> Int64 {
    let value = try number(in: row, at: index) * unit.nanoseconds
    guard value >= 0 else {
      throw error("'\(row.fields[index])' is negative: a latency cannot be", row, index)
    }
    guard value <= TraceFile.longest else {
      throw error(
        "'\(row.fields[index])' \(unit.rawValue) is longer than a day: is the unit right?", row,
        index)
    }
    return Int64(value.rounded())
  }

  private func number(in row: CSVRow, at index: Int) throws(TraceError) -> Double {
    let text = row.fields[index]
    guard !TraceFile.isMissing(text) else {
      throw error(
        text.isEmpty ? "the value is missing" : "the value is missing ('\(text)')", row, index)
    }
    // Double also reads "nan", "inf" and hexadecimal, which no measurement is.
    guard text.allSatisfy({ "0123456789+-.eE".contains($0) }), let value = Double(text),
      value.isFinite
    else { throw error("'\(text)' is not a number", row, index) }
    return value
  }

  private func error(_ message: String, _ row: CSVRow, _ index: Int) -> TraceError {
    TraceError(file: name, line: row.line, column: row.columns[index], message)
  }
}
