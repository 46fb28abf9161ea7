internal import SimulationKernel

/// A queue of messages that consumers poll, such as Amazon SQS.
///
/// A received message stays in the queue, invisible for a while, until it is deleted.
public final class MessageQueue {
  /// A message as one receiver sees it.
  public struct Message {
    /// What was sent.
    public let payload: Payload
    fileprivate let id: Int
    fileprivate let receipt: Int
  }

  private struct Entry {
    let id: Int
    let payload: Payload
    var visibleAt: Instant
    var receipt = 0
  }

  /// The queue was purged less than a minute ago.
  public struct PurgeInProgress: Error, Hashable {
    /// The queue's name.
    public let queue: String
  }

  /// The queue's name.
  public let name: String
  /// How many messages it holds, visible or not, as an observer sees it.
  public var count: Int { entries.count }

  private let endpoint: ServiceEndpoint
  private let sendOperation, receiveOperation: ServiceEndpoint.Operation
  private let deleteOperation, countOperation, purgeOperation: ServiceEndpoint.Operation
  private let messageLimit: Int
  private let batchLimit: Int
  private let waitLimit: Duration
  private let visibilityTimeout: Duration
  private let purgeInterval: Duration
  private let billedChunk: Int
  private let simulation: Simulation
  private var entries: [Entry] = []
  private var sentCount = 0
  private var lastPurge: Instant?
  private var arrivals: Signal

  init(_ region: Region, name: String) throws(ProviderError) {
    self.name = name
    simulation = region.simulation
    endpoint = try ServiceEndpoint(region, service: "queue")
    sendOperation = try endpoint.operation("send")
    receiveOperation = try endpoint.operation("receive")
    deleteOperation = try endpoint.operation("delete", billedAs: "request")
    countOperation = try endpoint.operation("count", billedAs: "request")
    purgeOperation = try endpoint.operation("purge", billedAs: "request")
    messageLimit = try region.fact(Provider.bytes, "queue.message-max")
    batchLimit = try region.fact(Provider.count, "queue.batch-max")
    waitLimit = try region.fact(Provider.duration, "queue.wait-max")
    visibilityTimeout = try region.fact(Provider.duration, "queue.visibility-timeout")
    purgeInterval = try region.fact(Provider.duration, "queue.purge-interval")
    billedChunk = try region.fact(Provider.bytes, "queue.billed-chunk")
    arrivals = Signal(region.simulation)
  }

  /// Sends a message.
  public func send(_ payload: Payload) async throws {
    guard payload.byteCount <= messageLimit else {
      throw PayloadTooLarge(
        operation: sendOperation.name, byteCount: payload.byteCount, limit: messageLimit)
    }
    try await endpoint.perform(sendOperation, on: name, sending: payload.byteCount) {
      endpoint.bill("request", units: chunks(payload.byteCount))
      entries.append(Entry(id: sentCount, payload: payload, visibleAt: simulation.now))
      sentCount += 1
      arrivals.fire()
      arrivals = Signal(simulation)
      return .init(())
    }
  }

  /// Receives up to `max` messages; waits up to `wait` for the first one (a long poll).
  ///
  /// An empty answer is billed like any other.
  public func receive(max: Int = 1, wait: Duration = .zero) async throws -> [Message] {
    let limit = min(Swift.max(1, max), batchLimit)
    return try await endpoint.perform(receiveOperation, on: name) {
      try await waitForMessage(until: simulation.now + min(wait, waitLimit))
      let messages = takeVisible(limit)
      let byteCount = messages.reduce(0) { $0 + $1.payload.byteCount }
      endpoint.bill("request", units: chunks(byteCount))
      return .init(messages, byteCount: byteCount)
    }
  }

  /// Removes a received message, unless it has become another receiver's since.
  public func delete(_ message: Message) async throws {
    try await endpoint.perform(deleteOperation, on: name) {
      entries.removeAll { $0.id == message.id && $0.receipt == message.receipt }
      return .init(())
    }
  }

  /// About how many messages could be received now (the request GetQueueAttributes).
  public func approximateCount() async throws -> Int {
    try await endpoint.perform(countOperation, on: name) {
      .init(entries.reduce(0) { $1.visibleAt <= simulation.now ? $0 + 1 : $0 })
    }
  }

  /// Removes all messages.
  ///
  /// - Throws: `PurgeInProgress` within a minute of the last purge.
  public func purge() async throws {
    try await endpoint.perform(purgeOperation, on: name) {
      if let lastPurge, simulation.now - lastPurge < purgeInterval {
        throw PurgeInProgress(queue: name)
      }
      lastPurge = simulation.now
      entries = []
      return .init(())
    }
  }

  /// Every begun 64 KB of payload counts as a request, and so does an empty answer.
  private func chunks(_ byteCount: Int) -> Int64 {
    Swift.max(1, Int64(byteCount).roundedUp(to: Int64(billedChunk)) / Int64(billedChunk))
  }

  private func waitForMessage(until end: Instant) async throws {
    while simulation.now < end, !entries.contains(where: { $0.visibleAt <= simulation.now }) {
      let next = entries.map(\.visibleAt).min().map { min($0, end) } ?? end
      do {
        try await simulation.withTimeout(next - simulation.now) { try await arrivals.wait() }
      } catch is TimedOut {}
    }
  }

  private func takeVisible(_ limit: Int) -> [Message] {
    var messages: [Message] = []
    for index in entries.indices where messages.count < limit {
      guard entries[index].visibleAt <= simulation.now else { continue }
      entries[index].visibleAt = simulation.now + visibilityTimeout
      entries[index].receipt += 1
      let entry = entries[index]
      messages.append(Message(payload: entry.payload, id: entry.id, receipt: entry.receipt))
    }
    return messages
  }
}
