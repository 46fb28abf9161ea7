import Foundation
import Scenarios
import SimulationKernel
import Testing
import Training

/// The protocol of every framework and variant, request by request, as text that people review.
///
/// A change of a protocol, a latency or a rule of the cloud shows as a difference of these files;
/// `RECORD=1 swift test --filter GoldenLogTests` writes them anew.
@Suite struct GoldenLogTests {
  /// Two steps of two workers, in which nothing is computed.
  private static func scenario(_ framework: String, _ variant: String) -> String {
    """
    frameworks: [{ \(framework): { variant: \(variant) } }]
    workers: 2
    training: { gradients: none, model: mlp, dataset: fashion-mnist-fixture, steps: 2 }
    """
  }

  private static let cases = FrameworkCatalog.declarations.flatMap { framework in
    framework.variants.map { (framework.name, $0) }
  }

  @Test(arguments: cases)
  func `A framework asks for what its golden log says`(framework: String, variant: String) throws {
    let scenario = try ScenarioReader(vocabulary: .program).read(
      text: Self.scenario(framework, variant), file: "golden.yaml")
    let options = RunnerOptions(threads: 1, keepsSpans: true)
    var planner = RunPlanner(options: options)
    let result = try #require(
      try Runner(options: options).run(try planner.plans(for: scenario)).first)
    let made = try TextLog(#require(result.spans)).text
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/\(framework).\(variant).txt")
    let title = "\(framework), \(variant): two steps of two workers on 101,770 parameters\n\n"
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try Data((title + made).utf8).write(to: path)
    }
    let golden = try String(contentsOf: path, encoding: .utf8)
    let (expected, actual) = (golden.split(separator: "\n"), (title + made).split(separator: "\n"))
    let difference = zip(expected, actual).first { $0 != $1 }
    #expect(
      golden == title + made,
      "first difference: \(difference.map { "-\($0)\n+\($1)" } ?? "the length")")
    #expect(result.status == .completed)
  }
}

/// Spans as text: each actor's requests in their order, equal ones that follow one another as one.
private struct TextLog {
  private struct Line {
    var start: Instant
    var end: Instant
    let request: String
    var bytes: Int64
    var count = 1
  }

  private var actors: [(name: String, lines: [Line])] = []
  /// The first request: servers that start before it are not told.
  private let origin: Instant

  init(_ record: SpanRecord) {
    let order = record.spans.indices.sorted { a, b in
      (record.spans[a].start, a) < (record.spans[b].start, b)
    }
    origin = record.spans.map(\.start).min() ?? .start
    for span in order.map({ record.spans[$0] }) {
      let name = record.names[Int(span.actor.index)]
      let request = [span.operation, span.detail].map { record.names[Int($0.index)] }
      add(
        Line(
          start: span.start, end: span.end,
          request: request.filter { !$0.isEmpty }.joined(separator: " "), bytes: span.bytes),
        to: name)
    }
  }

  private mutating func add(_ line: Line, to name: String) {
    guard let index = actors.firstIndex(where: { $0.name == name }) else {
      actors.append((name, [line]))
      return
    }
    if let last = actors[index].lines.last, last.request == line.request, last.bytes == line.bytes {
      actors[index].lines[actors[index].lines.count - 1].count += 1
      actors[index].lines[actors[index].lines.count - 1].end = max(last.end, line.end)
    } else {
      actors[index].lines.append(line)
    }
  }

  var text: String {
    actors.map { name, lines in
      ([name] + lines.map(text)).joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  private func text(_ line: Line) -> String {
    let times = [line.start, line.end].map { milliseconds(($0 - origin).wholeNanoseconds) }
    let bytes = line.bytes == 0 ? "" : ", \(line.bytes) B"
    let count = line.count == 1 ? "" : ", \(line.count) times"
    return "  \(times.joined(separator: " to ")) ms  \(line.request)\(bytes)\(count)"
  }

  /// Milliseconds with three decimals, in columns.
  private func milliseconds(_ nanoseconds: Int64) -> String {
    let text = String(format: "%.3f", Double(nanoseconds) / 1e6)
    return String(repeating: " ", count: max(0, 10 - text.count)) + text
  }
}
