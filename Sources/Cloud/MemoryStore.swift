internal import SimulationKernel

/// Work that a store's own processor does for a request.
public struct ServerWork: Hashable, Sendable {
  /// Bytes that it goes through.
  public let bytes: Int64
  /// Floating point operations beside them.
  public let flops: Double

  /// Work on `bytes`, with `flops` operations where those count.
  public init(bytes: Int64, flops: Double = 0) {
    self.bytes = bytes
    self.flops = flops
  }
}

/// A store in the memory of one server, such as Redis, with scripts and tensors inside.
///
/// One processor serves all requests, one after the other; the server's network is shared.
public final class MemoryStore {
  /// The server that a store is on.
  public enum Host: Hashable, Sendable {
    /// An EC2 instance type: billed by the second, runs modules such as RedisAI.
    case ec2(String)
    /// An ElastiCache node type such as `cache.m5.large`: billed by whole hours, no modules.
    case elasticache(String)
  }

  /// The store's name.
  public let name: String
  /// How many bytes lie in it.
  public private(set) var byteCount = 0

  private let endpoint: ServiceEndpoint
  private let setOperation, getOperation, deleteOperation: ServiceEndpoint.Operation
  private let appendOperation, runOperation: ServiceEndpoint.Operation
  private let processor: Resource
  private let compute: ComputeModel
  private let requestTime: Duration
  private let bytesPerSecond: Double
  private let valueLimit: Int
  private let memoryLimit: Int
  private var values: [String: [Payload]] = [:]

  init(_ region: Region, name: String, on host: Host) throws(ProviderError) {
    self.name = name
    let network: HostNetwork
    switch host {
    case .ec2(let type):
      let machine = try VirtualMachine(region, name: name, type: type)
      network = machine.network
      memoryLimit = machine.memoryBytes
    case .elasticache(let node):
      (network, memoryLimit) = try MemoryStore.cacheNode(region, name: name, node: node)
    }
    endpoint = try ServiceEndpoint(
      region, service: "memory-store", instance: name, serverNetwork: network)
    setOperation = try endpoint.operation("set")
    getOperation = try endpoint.operation("get")
    deleteOperation = try endpoint.operation("delete")
    appendOperation = try endpoint.operation("append")
    runOperation = try endpoint.operation("run")
    processor = Resource(region.simulation, capacity: 1)
    compute = try region.computeModel
    requestTime = try region.fact(Provider.duration, "memory-store.request-time")
    bytesPerSecond = try region.fact(Provider.bytesPerSecond, "memory-store.byte-rate")
    valueLimit = try region.fact(Provider.bytes, "memory-store.value-max")
  }

  private static func cacheNode(
    _ region: Region, name: String, node: String
  ) throws(ProviderError) -> (HostNetwork, memory: Int) {
    let type = node.hasPrefix("cache.") ? String(node.dropFirst(6)) : node
    _ = try StandingServer(
      region, name: name, service: "memory-store", item: "cache.\(type)",
      terms: .init(
        minimum: try region.fact(Provider.duration, "memory-store.billing-minimum"),
        granularity: try region.fact(Provider.duration, "memory-store.billing-granularity")),
      startup: try region.fact(Provider.latency, "memory-store.startup"))
    return (
      try HostNetwork(region, machine: name, type: type),
      try region.fact(Provider.bytes, "virtual-machine.types.\(type).memory")
    )
  }

  /// Stores a value under a key; what lay there before is replaced.
  public func set(_ payload: Payload, at key: String) async throws {
    try await write(payload, at: key, setOperation) { values[key] = [payload] }
  }

  /// Adds a value to the end of the list under a key.
  public func append(_ payload: Payload, to key: String) async throws {
    try await write(payload, at: key, appendOperation) { values[key, default: []].append(payload) }
  }

  /// Fetches the value under a key.
  ///
  /// - Throws: `NoSuchKey`.
  public func get(_ key: String) async throws -> Payload {
    try await endpoint.perform(getOperation, on: key) {
      try await serve(bytes: values[key]?.first?.byteCount ?? 0)
      guard let payload = values[key]?.first else { throw NoSuchKey(key: key, store: name) }
      return .init(payload, byteCount: payload.byteCount)
    }
  }

  /// Fetches the list under a key; an empty one where there is none.
  public func elements(of key: String) async throws -> [Payload] {
    try await endpoint.perform(getOperation, on: key) {
      try await serve(bytes: list(key).reduce(0) { $0 + $1.byteCount })
      let elements = list(key)
      return .init(elements, byteCount: elements.reduce(0) { $0 + $1.byteCount })
    }
  }

  /// Removes keys in one request; removing nothing succeeds too.
  public func delete(keys: [String]) async throws {
    try await endpoint.perform(deleteOperation, on: keys.first ?? "") {
      try await serve(bytes: 0)
      for key in keys { self[key] = nil }
      return .init(())
    }
  }

  /// Runs a script or a tensor operation inside the store.
  ///
  /// The server's processor is held for `work`; then `effect` happens, with no time or cost of its
  /// own: it reads and writes values through the store's subscript.
  public func run<Result>(
    _ script: String, work: ServerWork, sending: Int = 0, reply: Int = 0,
    effect: () throws -> Result
  ) async throws -> Result {
    try await endpoint.perform(runOperation, on: script, sending: sending) {
      try await processor.use {
        let seconds =
          Double(work.bytes) / compute.vectorBytesPerSecond + work.flops / compute.flopsPerSecond
        try await sleep(requestTime + .rounded(seconds: seconds))
      }
      return .init(try effect(), byteCount: reply)
    }
  }

  /// The value under a key as code inside the server sees it: without time or cost.
  public subscript(key: String) -> Payload? {
    get { values[key]?.first }
    set {
      byteCount -= list(key).reduce(0) { $0 + $1.byteCount }
      byteCount += newValue?.byteCount ?? 0
      values[key] = newValue.map { [$0] }
    }
  }

  /// The list under a key as code inside the server sees it: without time or cost.
  public func list(_ key: String) -> [Payload] { values[key] ?? [] }

  private func write(
    _ payload: Payload, at key: String, _ operation: ServiceEndpoint.Operation,
    _ store: () -> Void
  ) async throws {
    guard payload.byteCount <= valueLimit else {
      throw PayloadTooLarge(
        operation: operation.name, byteCount: payload.byteCount, limit: valueLimit)
    }
    try await endpoint.perform(operation, on: key, sending: payload.byteCount) {
      try await serve(bytes: payload.byteCount)
      let before = list(key).reduce(0) { $0 + $1.byteCount }
      let replaced = operation === setOperation ? before : 0
      let needed = byteCount - replaced + payload.byteCount
      guard needed <= memoryLimit else {
        throw OutOfMemory(owner: name, neededBytes: needed, availableBytes: memoryLimit)
      }
      store()
      byteCount = needed
      return .init(())
    }
  }

  /// Holds the processor for a plain request.
  private func serve(bytes: Int) async throws {
    try await processor.use {
      try await sleep(requestTime + .rounded(seconds: Double(bytes) / bytesPerSecond))
    }
  }

  private func sleep(_ duration: Duration) async throws {
    try await endpoint.region.simulation.sleep(for: duration)
  }
}
