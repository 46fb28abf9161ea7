internal import SimulationKernel

/// One server of a memory store: its processor, network, memory, values and bill.
final class MemoryNode {
  /// The requests that a node takes.
  struct Operations {
    let set, append, get, delete, run, scan, ping: ServiceEndpoint.Operation

    init(_ endpoint: ServiceEndpoint) throws(ProviderError) {
      set = try endpoint.operation("set")
      append = try endpoint.operation("append")
      get = try endpoint.operation("get")
      delete = try endpoint.operation("delete")
      run = try endpoint.operation("run")
      scan = try endpoint.operation("scan")
      ping = try endpoint.operation("ping")
    }
  }

  /// What a server takes for a request, read once from the provider.
  private struct Rates {
    let requestTime, keyTime: Duration
    let bytesPerSecond: Double
    let compute: ComputeModel

    init(_ region: Region) throws(ProviderError) {
      requestTime = try region.fact(Provider.duration, "memory-store.request-time")
      keyTime = try region.fact(Provider.duration, "memory-store.key-time")
      bytesPerSecond = try region.fact(Provider.bytesPerSecond, "memory-store.byte-rate")
      compute = try region.computeModel
    }
  }

  let operations: Operations
  private(set) var byteCount = 0
  private(set) var isCrashed = false

  private let name: String
  private let endpoint: ServiceEndpoint
  private let processor: Resource
  private let rates: Rates
  private let memoryLimit: Int
  @exclusivity(unchecked) private var values = KeyedValues<[Payload]>()

  init(_ region: Region, name: String, on host: MemoryStore.Host) throws(ProviderError) {
    self.name = name
    let network: HostNetwork
    switch host {
    case .ec2(let type):
      let machine = try VirtualMachine(region, name: name, type: type)
      network = machine.network
      memoryLimit = machine.memoryBytes
    case .elasticache(let node):
      (network, memoryLimit) = try MemoryNode.cacheNode(region, name: name, node: node)
    }
    endpoint = try ServiceEndpoint(
      region, service: "memory-store", instance: name, serverNetwork: network)
    operations = try Operations(endpoint)
    processor = Resource(region.simulation, capacity: 1)
    rates = try Rates(region)
  }

  private static func cacheNode(
    _ region: Region, name: String, node: String
  ) throws(ProviderError) -> (HostNetwork, memory: Int) {
    // A provider has nodes of its own, or machines by other names.
    let own = try region.ifKnown(Provider.text, "memory-store.instead-of.\(node)") ?? node
    let type = own.hasPrefix("cache.") ? String(own.dropFirst(6)) : own
    _ = try StandingServer(
      region, name: name, service: "memory-store", item: own,
      terms: .init(
        minimum: try region.fact(Provider.duration, "memory-store.billing-minimum"),
        granularity: try region.fact(Provider.duration, "memory-store.billing-granularity")),
      startup: try region.fact(Provider.latency, "memory-store.startup"))
    return (
      try HostNetwork(region, machine: name, type: type),
      try region.fact(Provider.bytes, "virtual-machine.types.\(type).memory")
    )
  }

  /// Brings a request to the server, holds its processor for the work, and acts.
  ///
  /// - Parameter work: how long the processor takes beside what any request takes; asked for when
  ///   the request has arrived.
  /// - Throws: `ServiceUnavailable` when the server is down, at once when it goes down meanwhile.
  func perform<Value>(
    _ operation: ServiceEndpoint.Operation, on detail: String, sending byteCount: Int = 0,
    work: () -> Duration = { .zero }, _ act: () throws -> ServiceEndpoint.Reply<Value>
  ) async throws -> Value {
    try await endpoint.perform(
      operation, on: detail, sending: byteCount, admit: { try requireRunning(operation) }
    ) {
      try await processor.hold(for: rates.requestTime + work())
      try requireRunning(operation)
      return try act()
    }
  }

  private func requireRunning(_ operation: ServiceEndpoint.Operation) throws {
    if isCrashed { throw ServiceUnavailable(operation: operation.name) }
  }

  /// Adds a value to what lies under a key, or puts it there instead.
  func write(
    _ payload: Payload, at key: String, _ operation: ServiceEndpoint.Operation, replacing: Bool
  ) async throws {
    try await perform(
      operation, on: key, sending: payload.byteCount,
      work: { timeToMove(bytes: payload.byteCount) }
    ) {
      let needed = byteCount + payload.byteCount - (replacing ? bytes(at: key) : 0)
      guard needed <= memoryLimit else {
        throw OutOfMemory(owner: name, neededBytes: needed, availableBytes: memoryLimit)
      }
      if replacing {
        values.update([payload], at: key)
      } else {
        values.change(key, from: []) { $0.append(payload) }
      }
      byteCount = needed
      return .init(())
    }
  }

  /// What lies under a key, as code inside the server sees it.
  subscript(key: String) -> [Payload] {
    get { values[key] ?? [] }
    set {
      byteCount += newValue.byteCount - bytes(at: key)
      if newValue.isEmpty { values.remove(key) } else { values.update(newValue, at: key) }
    }
  }

  /// The keys that begin with `prefix`, sorted.
  func keys(prefix: String) -> [String] {
    values.keys(prefix: prefix)
  }

  /// How many keys there are.
  var keyCount: Int { values.count }

  /// How many bytes lie under a key.
  func bytes(at key: String) -> Int { self[key].byteCount }

  /// The processor's time for bytes that come in or go out.
  func timeToMove(bytes: Int) -> Duration {
    .rounded(seconds: Double(bytes) / rates.bytesPerSecond)
  }

  /// The processor's time for looking at all keys.
  func timeToScan() -> Duration { rates.keyTime * values.count }

  /// The processor's time for a script or a tensor operation.
  func time(of work: ServerWork) -> Duration {
    .rounded(
      seconds: Double(work.bytes) / rates.compute.vectorBytesPerSecond
        + work.flops / rates.compute.flopsPerSecond)
  }

  /// Takes the server down, and with it all that lay in its memory.
  func crash() {
    isCrashed = true
    values = KeyedValues()
    byteCount = 0
  }

  /// Brings the server back, empty.
  func restart() { isCrashed = false }
}

extension Collection where Element == Payload {
  /// All their bytes together.
  var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
}
