public import Scenarios
import SimulationKernel

/// The spans of a run as OpenTelemetry traces in JSON, for Jaeger, Grafana Tempo and the like.
///
/// The encoding is that of OTLP 1.x (opentelemetry.io, "OTLP Specification", JSON Protobuf
/// Encoding): identifiers in hex, nanoseconds as decimal strings. Every actor is a resource with a
/// `service.name` of its own. The run is the root; a span is a child of the innermost span of its
/// actor that it lies in.
public struct OTLPTrace: Sendable {
  private let run: RunRecord
  private let record: SpanRecord
  private let epoch: Int64

  /// The trace of `run`, whose submission is said to have been `epoch` nanoseconds after 1970.
  public init(_ run: RunRecord, spans: SpanRecord, epoch: Int64) {
    self.run = run
    record = spans
    self.epoch = epoch
  }

  /// The trace as one JSON object, one span a line.
  public var text: String {
    let lanes = SpanLanes(record.spans)
    var actors: [UInt32] = []
    var spansOfActor: [UInt32: [String]] = [:]
    for (index, span) in record.spans.enumerated() {
      let actor = span.actor.index
      if spansOfActor[actor] == nil { actors.append(actor) }
      let parent = lanes.parentOfSpan[index].map { $0 + 2 } ?? 1
      spansOfActor[actor, default: []].append(
        object(of: span, number: index + 2, parent: parent).compact)
    }
    let resources =
      [resource("nephoscope", spans: [root.compact])]
      + actors.map { resource(record.names[Int($0)], spans: spansOfActor[$0] ?? []) }
    return "{\"resourceSpans\": [\n\(resources.joined(separator: ",\n"))\n]}\n"
  }

  private func resource(_ name: String, spans: [String]) -> String {
    let attributes = JSON.array([
      attribute("service.name", .string(name)),
      attribute("service.namespace", .string(run.framework)),
    ]).compact
    return "{\"resource\": {\"attributes\": \(attributes)}, \"scopeSpans\": [{\"scope\": "
      + "{\"name\": \"nephoscope\"}, \"spans\": [\n\(spans.joined(separator: ",\n"))\n]}]}"
  }

  /// The run as a whole, from the submission of the job, or an earlier span, to the last end.
  private var root: JSON {
    let start = min(0, record.spans.map(\.start.nanoseconds).min() ?? 0)
    let end = max(run.nanoseconds, record.spans.map(\.end.nanoseconds).max() ?? 0)
    let attributes =
      [
        attribute("nephoscope.digest", .string(run.digest)),
        attribute("nephoscope.seed", .string("\(run.seed)")),
        attribute("nephoscope.replication", .integer(run.replication)),
        attribute("nephoscope.status", .string(run.failure == nil ? "completed" : "failed")),
      ] + run.parameters.map { attribute("nephoscope.\($0.name)", .string($0.value)) }
    return span("\(run.framework) run", 1, nil, (start, end), kind: .inside, attributes)
  }

  private func object(of span: EventLog.Span, number: Int, parent: Int) -> JSON {
    let operation = record.names[Int(span.operation.index)]
    let detail = record.names[Int(span.detail.index)]
    var attributes: [JSON] = []
    if !detail.isEmpty { attributes.append(attribute("nephoscope.detail", .string(detail))) }
    if span.bytes != 0 { attributes.append(attribute("nephoscope.bytes", .integer(span.bytes))) }
    return self.span(
      operation, number, parent, (span.start.nanoseconds, span.end.nanoseconds),
      kind: operation.contains("/") ? .client : .inside, attributes)
  }

  /// What OpenTelemetry says of the two sides of a span.
  private enum Kind: Int { case inside = 1, client = 3 }

  private func span(
    _ name: String, _ number: Int, _ parent: Int?, _ time: (start: Int64, end: Int64), kind: Kind,
    _ attributes: [JSON]
  ) -> JSON {
    let head: [(String, JSON)] = [
      ("traceId", .string(String(run.digest.prefix(32)))), ("spanId", .string(identifier(number))),
    ]
    let parent = parent.map { [("parentSpanId", JSON.string(identifier($0)))] } ?? []
    return .object(
      head + parent + [
        ("name", .string(name)), ("kind", .integer(kind.rawValue)),
        ("startTimeUnixNano", .string("\(epoch + time.start)")),
        ("endTimeUnixNano", .string("\(epoch + time.end)")), ("attributes", .array(attributes)),
      ])
  }

  /// The number of a span as 16 hexadecimal digits.
  private func identifier(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// An attribute; whole numbers are strings in this encoding as well.
  private func attribute(_ key: String, _ value: JSON) -> JSON {
    let typed: (String, JSON) =
      if case .number(let digits) = value {
        ("intValue", .string(digits))
      } else {
        ("stringValue", value)
      }
    return .object([("key", .string(key)), ("value", .object([typed]))])
  }
}
