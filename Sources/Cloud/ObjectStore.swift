public import SimulationKernel

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
  public var count: Int { objects.count }

  private let endpoint: ServiceEndpoint
  private let storage: StorageMeter
  private let putOperation, getOperation, listOperation, deleteOperation: ServiceEndpoint.Operation
  private let objectLimit: Int
  @exclusivity(unchecked) private var objects = KeyedValues<Payload>()
  @exclusivity(unchecked) private var readLimits: PrefixLimits
  @exclusivity(unchecked) private var writeLimits: PrefixLimits

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
    let reads = try region.fact(Provider.number, "\(service).reads-per-second")
    let writes = try region.fact(Provider.number, "\(service).writes-per-second")
    let rampTime = try region.fact(Provider.duration, "\(service).ramp-time")
    readLimits = PrefixLimits(region.simulation, perSecond: reads, rampTime: rampTime)
    writeLimits = PrefixLimits(region.simulation, perSecond: writes, rampTime: rampTime)
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
  public func get(_ key: String) async throws -> Payload { try await get(key, sent: nil) }

  /// Fetches an object as soon as it is there: asks again `pause` after every miss.
  ///
  /// - Returns: the object, and when the request was sent that found it.
  public func poll(
    _ key: String, every pause: Duration
  ) async throws -> (payload: Payload, asked: Instant) {
    let prefix = key.partBeforeLastSlash
    while true {
      let asked = try await endpoint.poll(getOperation, on: key, every: pause) { [self] in
        objects[key] == nil && readLimits.admit(prefix)
      }
      do {
        return (try await get(key, sent: asked), asked)
      } catch is NoSuchKey {
        // It was not there when the store took the request at last, after refusing it.
        try await endpoint.region.simulation.sleep(for: pause)
      }
    }
  }

  private func get(_ key: String, sent: Instant?) async throws -> Payload {
    try await endpoint.perform(
      getOperation, on: key, sent: sent, admit: { try admitRead(key) }
    ) { _ in
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
    try await list(prefix: prefix, maximumPages: .max)
  }

  /// The keys on the first pages of a listing.
  ///
  /// - Parameter maximumPages: after how many requests to stop, as code does that takes the first
  ///   answer for the whole one.
  public func list(prefix: String, maximumPages: Int) async throws -> [String] {
    var found: [String] = []
    for _ in 0..<maximumPages {
      let last = found.last
      let page = try await endpoint.perform(
        listOperation, on: prefix, admit: { try admitRead(prefix) }
      ) { _ in
        .init(objects.keys(prefix: prefix, after: last, limit: ObjectStore.pageSize + 1))
      }
      if found.isEmpty { found = page } else { found += page }
      // A page says whether there are more keys than it shows.
      if page.count <= ObjectStore.pageSize { break }
      found.removeLast()
    }
    return found
  }

  /// Removes an object; removing nothing succeeds too.
  public func delete(_ key: String) async throws {
    try await endpoint.perform(deleteOperation, on: key, admit: { try admitWrite(key) }) { _ in
      if let payload = objects.remove(key) { storage.change(by: -payload.byteCount) }
      return .init(())
    }
  }

  /// Puts an object there without time, cost or log: what lies there before the job.
  public func publish(_ payload: Payload, at key: String) {
    let old = objects.update(payload, at: key)
    storage.change(by: payload.byteCount - (old?.byteCount ?? 0))
  }

  /// The object under a key as an observer sees it: without time or cost.
  public subscript(key: String) -> Payload? { objects[key] }

  /// Express storage bills the bytes of a request as well.
  private func billBytes(_ byteCount: Int, _ item: String) {
    guard kind == .express else { return }
    endpoint.bill(item, units: Int64(byteCount).roundedUp(to: 1024) / 1024)
  }

  private func admitRead(_ key: String) throws { try admit(key, &readLimits, "reads") }

  private func admitWrite(_ key: String) throws { try admit(key, &writeLimits, "writes") }

  /// Request rates hold for each prefix: here, for the part of a key before its last slash.
  private func admit(_ key: String, _ limits: inout PrefixLimits, _ kind: String) throws {
    let prefix = key.partBeforeLastSlash
    guard limits.admit(prefix) else {
      throw Throttled(
        operation: "\(self.kind.rawValue)", limit: "\(kind) per second of prefix \(prefix)")
    }
  }
}

extension String {
  /// What comes before its last slash; nothing where there is none.
  fileprivate var partBeforeLastSlash: String {
    // Every request asks: bytes are looked at, and no characters found.
    var text = self
    return text.withUTF8 { bytes in
      let slash = bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
      return String(decoding: UnsafeBufferPointer(rebasing: bytes[..<slash]), as: UTF8.self)
    }
  }
}
