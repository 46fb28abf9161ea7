internal import SimulationKernel

/// A queue of messages that consumers poll, such as Amazon SQS.
///
/// A received message stays in the queue, invisible for a while, until it is deleted.
public final class MessageQueue {
  /// What a queue promises.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Nearly unlimited; messages arrive at least once and in no certain order.
    case standard = "queue"
    /// Within a group messages arrive in order and once; requests are limited.
    case fifo = "queue-fifo"
  }

  /// A message as one receiver sees it.
  public struct Message {
    /// What was sent.
    public let payload: Payload
    /// How often it has been received, this time included.
    public let receiveCount: Int
    fileprivate let id: Int
  }

  private struct Entry {
    let id: Int
    let payload: Payload
    let group: String
    let sentAt: Instant
    var visibleAt: Instant
    var receiveCount = 0
  }

  /// The queue was purged less than a minute ago.
  public struct PurgeInProgress: Error, Hashable {
    /// The queue's name.
    public let queue: String
  }

  /// The queue's name.
  public let name: String
  /// What it promises.
  public let kind: Kind
  /// How many messages it holds, visible or not, as an observer sees it.
  public var count: Int { entries.count }

  private let endpoint: ServiceEndpoint
  private let sendOperation, receiveOperation: ServiceEndpoint.Operation
  private let deleteOperation, countOperation, purgeOperation: ServiceEndpoint.Operation
  private let requestBilling: Tally<UsageMeter.Key>.Place
  private let rules: QueueRules
  private let simulation: Simulation
  private let requestLimit: TokenBucket
  private var faults: MessageFaults
  /// The messages in the order in which they were sent, by id and by time.
  @exclusivity(unchecked) private var entries: [Entry] = []
  /// Ids of those that were handed out and may still be invisible.
  private var handedOut: [Int] = []
  private var sentCount = 0
  private var lastPurge: Instant?
  private var arrival: Signal

  init(_ region: Region, name: String, kind: Kind) throws(ProviderError) {
    self.name = name
    self.kind = kind
    simulation = region.simulation
    rules = try QueueRules(region, kind)
    endpoint = try ServiceEndpoint(region, service: kind.rawValue)
    requestBilling = endpoint.billing("request")
    sendOperation = try endpoint.operation("send")
    receiveOperation = try endpoint.operation("receive")
    deleteOperation = try endpoint.operation("delete", billedAs: "request")
    countOperation = try endpoint.operation("count", billedAs: "request")
    purgeOperation = try endpoint.operation("purge", billedAs: "request")
    requestLimit = TokenBucket(
      simulation, capacity: rules.requestsPerSecond, refillPerSecond: rules.requestsPerSecond)
    faults = MessageFaults(
      region, service: kind.rawValue, name: name, duplicateRate: rules.duplicateRate)
    arrival = Signal(simulation, name: "a message in \(name)")
  }

  /// Sends a message.
  ///
  /// - Parameter group: what is kept in order by a queue that promises it.
  public func send(_ payload: Payload, group: String = "") async throws {
    guard payload.byteCount <= rules.messageLimit else {
      throw PayloadTooLarge(
        operation: sendOperation.name, byteCount: payload.byteCount, limit: rules.messageLimit)
    }
    try await perform(sendOperation, sending: payload.byteCount) {
      endpoint.bill(requestBilling, units: rules.billedRequests(payload.byteCount))
      if faults.isLost() { return .init(()) }
      dropExpired()
      let now = simulation.now
      entries.append(
        Entry(id: sentCount, payload: payload, group: group, sentAt: now, visibleAt: now))
      sentCount += 1
      announce()
      return .init(())
    }
  }

  /// Receives up to `max` messages; waits up to `wait` for the first one (a long poll).
  ///
  /// They stay invisible to others for the queue's visibility timeout. An empty answer is billed
  /// like any other.
  public func receive(max: Int = 1, wait: Duration = .zero) async throws -> [Message] {
    let limit = min(Swift.max(1, max), rules.batchLimit)
    return try await perform(receiveOperation) {
      try await waitForMessage(until: simulation.now + min(wait, rules.waitLimit))
      let messages = try take(limit)
      let byteCount = messages.reduce(0) { $0 + $1.payload.byteCount }
      endpoint.bill(requestBilling, units: rules.billedRequests(byteCount))
      return .init(messages, byteCount: byteCount)
    }
  }

  /// Removes a received message, unless it has become another receiver's since.
  public func delete(_ message: Message) async throws {
    try await perform(deleteOperation) {
      if let place = place(of: message.id), entries[place].receiveCount == message.receiveCount {
        entries.remove(at: place)
      }
      announce()
      return .init(())
    }
  }

  /// About how many messages could be received (the request GetQueueAttributes).
  ///
  /// The count is late by the provider's `count-lag`.
  public func approximateCount() async throws -> Int {
    try await perform(countOperation) {
      let seen = simulation.now.nanoseconds - rules.countLag.wholeNanoseconds
      let hidden = invisible().filter { $0.sentAt.nanoseconds <= seen }
      return .init(firstPlace { $0.sentAt.nanoseconds > seen } - hidden.count)
    }
  }

  /// Removes all messages.
  ///
  /// - Throws: `PurgeInProgress` within a minute of the last purge.
  public func purge() async throws {
    try await perform(purgeOperation) {
      if let lastPurge, simulation.now - lastPurge < rules.purgeInterval {
        throw PurgeInProgress(queue: name)
      }
      lastPurge = simulation.now
      entries = []
      return .init(())
    }
  }

  private func perform<Value>(
    _ operation: ServiceEndpoint.Operation, sending byteCount: Int = 0,
    _ act: () async throws -> ServiceEndpoint.Reply<Value>
  ) async throws -> Value {
    try await endpoint.perform(
      operation, on: name, sending: byteCount,
      admit: {
        guard requestLimit.take() else {
          throw Throttled(operation: operation.name, limit: "requests per second")
        }
      }
    ) { _ in try await act() }
  }

  /// Lets those look again who wait for a message.
  private func announce() {
    arrival.fire()
    arrival = Signal(simulation, name: "a message in \(name)")
  }

  private func waitForMessage(until end: Instant) async throws {
    while simulation.now < end, receivable(1).isEmpty {
      let next = min(end, invisible().map(\.visibleAt).min() ?? end)
      do {
        try await simulation.withTimeout(next - simulation.now) { try await arrival.wait() }
      } catch is TimedOut {}
    }
  }

  /// The places of up to `limit` messages that can be received now.
  private func receivable(_ limit: Int) -> [Int] {
    let now = simulation.now
    var found: [Int] = []
    var hiddenGroups: Set<String> = []
    for (index, entry) in entries.enumerated() {
      if found.count == limit { break }
      if entry.visibleAt > now {
        hiddenGroups.insert(entry.group)
      } else if kind == .standard || !hiddenGroups.contains(entry.group) {
        found.append(index)
      }
    }
    return found
  }

  private func take(_ limit: Int) throws -> [Message] {
    let now = simulation.now
    dropExpired()
    let places = receivable(limit)
    if invisible().count + places.count > rules.inFlightLimit {
      throw Throttled(operation: receiveOperation.name, limit: "messages in flight")
    }
    return places.map { place in
      entries[place].receiveCount += 1
      // Now and then a server did not hear of the receipt and hands the message out again.
      if !faults.isDuplicated() {
        entries[place].visibleAt = now + rules.visibilityTimeout
        handedOut.append(entries[place].id)
      }
      let entry = entries[place]
      return Message(payload: entry.payload, receiveCount: entry.receiveCount, id: entry.id)
    }
  }

  // MARK: - Finding messages

  /// The messages that nobody can receive now.
  private func invisible() -> [Entry] {
    var hidden: [Entry] = []
    handedOut.removeAll { id in
      guard let place = place(of: id), entries[place].visibleAt > simulation.now else {
        return true
      }
      hidden.append(entries[place])
      return false
    }
    return hidden
  }

  /// Where a message is, unless it was deleted.
  private func place(of id: Int) -> Int? {
    let place = firstPlace { $0.id >= id }
    return place < entries.count && entries[place].id == id ? place : nil
  }

  /// The first place at which `isBeyond` holds, and holds from there on.
  private func firstPlace(where isBeyond: (Entry) -> Bool) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if isBeyond(entries[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Messages that nobody receives stay for the retention time and no longer.
  private func dropExpired() {
    let expired = entries.prefix { simulation.now - $0.sentAt > rules.retention }.count
    if expired > 0 { entries.removeFirst(expired) }
  }
}
