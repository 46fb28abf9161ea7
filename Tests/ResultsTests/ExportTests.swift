import Foundation
import Testing

@testable import Results
@testable import Scenarios
@testable import SimulationKernel

@Suite("Exports") struct ExportTests {
  /// Two actors; the first has a span inside another and one that overlaps both.
  private func spans() -> SpanRecord {
    let log = EventLog(.kept)
    func record(_ actor: String, _ operation: String, _ detail: String, _ from: Int64, _ to: Int64)
    {
      log.record(
        log.name(operation), by: log.name(actor), on: detail, from: Instant(nanoseconds: from),
        to: Instant(nanoseconds: to), bytes: 10)
    }
    record("worker 0", "object-store/put", "a,\"b\"", 1000, 2500)
    record("worker 0", "function/invoke", "", 0, 5000)
    record("worker 0", "object-store/get", "c", 4000, 6001)
    record("worker 1", "object-store/get", "d", 0, 1)
    let names = (0..<9).map { log.text(EventLog.Name(index: $0)) }
    return SpanRecord(names: names, spans: log.spans)
  }

  @Test("spans that nest share a lane, spans that overlap do not")
  func lanes() {
    let lanes = SpanLanes(spans().spans)
    #expect(lanes.laneOfSpan[0] == lanes.laneOfSpan[1])
    #expect(lanes.laneOfSpan[2] != lanes.laneOfSpan[1])
    #expect(lanes.lanes.map(\.number).sorted() == [0, 0, 1])
  }

  @Test("a Perfetto trace has one complete event a span, in microseconds")
  func perfetto() throws {
    let record = spans()
    let text = PerfettoTrace(Sample.record(Sample.result()), spans: record).text
    let trace = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    let complete = events.filter { $0["ph"] as? String == "X" }
    #expect(complete.count == record.spans.count)
    #expect(complete[2]["ts"] as? Double == 4)
    #expect(complete[2]["dur"] as? Double == 2.001)
    #expect(complete[0]["cat"] as? String == "object-store")
    let threads = events.filter { $0["name"] as? String == "thread_name" }
    let names = threads.compactMap { ($0["args"] as? [String: String])?["name"] }
    #expect(names.sorted() == ["worker 0", "worker 0 (2)", "worker 1"])
    #expect(events.filter { $0["ph"] as? String == "C" }.count == 4)
  }

  @Test("an OpenTelemetry trace has the run as its root, and spans inside those they lie in")
  func otlp() throws {
    let record = spans()
    let run = Sample.record(Sample.result())
    let text = OTLPTrace(run, spans: record, epoch: 1_000_000_000_000_000_000).text
    let trace = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let resources = try #require(trace["resourceSpans"] as? [[String: Any]])
    let spans = try resources.flatMap { resource in
      let scopes = try #require(resource["scopeSpans"] as? [[String: Any]])
      return try #require(scopes[0]["spans"] as? [[String: Any]])
    }
    #expect(resources.count == 3 && spans.count == record.spans.count + 1)
    let byIdentifier = Dictionary(uniqueKeysWithValues: spans.map { ($0["spanId"] as? String, $0) })
    func parent(of name: String, in actor: Int) throws -> String? {
      let scopes = try #require(resources[actor]["scopeSpans"] as? [[String: Any]])
      let spans = try #require(scopes[0]["spans"] as? [[String: Any]])
      let span = try #require(spans.first { $0["name"] as? String == name })
      return byIdentifier[span["parentSpanId"] as? String]?["name"] as? String
    }
    #expect(try parent(of: "object-store/put", in: 1) == "function/invoke")
    #expect(try parent(of: "object-store/get", in: 1) == "\(run.framework) run")
    #expect(try parent(of: "object-store/get", in: 2) == "\(run.framework) run")
    let get = try #require(spans.first { $0["name"] as? String == "object-store/get" })
    #expect(get["startTimeUnixNano"] as? String == "1000000000000004000")
    #expect(get["endTimeUnixNano"] as? String == "1000000000000006001")
    let digits = try spans.map { try #require($0["traceId"] as? String) }
    #expect(Set(digits) == [String(run.digest.prefix(32))])
  }

  @Test("CSV quotes what needs quoting")
  func csv() {
    let record = spans()
    let lines = CSVExport.spans(record).components(separatedBy: "\r\n")
    #expect(lines[0] == "actor,operation,detail,start_s,end_s,bytes")
    #expect(lines[1] == "worker 0,object-store/put,\"a,\"\"b\"\"\",0.000001,0.0000025,10")
    #expect(lines.count == 6 && lines[5].isEmpty)
    let curve = CSVExport.curve(Sample.record(Sample.result())).components(separatedBy: "\r\n")
    #expect(curve[1] == "0,0.000000000000,0,2.5,0.1")
  }
}
