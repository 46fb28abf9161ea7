internal import OrderedCollections
internal import SimulationKernel

/// A store of whole objects under string keys, such as Amazon S3: one bucket of it.
public final class ObjectStore {
  /// The class of the bucket.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Regional storage, tens of milliseconds away.
    case standard = "object-store"
    /// Storage in one zone, some milliseconds away, that bills bytes beside requests.
    case express = "object-store-express"
  }

  /// How many keys one page of a listing holds.
  public static let pageSize = 1000

  /// The bucket's name.
  public let name: String
  /// Its class.
  public let kind: Kind
  /// How many objects lie in it.
  public var count: Int { keys.count }

  private let endpoint: ServiceEndpoint
  private let storage: StorageMeter
  private let putOperation, getOperation, listOperation, deleteOperation: ServiceEndpoint.Operation
  private let objectLimit: Int
  private let readsPerSecond, writesPerSecond: Double
  private let rampTime: Duration
  private var objects: [String: Payload] = [:]
  private var keys: [String] = []
  private var readLimits: [Substring: PrefixLimit] = [:]
  private var writeLimits: [Substring: PrefixLimit] = [:]

  init(_ region: Region, name: String, kind: Kind) throws(ProviderError) {
    self.name = name
    self.kind = kind
    let service = kind.rawValue
    endpoint = try ServiceEndpoint(region, service: service)
    storage = try StorageMeter(region, service: service)
    putOperation = try endpoint.operation("put", billedAs: "put")
    getOperation = try endpoint.operation("get", billedAs: "get")
    listOperation = try endpoint.operation("list", billedAs: "list")
    deleteOperation = try endpoint.operation("delete", billedAs: "delete")
    objectLimit = try region.fact(Provider.bytes, "\(service).object-max")
    readsPerSecond = try region.fact(Provider.number, "\(service).reads-per-second")
    writesPerSecond = try region.fact(Provider.number, "\(service).writes-per-second")
    rampTime = try region.fact(Provider.duration, "\(service).ramp-time")
  }

  /// Stores an object; what lay under the key before is replaced.
  public func put(_ payload: Payload, at key: String) async throws {
    guard payload.byteCount <= objectLimit else {
      throw PayloadTooLarge(
        operation: putOperation.name, byteCount: payload.byteCount, limit: objectLimit)
    }
    try await endpoint.perform(
      putOperation, on: key, sending: payload.byteCount, admit: { try admitWrite(key) }
    ) { _ in
      billBytes(payload.byteCount, "put-bytes")
      publish(payload, at: key)
      return .init(())
    }
  }

  /// Fetches the object that lies under a key when the request arrives.
  ///
  /// - Throws: `NoSuchKey`; such a miss is a billed request like any other.
  public func get(_ key: String) async throws -> Payload {
    try await endpoint.perform(getOperation, on: key, admit: { try admitRead(key) }) { _ in
      guard let payload = objects[key] else { throw NoSuchKey(key: key, store: name) }
      billBytes(payload.byteCount, "get-bytes")
      return .init(payload, byteCount: payload.byteCount)
    }
  }

  /// Fetches an object as `ranges` equal parts at the same time, each on a connection of its own.
  ///
  /// Every part is a billed request; together they are faster than one connection.
  public func get(_ key: String, ranges: Int) async throws -> Payload {
    let parts = try await endpoint.region.simulation.concurrently(Array(0..<max(1, ranges))) {
      [self] part in
      try await endpoint.perform(getOperation, on: key, admit: { try admitRead(key) }) { _ in
        guard let payload = objects[key] else { throw NoSuchKey(key: key, store: name) }
        let (size, rest) = payload.byteCount.quotientAndRemainder(dividingBy: max(1, ranges))
        let byteCount = size + (part < rest ? 1 : 0)
        billBytes(byteCount, "get-bytes")
        return .init(payload, byteCount: byteCount)
      }
    }
    return parts[0]
  }

  /// The keys that begin with `prefix`, sorted; every thousand of them are one billed request.
  public func list(prefix: String = "") async throws -> [String] {
    var found: [String] = []
    while true {
      let last = found.last
      let next = try await endpoint.perform(
        listOperation, on: prefix, admit: { try admitRead(prefix) }
      ) { _ in
        .init(page(prefix, after: last))
      }
      found += next
      if next.count < ObjectStore.pageSize { return found }
    }
  }

  /// Removes an object; removing nothing succeeds too.
  public func delete(_ key: String) async throws {
    try await endpoint.perform(deleteOperation, on: key, admit: { try admitWrite(key) }) { _ in
      if let payload = objects.removeValue(forKey: key) {
        storage.change(by: -payload.byteCount)
        keys.remove(at: position(of: key))
      }
      return .init(())
    }
  }

  /// Puts an object there without time, cost or log: what lies there before the job.
  public func publish(_ payload: Payload, at key: String) {
    if let old = objects.updateValue(payload, forKey: key) {
      storage.change(by: payload.byteCount - old.byteCount)
    } else {
      storage.change(by: payload.byteCount)
      keys.insert(key, at: position(of: key))
    }
  }

  /// The object under a key as an observer sees it: without time or cost.
  public subscript(key: String) -> Payload? { objects[key] }

  private func page(_ prefix: String, after last: String?) -> [String] {
    var index = position(of: last ?? prefix)
    if let last, index < keys.count, keys[index] == last { index += 1 }
    return Array(keys[index...].prefix { $0.hasPrefix(prefix) }.prefix(ObjectStore.pageSize))
  }

  /// Where a key is, or would be, among the sorted keys.
  private func position(of key: String) -> Int {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Express storage bills the bytes of a request as well.
  private func billBytes(_ byteCount: Int, _ item: String) {
    guard kind == .express else { return }
    endpoint.bill(item, units: Int64(byteCount).roundedUp(to: 1024) / 1024)
  }

  private func admitRead(_ key: String) throws {
    try admit(key, &readLimits, perSecond: readsPerSecond, "reads")
  }

  private func admitWrite(_ key: String) throws {
    try admit(key, &writeLimits, perSecond: writesPerSecond, "writes")
  }

  private func admit(
    _ key: String, _ limits: inout [Substring: PrefixLimit], perSecond: Double, _ kind: String
  ) throws {
    let folder = folder(of: key)
    let limit =
      limits[folder]
      ?? PrefixLimit(endpoint.region.simulation, perSecond: perSecond, rampTime: rampTime)
    limits[folder] = limit
    guard limit.admit() else {
      throw Throttled(
        operation: "\(self.kind.rawValue)", limit: "\(kind) per second of prefix \(folder)")
    }
  }

  /// Request rates hold for each prefix: here, for the part of a key before its last slash.
  private func folder(of key: String) -> Substring {
    key.lastIndex(of: "/").map { key[..<$0] } ?? ""
  }
}
