internal import SimulationKernel

/// A table of small items under string keys, such as Amazon DynamoDB, billed by units of size.
public final class KeyValueTable {
  /// The table's name.
  public let name: String
  /// How many items it holds.
  public var count: Int { items.count }

  private typealias Item = (key: String, payload: Payload)

  private let endpoint: ServiceEndpoint
  private let storage: StorageMeter
  private let putOperation, getOperation: ServiceEndpoint.Operation
  private let queryOperation, deleteOperation: ServiceEndpoint.Operation
  private let itemLimit, pageLimit, writeUnit, readUnit: Int
  @exclusivity(unchecked) private var items = KeyedValues<Payload>()

  init(_ region: Region, name: String) throws(ProviderError) {
    self.name = name
    endpoint = try ServiceEndpoint(region, service: "key-value-table")
    storage = try StorageMeter(region, service: "key-value-table")
    putOperation = try endpoint.operation("put")
    getOperation = try endpoint.operation("get")
    queryOperation = try endpoint.operation("query")
    deleteOperation = try endpoint.operation("delete")
    itemLimit = try region.fact(Provider.bytes, "key-value-table.item-max")
    pageLimit = try region.fact(Provider.bytes, "key-value-table.page-max")
    writeUnit = try region.fact(Provider.bytes, "key-value-table.write-unit")
    readUnit = try region.fact(Provider.bytes, "key-value-table.read-unit")
    for item in ["write-unit", "read-unit"] {
      try region.requirePrice(service: "key-value-table", item: item)
    }
  }

  /// Stores an item; what lay under the key before is replaced.
  public func put(_ payload: Payload, at key: String) async throws {
    guard payload.byteCount <= itemLimit else {
      throw PayloadTooLarge(
        operation: putOperation.name, byteCount: payload.byteCount, limit: itemLimit)
    }
    try await endpoint.perform(putOperation, on: key, sending: payload.byteCount) {
      billWrite(payload.byteCount)
      let old = items.update(payload, at: key)
      storage.change(by: payload.byteCount - (old?.byteCount ?? 0))
      return .init(())
    }
  }

  /// Fetches an item.
  ///
  /// - Parameter consistent: whether it must be the newest; if not, the read costs half.
  /// - Throws: `NoSuchKey`; such a miss is billed as one unit.
  public func get(_ key: String, consistent: Bool = true) async throws -> Payload {
    try await endpoint.perform(getOperation, on: key) {
      billRead(items[key]?.byteCount ?? 0, consistent)
      guard let payload = items[key] else { throw NoSuchKey(key: key, store: name) }
      return .init(payload, byteCount: payload.byteCount)
    }
  }

  /// The items whose keys begin with `prefix`, sorted by key; every page of 1 MB is one request.
  public func query(
    prefix: String, consistent: Bool = true
  ) async throws -> [(key: String, payload: Payload)] {
    try await pages(prefix: prefix, consistent: consistent) { $0.payload.byteCount }
  }

  /// The keys that begin with `prefix`, sorted: a query that replies nothing else of the items.
  ///
  /// It is billed for the whole items that it reads, and its pages are those of a query.
  public func keys(prefix: String = "", consistent: Bool = true) async throws -> [String] {
    try await pages(prefix: prefix, consistent: consistent) { $0.key.utf8.count }.map(\.key)
  }

  private func pages(
    prefix: String, consistent: Bool, replySize: (_ item: Item) -> Int
  ) async throws -> [Item] {
    var found: [Item] = []
    while true {
      let last = found.last?.key
      let (page, isLast) = try await endpoint.perform(queryOperation, on: prefix) {
        let (page, isLast) = self.page(prefix, after: last)
        billRead(page.reduce(0) { $0 + $1.payload.byteCount }, consistent)
        return .init((page, isLast), byteCount: page.reduce(0) { $0 + replySize($1) })
      }
      found += page
      if isLast { return found }
    }
  }

  /// Removes an item; removing nothing succeeds too.
  public func delete(_ key: String) async throws {
    try await endpoint.perform(deleteOperation, on: key) {
      let old = items.remove(key)?.byteCount ?? 0
      billWrite(old)
      storage.change(by: -old)
      return .init(())
    }
  }

  private func page(_ prefix: String, after last: String?) -> (items: [Item], isLast: Bool) {
    let keys = items.keys(prefix: prefix, after: last)
    var page: [Item] = []
    var byteCount = 0
    for key in keys {
      guard let payload = items[key] else { continue }
      byteCount += payload.byteCount
      if byteCount > pageLimit, !page.isEmpty { return (page, false) }
      page.append((key, payload))
    }
    return (page, true)
  }

  private func billWrite(_ byteCount: Int) { bill("write-unit", byteCount, by: writeUnit) }

  /// Reads are counted in half units: an eventually consistent one takes half of a unit.
  private func billRead(_ byteCount: Int, _ consistent: Bool) {
    bill("read-unit", byteCount, by: readUnit, times: consistent ? 2 : 1)
  }

  private func bill(_ item: String, _ byteCount: Int, by unit: Int, times factor: Int64 = 1) {
    let units = Int64(byteCount).roundedUp(to: Int64(unit)) / Int64(unit)
    endpoint.bill(item, units: max(1, units) * factor)
  }
}
