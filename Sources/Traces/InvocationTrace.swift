/// One invocation of a recorded trace.
public struct InvocationRecord: Hashable, Sendable {
  /// The function, numbered from 0 in the order in which the file names them.
  public let function: Int
  /// When it arrived, in nanoseconds from the trace's beginning.
  public let start: Int64
  /// How long it ran, in nanoseconds.
  public let duration: Int64
  /// Its function's memory in binary megabytes; nil where the trace does not say.
  public let memoryMB: Int?
}

/// A recorded trace of invocations, read in the order of their arrivals.
///
/// The format is told by the header: the minute counts of Azure's trace of 2019, the invocations
/// of Azure's trace of 2021 (`app,func,end_timestamp,duration`, in seconds), or plain
/// `func,start_s,duration_s,mem` (`mem` in MB, and not required). Any of them may be compressed
/// with gzip. Lists of invocations are read as they are needed and may be a little out of order,
/// as those sorted by their ends are; minute counts are kept in memory, invocations never.
public final class InvocationTrace {
  /// What Azure's minute counts leave to other files.
  public struct Companions: Sendable {
    /// The file of durations by function.
    public var durations: String?
    /// The file of memory by application.
    public var memory: String?
    /// How long an invocation runs, in nanoseconds, where no file says; nil for a second.
    public var duration: Int64?

    /// No files, and a duration of one second.
    public init() {}
  }

  /// Rows read ahead, of which the earlier half is in order whatever follows.
  private static let windowSize = 1 << 16

  private let source: () throws(TraceError) -> InvocationRecord?
  private var window: [(record: InvocationRecord, row: Int)] = []
  private var position = 0
  private var rowCount = 0
  private var isAtEnd = false
  private let outOfOrder: (Int64) -> TraceError
  private var latest: Int64 = 0

  /// Opens the trace at `path`, which errors call by the same name.
  ///
  /// - Throws: `TraceError` where the file cannot be read or is of no known format.
  public init(path: String, companions: Companions = Companions()) throws(TraceError) {
    let table = try TableReader(path: path, name: path)
    if table.columns.contains("HashFunction") {
      var counts = try MinuteCounts(table, companions)
      source = { () throws(TraceError) in counts.next() }
    } else {
      guard companions.durations == nil, companions.memory == nil else {
        throw TraceError(
          file: path, line: 1, column: 1,
          "lists invocations: files of durations and memory go with minute counts only")
      }
      guard companions.duration == nil else {
        throw TraceError(
          file: path, line: 1, column: 1,
          "lists invocations with their durations: another goes with minute counts only")
      }
      var list = try InvocationList(table, file: path)
      source = { () throws(TraceError) in try list.next() }
    }
    outOfOrder = { line in
      TraceError(
        file: path, line: Int(line), column: 1,
        "arrives before one that is \(InvocationTrace.windowSize / 2) rows above: sort the file "
          + "by arrival")
    }
  }

  /// The next invocation; nil at the end.
  ///
  /// - Throws: `TraceError` with the file, line and column of a bad value.
  public func next() throws(TraceError) -> InvocationRecord? {
    if position >= window.count / 2, !isAtEnd { try refill() }
    guard position < window.count else { return nil }
    let record = window[position].record
    position += 1
    latest = record.start
    return record
  }

  private func refill() throws(TraceError) {
    window.removeFirst(position)
    position = 0
    while window.count < InvocationTrace.windowSize {
      guard let record = try source() else {
        isAtEnd = true
        break
      }
      rowCount += 1
      guard record.start >= latest else { throw outOfOrder(Int64(rowCount + 1)) }
      window.append((record, rowCount))
    }
    window.sort { ($0.record.start, $0.row) < ($1.record.start, $1.row) }
  }
}

/// Invocations one row each.
private struct InvocationList {
  /// Times of more than ten years are a mistake of unit, and would not fit.
  private static let seconds = 0...315_360_000.0

  private var table: TableReader
  private let function: [Int]
  private let time: Int
  private let duration: Int
  private let memory: Int?
  private let isTimeOfEnd: Bool
  private var numbers: [String: Int] = [:]

  init(_ table: TableReader, file: String) throws(TraceError) {
    self.table = table
    isTimeOfEnd = table.columns.contains("end_timestamp")
    if isTimeOfEnd {
      function = [try table.index(of: "app"), try table.index(of: "func")]
      time = try table.index(of: "end_timestamp")
      duration = try table.index(of: "duration")
      memory = nil
    } else if table.columns.contains("start_s") {
      function = [try table.index(of: "func")]
      time = try table.index(of: "start_s")
      duration = try table.index(of: "duration_s")
      memory = table.columns.firstIndex(of: "mem")
    } else {
      throw TraceError(
        file: file, line: 1, column: 1,
        "is no trace of invocations: its header must have func, start_s and duration_s; or app, "
          + "func, end_timestamp and duration; or HashFunction and minutes")
    }
  }

  mutating func next() throws(TraceError) -> InvocationRecord? {
    guard let row = try table.next() else { return nil }
    let name = function.map { row.fields[$0] }.joined(separator: "/")
    let number = numbers[name] ?? numbers.count
    numbers[name] = number
    let ran = try table.number(row, duration, in: InvocationList.seconds)
    let stamp = try table.number(row, time, in: InvocationList.seconds)
    // What began before the trace did arrives as it begins.
    let start = isTimeOfEnd ? max(0, stamp - ran) : stamp
    var memoryMB: Int?
    if let memory, !row.fields[memory].isEmpty {
      memoryMB = Int(try table.number(row, memory, in: 1...1_048_576).rounded(.up))
    }
    return InvocationRecord(
      function: number, start: Int64((start * 1e9).rounded()),
      duration: Int64((ran * 1e9).rounded()), memoryMB: memoryMB)
  }
}
