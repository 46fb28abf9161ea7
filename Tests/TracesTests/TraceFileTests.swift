import Foundation
import Testing
import Traces

/// The table "service,op,latency_ms / s3,read,1.5 / s3,write,2.5 / s3,read,3" as gzip makes it.
private let compressed =
  "H4sIAAAAAAACAytOLSrLTE7VyS/QyUksSc1LrozPLeYqNtYpSk1M0THUMwWxy4syS1J1jCAcsIQxFwAENG4dOQAAAA=="

private func table(_ text: String) -> TraceFile {
  TraceFile(bytes: Array(text.utf8), name: "t.csv")
}

/// Writes `bytes` to a file of its own and removes it afterwards.
private func withFile(_ bytes: Data, _ body: (String) throws -> Void) throws {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try bytes.write(to: url)
  defer { unlink(url.path) }
  try body(url.path)
}

@Suite struct TraceFileTests {
  @Test func `Samples come in the order of the file, in the unit of the column's name`() throws {
    let samples = try table("latency_ms\n3\n1.5\n2e1\n").samples(column: "latency_ms")
    #expect(samples.nanoseconds == [3_000_000, 1_500_000, 20_000_000])
    #expect(samples.durations[1] == .microseconds(1500))
  }

  @Test(
    arguments: [
      (TraceUnit.nanoseconds, Int64(7)), (.microseconds, 7000), (.milliseconds, 7_000_000),
      (.seconds, 7_000_000_000), (.minutes, 420_000_000_000),
    ])
  func `A unit may be given or end the column's name`(unit: TraceUnit, expected: Int64) throws {
    let given = try table("x\n7\n").samples(column: "x", unit: unit)
    let named = try table("x_\(unit.rawValue)\n7\n").samples(column: "x_\(unit.rawValue)")
    #expect(given.nanoseconds == [expected])
    #expect(named.nanoseconds == [expected])
  }

  @Test func `Filters keep the rows that match all of them`() throws {
    let file = table("service,op,ms\ns3,read,1\ns3,write,2\nefs,read,3\ns3,read,4\n")
    let samples = try file.samples(
      column: "ms", unit: .milliseconds,
      where: [.init(column: "service", value: "s3"), .init(column: "op", value: "read")])
    #expect(samples.nanoseconds == [1_000_000, 4_000_000])
  }

  @Test func `Quotes, doubled quotes, line ends in quotes, CRLF and a byte order mark are read`()
    throws
  {
    let text = "\u{FEFF}name,a_ms\r\n\"x, \"\"y\"\"\r\nz\",1\r\nplain,\"2\"\r\n"
    let first = try table(text).samples(
      column: "a_ms", where: [.init(column: "name", value: "x, \"y\"\r\nz")])
    #expect(first.nanoseconds == [1_000_000])
    #expect(try table(text).samples(column: "a_ms").nanoseconds == [1_000_000, 2_000_000])
  }

  @Test(arguments: ["a_ms\n1\n2", "a_ms\n1\n2\n", "a_ms\r\n1\r\n2\r\n", "a_ms,b\n1,\n2,\n\n"])
  func `The last line may lack its end`(text: String) throws {
    #expect(try table(text).samples(column: "a_ms").nanoseconds == [1_000_000, 2_000_000])
  }

  @Test func `A gzip file is read as the file it holds`() throws {
    let bytes = try #require(Data(base64Encoded: compressed))
    try withFile(bytes) { path in
      let samples = try TraceFile(path: path, name: "t.csv.gz").samples(
        column: "latency_ms", where: [.init(column: "op", value: "read")])
      #expect(samples.nanoseconds == [1_500_000, 3_000_000])
    }
  }

