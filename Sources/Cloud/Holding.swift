/// What lies in one store or waits in one queue, as an observer sees it.
public struct Holding: Hashable, Sendable, CustomStringConvertible {
  /// The service, such as `object-store`.
  public let service: String
  /// The name of the store or queue.
  public let name: String
  /// Objects, keys, items or messages.
  public let count: Int

  /// As in `object-store gradients: 3`.
  public var description: String { "\(service) \(name): \(count)" }
}

extension Region {
  /// What lies in the stores and queues that were opened, without those that are empty, sorted.
  public var holdings: [Holding] {
    func held<Place>(
      _ service: String, _ places: [String: Place], _ count: (Place) -> Int
    ) -> [Holding] {
      places.sorted { $0.key < $1.key }.map { name, place in
        Holding(service: service, name: name, count: count(place))
      }
    }
    let all =
      held("object-store", objectStores, \.count) + held("memory-store", memoryStores, \.keyCount)
      + held("key-value-table", tables, \.count) + held("queue", queues, \.count)
      + held("broker", brokers, \.count)
    return all.filter { $0.count > 0 }
  }
}
