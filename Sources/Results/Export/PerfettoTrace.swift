public import Scenarios
import SimulationKernel

/// The spans of a run as a Chrome trace, for <https://ui.perfetto.dev>.
///
/// Every actor is a thread. Spans of one actor that overlap without nesting are put on further
/// threads of the same name, because a thread of a Chrome trace is a stack.
public struct PerfettoTrace: Sendable {
  private let run: RunRecord
  private let record: SpanRecord

  /// The trace of `run`.
  public init(_ run: RunRecord, spans: SpanRecord) {
    self.run = run
    record = spans
  }

  /// The trace as JSON text, one event a line.
  public var text: String {
    let lanes = SpanLanes(record.spans)
    var events = [metadata("process_name", thread: 0, name: processName)]
    for (thread, lane) in lanes.lanes.enumerated() {
      let actor = record.names[Int(lane.actor)]
      let name = lane.number == 0 ? actor : "\(actor) (\(lane.number + 1))"
      events.append(metadata("thread_name", thread: thread + 1, name: name))
    }
    for (span, lane) in zip(record.spans, lanes.laneOfSpan) {
      events.append(event(span, thread: lane + 1))
    }
    events += run.curve.flatMap(counters)
    let lines = events.map(\.compact).joined(separator: ",\n")
    return "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n\(lines)\n]}\n"
  }

  private var processName: String {
    let point = run.parameters.isEmpty ? "" : ", \(run.parameters.text)"
    return "\(run.framework)\(point), seed \(run.seed), digest \(run.digest.prefix(16))"
  }

  private func metadata(_ kind: String, thread: Int, name: String) -> JSON {
    .object([
      ("ph", .string("M")), ("pid", .integer(1)), ("tid", .integer(thread)),
      ("name", .string(kind)), ("args", .object([("name", .string(name))])),
    ])
  }

  private func event(_ span: EventLog.Span, thread: Int) -> JSON {
    let operation = record.names[Int(span.operation.index)]
    let service = operation.split(separator: "/").first.map(String.init) ?? operation
    let detail = record.names[Int(span.detail.index)]
    var arguments: [(String, JSON)] = detail.isEmpty ? [] : [("detail", .string(detail))]
    if span.bytes != 0 { arguments.append(("bytes", .integer(span.bytes))) }
    let duration = span.end.nanoseconds - span.start.nanoseconds
    return .object([
      ("ph", .string("X")), ("pid", .integer(1)), ("tid", .integer(thread)),
      ("name", .string(operation)), ("cat", .string(service)),
      ("ts", microseconds(span.start.nanoseconds)), ("dur", microseconds(duration)),
      ("args", .object(arguments)),
    ])
  }

  private func counters(_ point: RunRecord.CurvePoint) -> [JSON] {
    func counter(_ name: String, _ value: JSON) -> JSON {
      .object([
        ("ph", .string("C")), ("pid", .integer(1)), ("tid", .integer(0)), ("name", .string(name)),
        ("ts", microseconds(point.nanoseconds)), ("args", .object([(name, value)])),
      ])
    }
    let cost = counter("cost in USD", .number(Decimals.usd(point.picoUSD)))
    guard let accuracy = point.accuracy else { return [cost] }
    return [cost, counter("accuracy", .real(accuracy))]
  }

  private func microseconds(_ nanoseconds: Int64) -> JSON {
    .number(Decimals.shortest(nanoseconds, places: 3))
  }
}

/// Spans distributed over lanes, such that those of one lane follow one another or nest.
struct SpanLanes {
  struct Lane {
    let actor: UInt32
    /// Which lane of its actor, from 0.
    let number: Int
    /// The spans that are open and their ends, the innermost last.
    fileprivate var open: [(span: Int, end: Int64)] = []
  }

  /// The lanes in the order in which they were needed.
  private(set) var lanes: [Lane] = []
  /// The index of each span's lane.
  private(set) var laneOfSpan: [Int]
  /// The index of the innermost span of the same lane in which each span lies.
  private(set) var parentOfSpan: [Int?]

  init(_ spans: [EventLog.Span]) {
    laneOfSpan = [Int](repeating: 0, count: spans.count)
    parentOfSpan = [Int?](repeating: nil, count: spans.count)
    let order = spans.indices.sorted { a, b in
      let (first, second) = (spans[a], spans[b])
      if first.start != second.start { return first.start < second.start }
      return first.end == second.end ? a < b : first.end > second.end
    }
    var lanesOfActor: [UInt32: [Int]] = [:]
    for index in order {
      let span = spans[index]
      let candidates = lanesOfActor[span.actor.index, default: []]
      if let lane = candidates.first(where: { accommodates($0, span) }) {
        laneOfSpan[index] = lane
      } else {
        laneOfSpan[index] = lanes.count
        lanesOfActor[span.actor.index, default: []].append(lanes.count)
        lanes.append(Lane(actor: span.actor.index, number: candidates.count))
      }
      parentOfSpan[index] = lanes[laneOfSpan[index]].open.last?.span
      lanes[laneOfSpan[index]].open.append((index, span.end.nanoseconds))
    }
  }

  /// Whether a lane has room for a span that starts no earlier than those on it.
  private mutating func accommodates(_ lane: Int, _ span: EventLog.Span) -> Bool {
    while let last = lanes[lane].open.last, last.end <= span.start.nanoseconds {
      lanes[lane].open.removeLast()
    }
    return lanes[lane].open.last.map { span.end.nanoseconds <= $0.end } ?? true
  }
}