  @Test func `A truncated or damaged gzip file is an error that names it`() throws {
    let bytes = try #require(Data(base64Encoded: compressed))
    var damaged = bytes
    damaged[20] ^= 0xFF
    for broken in [bytes.dropLast(12), damaged] {
      try withFile(Data(broken)) { path in
        let error = #expect(throws: TraceError.self) {
          try TraceFile(path: path, name: "t.csv.gz").samples(column: "latency_ms")
        }
        #expect(error?.description.hasPrefix("t.csv.gz: cannot be decompressed: ") == true)
      }
    }
  }

  @Test func `More than one piece of the buffer is read without a seam`() throws {
    let rows = (0..<50_000).map { "row \($0),\($0)" }
    try withFile(Data(("name,a_ns\n" + rows.joined(separator: "\n")).utf8)) { path in
      let samples = try TraceFile(path: path, name: "t.csv").samples(column: "a_ns")
      #expect(samples.nanoseconds == (0..<50_000).map(Int64.init))
    }
  }

  @Test(
    arguments: [
      ("", "t.csv:1:1: is empty"),
      ("a_ms\n", "t.csv: has a header but no rows"),
      ("a_ms\n1\nabc\n", "t.csv:3:1: 'abc' is not a number"),
      ("x,a_ms\nu,nan\n", "t.csv:2:3: 'nan' is not a number"),
      ("x,a_ms\nu,inf\n", "t.csv:2:3: 'inf' is not a number"),
      ("x,a_ms\nu,0x10\n", "t.csv:2:3: '0x10' is not a number"),
      ("x,a_ms\nu, 1\n", "t.csv:2:3: ' 1' is not a number"),
      ("x,a_ms\nu,-1\n", "t.csv:2:3: '-1' is negative"),
      ("x,a_ms\nu,1e12\n", "t.csv:2:3: '1e12' ms is longer than a day"),
      ("x,a_ms\nu,1e400\n", "t.csv:2:3: '1e400' is not a number"),
      ("x,a_ms\nu,\n", "t.csv:2:3: the value is missing"),
      ("x,a_ms\nu,N/A\n", "t.csv:2:3: the value is missing ('N/A')"),
      ("x,a_ms\nu\n", "t.csv:2:1: has 1 fields where the header has 2"),
      ("x,a_ms\nu,1,2\n", "t.csv:2:1: has 3 fields where the header has 2"),
      ("x,a_ms\nu,1\n\nu,2\n", "t.csv:3:1: the line is blank"),
      ("x,a_ms\n\"u,1\n", "t.csv:2:1: the quote is never closed"),
      ("x,a_ms\nu\"v,1\n", "t.csv:2:2: a quote inside a field"),
      ("x,a_ms\n\"u\"v,1\n", "t.csv:2:4: text after the closing quote"),
      ("x,a_ms\nu,1\rv,2\n", "t.csv:2:4: a carriage return without a line feed"),
      ("a_ms,x,a_ms\n1,u,2\n", "t.csv:1:1: there are two columns 'a_ms': give one another name"),
      ("x,A_ms\nu,1\n", "t.csv:1:1: there is no column 'a_ms' among x, A_ms; did you mean 'A_ms'?"),
    ])
  func `A bad row is an error with its place and value`(text: String, expected: String) {
    let error = #expect(throws: TraceError.self) { try table(text).samples(column: "a_ms") }
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "no error")")
  }

  @Test func `A missing value can be left out by name`() throws {
    let file = table("a_ms\n1\nN/A\n2\n")
    #expect(try file.samples(column: "a_ms", missing: .skip).count == 2)
  }

  @Test func `A column that is not there is said to be missing, not to be without a unit`() {
    let error = #expect(throws: TraceError.self) { try table("a_ms\n1\n").samples(column: "nope") }
    #expect(error?.description == "t.csv:1:1: there is no column 'nope' among a_ms")
  }

  @Test func `A unit that is unknown or contradicts the name is refused`() {
    #expect(throws: TraceError.self) { try table("a\n1\n").samples(column: "a") }
    #expect(throws: TraceError.self) {
      try table("a_ms\n1\n").samples(column: "a_ms", unit: .seconds)
    }
  }

  @Test func `A filter that no row passes says so`() {
    let error = #expect(throws: TraceError.self) {
      try table("op,a_ms\nread,1\n").samples(
        column: "a_ms", where: [.init(column: "op", value: "write")])
    }
    #expect(error?.message == "none of its 1 rows has op is 'write'")
  }

  @Test func `Bytes that are not UTF-8 are refused`() {
    let file = TraceFile(bytes: Array("x,a_ms\n".utf8) + [0xC3, 0x28, 0x2C, 0x31], name: "t.csv")
    let error = #expect(throws: TraceError.self) { try file.samples(column: "a_ms") }
    #expect(error?.description == "t.csv:2:1: is not UTF-8 text")
  }

  @Test(arguments: ["/nonexistent/file.csv", "/tmp"])
  func `A missing file and a directory are named`(path: String) {
    let error = #expect(throws: TraceError.self) {
      try TraceFile(path: path, name: path).samples(column: "a_ms")
    }
    #expect(error?.file == path)
  }

  @Test func `A table of quantiles is read by percentile`() throws {
    let points = try table("percentile,a_ms,b_ms\n0,1,5\n50,2,6\n50,2,6\n100,9,7\n").quantiles(
      column: "a_ms")
    #expect(points.map(\.probability) == [0, 0.5, 1])
    #expect(points.map(\.nanoseconds) == [1_000_000, 2_000_000, 9_000_000])
  }

  @Test(
    arguments: [
      ("percentile,a_ms\n0,1\n50,3\n40,4\n100,9\n", "t.csv:4:4: the quantiles do not rise"),
      ("percentile,a_ms\n0,1\n50,3\n100,2\n", "t.csv:4:5: the quantiles do not rise"),
      ("percentile,a_ms\n1,1\n100,3\n", "t.csv: the column 'percentile' does not run"),
    ])
  func `A table that is no distribution is refused`(text: String, expected: String) {
    let error = #expect(throws: TraceError.self) { try table(text).quantiles(column: "a_ms") }
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "no error")")
  }
}
