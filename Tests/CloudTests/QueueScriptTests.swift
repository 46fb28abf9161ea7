import Cloud
import Foundation
import SimulationKernel
import Testing

/// Requests that moto's SQS has answered, and its answers.
private struct QueueScript: CustomStringConvertible, Sendable {
  let description: String
  let document: JSONValue

  static let all: [QueueScript] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../analysis/queues/expected.json")
    do {
      let document = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
      return (document.asObject ?? [:]).sorted { $0.key < $1.key }
        .map { QueueScript(description: $0.key, document: $0.value) }
    } catch {
      preconditionFailure("\(file.path): \(error)")
    }
  }()
}

/// The generator of `run_moto.py`.
private struct Generator {
  var state: UInt64
  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}

@Suite("Scripts of queues") struct QueueScriptTests {
  private static let visibility = Duration.seconds(30)

  /// Requests take no time: nothing but the script's pauses does.
  private static var instantly: [String: ProviderValue] {
    var changes: [String: ProviderValue] = ["sdk.client-bandwidth": .bytesPerSecond(1e18)]
    for queue in ["queue", "queue-fifo"] {
      changes["\(queue).connection-bandwidth"] = .bytesPerSecond(1e18)
      changes["\(queue).requests-per-second"] = .number(1e6)
      for operation in ["send", "receive", "delete", "count"] {
        changes["\(queue).\(operation)"] = .duration(.zero)
      }
    }
    return changes
  }

  @Test("give moto's answers, message by message", arguments: QueueScript.all)
  private func moto(script: QueueScript) throws {
    let kind: MessageQueue.Kind = script.document["kind"] == "fifo" ? .fifo : .standard
    let seed = try #require(script.document["seed"]?.asInteger)
    let expected = try #require(script.document["answers"]?.asArray)
    var answers: [JSONValue] = []
    try simulate(Self.instantly) { region in
      answers = try await play(on: try region.queue("q", kind: kind), seed: UInt64(seed), region)
    }
    #expect(answers.count > 100)
    #expect(answers == expected)
  }

  private func play(
    on queue: MessageQueue, seed: UInt64, _ region: Region
  ) async throws -> [JSONValue] {
    var draw = Generator(state: seed)
    var answers: [JSONValue] = []
    var held: [(message: MessageQueue.Message, until: Instant)] = []
    var sent: Int64 = 0
    for _ in 0..<400 {
      switch draw.below(10) {
      case 0..<4:
        let group = ["a", "b", "c"][draw.below(3)]
        try await queue.send(Payload(byteCount: 1, contents: sent), group: group)
        sent += 1
      case 4..<7:
        let messages = try await queue.receive(max: 1 + draw.below(10))
        held += messages.map { ($0, region.simulation.now + Self.visibility) }
        answers.append(
          .array(
            try messages.map { message in
              let number = try #require(message.payload.contents as? Int64)
              return [.integer(number), .integer(Int64(message.receiveCount))]
            }))
      case 7:
        held.removeAll { $0.until <= region.simulation.now }
        if !held.isEmpty { try await queue.delete(held.remove(at: draw.below(held.count)).message) }
      case 8: try await region.simulation.sleep(for: .milliseconds(7300) * (1 + draw.below(3)))
      default: answers.append(.integer(Int64(try await queue.approximateCount())))
      }
    }
    return answers
  }
}
