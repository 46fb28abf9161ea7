import SimulationKernel
import Testing

@Suite struct EventLogTests {
  /// 100 spans of one actor, each on a key of its own.
  private func record(in log: EventLog) {
    let (put, worker) = (log.name("put"), log.name("worker"))
    for i in 0..<100 {
      log.record(
        put, by: worker, on: "key/\(i)", from: .start, to: Instant(nanoseconds: Int64(i)), bytes: 1)
    }
  }

  @Test func `A log that keeps no spans keeps no keys`() {
    let log = EventLog(.counted)
    var details: [String] = []
    log.observer = { span, detail in
      details.append(detail)
      #expect(log.text(span.detail).isEmpty)
      #expect(log.text(span.actor) == "worker")
    }
    record(in: log)
    #expect(log.count == 100)
    #expect(log.spans.isEmpty)
    #expect(log.names.count == 3)
    #expect(details == (0..<100).map { "key/\($0)" })
  }

  @Test func `A log that keeps spans names what they were done to`() {
    let log = EventLog(.kept)
    var count = 0
    log.observer = { span, detail in
      count += 1
      #expect(log.text(span.detail) == detail)
    }
    record(in: log)
    #expect(count == 100)
    #expect(log.spans.map { log.text($0.detail) } == (0..<100).map { "key/\($0)" })
    #expect(log.spans.map(\.end.nanoseconds) == (0..<100).map { Int64($0) })
  }

  @Test func `A log that is off counts nothing`() {
    let log = EventLog(.off)
    record(in: log)
    #expect(log.count == 0)
    #expect(log.spans.isEmpty)
  }

  /// Values of the FNV reference implementation, draft-eastlake-fnv.
  @Test(
    "The hash of a name is FNV-1a of its text, whatever came before",
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c),
      ("foobar", 0x8594_4171_f739_67e8 as UInt64),
    ])
  func hashes(text: String, hash: UInt64) {
    let (log, other) = (EventLog(), EventLog())
    _ = other.name("another")
    #expect(log.hash(log.name(text)) == hash)
    #expect(other.hash(other.name(text)) == hash)
  }
}
