internal import SimulationKernel

/// A broker that pushes messages to consumers, such as RabbitMQ on a server of its own.
public final class MessageBroker {
  /// A queue or exchange that was not declared.
  public struct NotDeclared: Error, Hashable {
    /// Its name.
    public let name: String
  }

  /// The broker's name.
  public let name: String

  private let endpoint: ServiceEndpoint
  private let publishOperation, deliverOperation: ServiceEndpoint.Operation
  private let countOperation, purgeOperation: ServiceEndpoint.Operation
  private let processor: Resource
  private let messageTime: Duration
  private var faults: MessageFaults
  @exclusivity(unchecked) private var queues: [String: Store<Payload>] = [:]
  private var bindings: [String: [Store<Payload>]] = [:]

  init(_ region: Region, name: String) throws(ProviderError) {
    self.name = name
    let type = try region.fact(Provider.text, "broker.instance-type")
    _ = try StandingServer(
      region, name: name, service: "broker", item: type,
      terms: .init(
        minimum: try region.fact(Provider.duration, "broker.billing-minimum"),
        granularity: try region.fact(Provider.duration, "broker.billing-granularity")),
      startup: try region.fact(Provider.latency, "broker.startup"))
    let machineType = type.hasPrefix("mq.") ? String(type.dropFirst(3)) : type
    endpoint = try ServiceEndpoint(
      region, service: "broker", instance: name,
      serverNetwork: try HostNetwork(region, machine: name, type: machineType))
    publishOperation = try endpoint.operation("publish")
    deliverOperation = try endpoint.operation("deliver")
    countOperation = try endpoint.operation("count")
    purgeOperation = try endpoint.operation("purge")
    messageTime = try region.fact(Provider.duration, "broker.message-time")
    processor = Resource(region.simulation, capacity: 1)
    faults = MessageFaults(region, service: "broker", name: name, duplicateRate: 0)
  }

  /// Declares a queue; declaring it again changes nothing.
  public func declareQueue(_ queue: String) {
    if queues[queue] == nil { queues[queue] = Store(endpoint.region.simulation) }
  }

  /// Declares an exchange that copies every message to all queues bound to it.
  public func declareFanout(_ exchange: String) {
    if bindings[exchange] == nil { bindings[exchange] = [] }
  }

  /// Lets a queue have every message of an exchange.
  public func bind(queue: String, to exchange: String) throws {
    guard let messages = queues[queue] else { throw NotDeclared(name: queue) }
    guard bindings[exchange] != nil else { throw NotDeclared(name: exchange) }
    bindings[exchange]?.append(messages)
  }

  /// Sends a message to every queue bound to an exchange.
  public func publish(_ payload: Payload, to exchange: String) async throws {
    guard let bound = bindings[exchange] else { throw NotDeclared(name: exchange) }
    try await post(payload, to: bound, on: exchange)
  }

  /// Sends a message to one queue.
  public func send(_ payload: Payload, to queue: String) async throws {
    guard let messages = queues[queue] else { throw NotDeclared(name: queue) }
    try await post(payload, to: [messages], on: queue)
  }

  /// Waits for the next message of a queue: the broker pushes, nobody polls.
  public func next(from queue: String) async throws -> Payload {
    guard let messages = queues[queue] else { throw NotDeclared(name: queue) }
    let payload = try await messages.get()
    return try await endpoint.perform(deliverOperation, on: queue) {
      .init(payload, byteCount: payload.byteCount)
    }
  }

  /// How many messages of a queue nobody has taken: AMQP's passive declaration, which tells it.
  public func messageCount(of queue: String) async throws -> Int {
    guard let messages = queues[queue] else { throw NotDeclared(name: queue) }
    return try await endpoint.perform(countOperation, on: queue) { .init(messages.count) }
  }

  /// Removes all messages of a queue.
  public func purge(_ queue: String) async throws {
    guard let messages = queues[queue] else { throw NotDeclared(name: queue) }
    try await endpoint.perform(purgeOperation, on: queue) { .init(messages.removeAll()) }
  }

  /// How many messages of a queue nobody has taken, as an observer sees it.
  public func count(of queue: String) -> Int { queues[queue]?.count ?? 0 }

  /// How many messages of all queues nobody has taken, as an observer sees it.
  public var count: Int {
    queues.values.reduce(0) { $0 + $1.count }  // any order: it is a sum
  }

  private func post(_ payload: Payload, to bound: [Store<Payload>], on detail: String) async throws
  {
    try await endpoint.perform(publishOperation, on: detail, sending: payload.byteCount) {
      try await processor.hold(for: messageTime * (1 + bound.count))
      for messages in bound where !faults.isLost() {
        messages.put(payload)
        if faults.isDuplicated() { messages.put(payload) }
      }
      return .init(())
    }
  }
}
