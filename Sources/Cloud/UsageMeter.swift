internal import OrderedCollections

/// Counts what a run consumes: billable usage, requests made and bytes moved.
public final class UsageMeter {
  /// The name of one kind of usage.
  public struct Key: Hashable, Sendable {
    /// The service, such as `function`.
    public let service: String
    /// What is used of it, such as `request`.
    public let item: String
    /// The name of `item` of `service`.
    public init(service: String, item: String) {
      self.service = service
      self.item = item
    }
  }

  /// How much was used of one kind.
  public struct Usage: Hashable, Sendable {
    /// The service, such as `function`.
    public let service: String
    /// What was used of it, such as `request`.
    public let item: String
    /// How much, in the base units of the item's price.
    public let quantity: Int64
    /// A quantity of `item` of `service`.
    public init(service: String, item: String, quantity: Int64) {
      self.service = service
      self.item = item
      self.quantity = quantity
    }
  }

  private var quantities: OrderedDictionary<Key, Int64> = [:]
  private var requestCounts: OrderedDictionary<String, Int64> = [:]
  private var byteCounts: OrderedDictionary<String, Int64> = [:]

  /// A meter that has counted nothing.
  public init() {}

  /// Billable usage, in the order of first use.
  public var usage: [Usage] {
    quantities.elements.map {
      Usage(service: $0.key.service, item: $0.key.item, quantity: $0.value)
    }
  }

  /// How much was used of one kind, in base units.
  public func usage(service: String, item: String) -> Int64 {
    quantities[Key(service: service, item: item), default: 0]
  }

  /// Requests that reached a service, by operation such as `object-store.get`, in first-use order.
  public var requests: [(operation: String, count: Int64)] {
    requestCounts.elements.map { ($0.key, $0.value) }
  }

  /// Requests of one operation that reached their service.
  public func requests(_ operation: String) -> Int64 { requestCounts[operation, default: 0] }

  /// Payload bytes moved, by direction such as `object-store.out`, in first-use order.
  ///
  /// `in` is into the service, `out` is out of it.
  public var bytes: [(direction: String, count: Int64)] {
    byteCounts.elements.map { ($0.key, $0.value) }
  }

  /// Payload bytes moved in one direction of one service.
  public func bytes(_ direction: String) -> Int64 { byteCounts[direction, default: 0] }

  /// Adds `quantity` base units.
  public func add(_ quantity: Int64, service: String, item: String) {
    precondition(quantity >= 0, "usage only grows")
    quantities[Key(service: service, item: item), default: 0] += quantity
  }

  func countRequest(_ operation: String) { requestCounts[operation, default: 0] += 1 }

  func countBytes(_ count: Int, _ direction: String) {
    if count > 0 { byteCounts[direction, default: 0] += Int64(count) }
  }
}
