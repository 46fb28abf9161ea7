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

  @exclusivity(unchecked) private var quantities = Tally<Key>()
  @exclusivity(unchecked) private var requestCounts = Tally<String>()
  @exclusivity(unchecked) private var byteCounts = Tally<String>()

  /// A meter that has counted nothing.
  public init() {}

  /// Billable usage, in the order of first use.
  public var usage: [Usage] {
    quantities.elements.map {
      Usage(service: $0.name.service, item: $0.name.item, quantity: $0.count)
    }
  }

  /// How much was used of one kind, in base units.
  public func usage(service: String, item: String) -> Int64 {
    quantities[Key(service: service, item: item)]
  }

  /// Requests that reached a service, by operation such as `object-store.get`, in first-use order.
  public var requests: [(operation: String, count: Int64)] {
    requestCounts.elements.map { ($0.name, $0.count) }
  }

  /// Requests of one operation that reached their service.
  public func requests(_ operation: String) -> Int64 { requestCounts[operation] }

  /// Payload bytes moved, by direction such as `object-store.out`, in first-use order.
  ///
  /// `in` is into the service, `out` is out of it.
  public var bytes: [(direction: String, count: Int64)] {
    byteCounts.elements.map { ($0.name, $0.count) }
  }

  /// Payload bytes moved in one direction of one service.
  public func bytes(_ direction: String) -> Int64 { byteCounts[direction] }

  /// Adds `quantity` base units.
  public func add(_ quantity: Int64, service: String, item: String) {
    add(quantity, at: place(of: item, of: service))
  }

  func countRequest(_ operation: String) { countRequest(request(operation)) }

  // MARK: - Without looking names up

  /// Where usage of one kind is counted.
  func place(of item: String, of service: String) -> Tally<Key>.Place {
    quantities.place(of: Key(service: service, item: item))
  }

  /// Where requests of one kind are counted.
  func request(_ operation: String) -> Tally<String>.Place { requestCounts.place(of: operation) }

  /// Where bytes of one direction are counted.
  func direction(_ name: String) -> Tally<String>.Place { byteCounts.place(of: name) }

  func add(_ quantity: Int64, at place: Tally<Key>.Place) {
    precondition(quantity >= 0, "usage only grows")
    quantities.add(quantity, at: place)
  }

  func countRequest(_ place: Tally<String>.Place) { requestCounts.add(1, at: place) }

  func countBytes(_ count: Int, _ place: Tally<String>.Place) {
    if count > 0 { byteCounts.add(Int64(count), at: place) }
  }
}
