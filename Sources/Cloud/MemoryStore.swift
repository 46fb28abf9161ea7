internal import OrderedCollections
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

/// A store in the memory of one server or of several, such as Redis, with scripts and tensors
/// inside.
///
/// Every server, a node, has one processor that serves all requests one after the other, a
/// network that its callers share, and a bill of its own. A key lies on one node; callers use a
/// cluster as they use a single server.
public final class MemoryStore {
  /// The server that a node is on.
  public enum Host: Hashable, Sendable {
    /// An EC2 instance type: billed by the second, runs modules such as RedisAI.
    case ec2(String)
    /// An ElastiCache node type such as `cache.m5.large`: billed by whole hours, no modules.
    case elasticache(String)
  }

  /// Which node of a cluster a key lies on.
  public enum Placement {
    /// The one that has the key's hash slot, as in Redis Cluster.
    case hashSlots
    /// The one with the number that is computed from the key, modulo the number of nodes.
    case numbered((_ key: String) -> Int)
  }

  /// The store's name.
  public let name: String
  /// How many servers it is on.
  public var nodeCount: Int { nodes.count }
  /// How many keys lie in it.
  public var keyCount: Int { nodes.reduce(0) { $0 + $1.keyCount } }
  /// How many bytes lie in it.
  public var byteCount: Int { nodes.reduce(0) { $0 + $1.byteCount } }
  /// Whether any of its servers is down.
  public var isCrashed: Bool { nodes.contains(where: \.isCrashed) }

  private let simulation: Simulation
  private let nodes: [MemoryNode]
  private let placement: Placement
  private let valueLimit: Int

  init(
    _ region: Region, name: String, on host: Host, nodes count: Int, placement: Placement
  ) throws(ProviderError) {
    precondition(count > 0, "a store is on some server")
    self.name = name
    self.placement = placement
    simulation = region.simulation
    var nodes: [MemoryNode] = []
    for index in 0..<count {
      let nodeName = count == 1 ? name : "\(name) node \(index)"
      nodes.append(try MemoryNode(region, name: nodeName, on: host))
    }
    self.nodes = nodes
    valueLimit = try region.fact(Provider.bytes, "memory-store.value-max")
  }

  /// Stores a value under a key; what lay there before is replaced.
  public func set(_ payload: Payload, at key: String) async throws {
    let node = self.node(of: key)
    try check(payload, node.operations.set)
    try await node.write(payload, at: key, node.operations.set, replacing: true)
  }

  /// Adds a value to the end of the list under a key.
  public func append(_ payload: Payload, to key: String) async throws {
    let node = self.node(of: key)
    try check(payload, node.operations.append)
    try await node.write(payload, at: key, node.operations.append, replacing: false)
  }

  /// Fetches the value under a key.
  ///
  /// - Throws: `NoSuchKey`.
  public func get(_ key: String) async throws -> Payload {
    let node = self.node(of: key)
    return try await node.perform(
      node.operations.get, on: key,
      work: { node.timeToMove(bytes: node[key].first?.byteCount ?? 0) }
    ) {
      guard let payload = node[key].first else { throw NoSuchKey(key: key, store: name) }
      return .init(payload, byteCount: payload.byteCount)
    }
  }

  /// Fetches the values under several keys in one request to each node that has some of them.
  ///
  /// - Throws: `NoSuchKey` for the first that is not there.
  public func get(keys: [String]) async throws -> [Payload] {
    let fetched = try await forEachNode(of: keys) { [self] node, keys in
      let size = { keys.reduce(0) { $0 + (node[$1].first?.byteCount ?? 0) } }
      return try await node.perform(
        node.operations.get, on: keys[0], work: { node.timeToMove(bytes: size()) }
      ) {
        .init(
          try keys.map { key in
            guard let payload = node[key].first else { throw NoSuchKey(key: key, store: name) }
            return (key, payload)
          }, byteCount: size())
      }
    }
    let payloads = Dictionary(fetched.joined()) { first, _ in first }
    return keys.compactMap { payloads[$0] }
  }

  /// Fetches the list under a key; an empty one where there is none.
  public func elements(of key: String) async throws -> [Payload] {
    let node = self.node(of: key)
    return try await node.perform(
      node.operations.get, on: key, work: { node.timeToMove(bytes: node.bytes(at: key)) }
    ) {
      .init(node[key], byteCount: node.bytes(at: key))
    }
  }

  /// Removes keys in one request to each node that has some of them; removing nothing succeeds.
  public func delete(keys: [String]) async throws {
    try await forEachNode(of: keys) { node, keys in
      try await node.perform(node.operations.delete, on: keys[0]) {
        for key in keys { node[key] = [] }
        return .init(())
      }
    }
  }

  /// The keys that begin with `prefix`, sorted: one request to each node, which looks at all keys.
  public func keys(prefix: String = "") async throws -> [String] {
    let keys = try await onAllNodes { node in
      try await node.perform(node.operations.scan, on: prefix, work: { node.timeToScan() }) {
        .init(node.keys(prefix: prefix))
      }
    }
    return keys.count == 1 ? keys[0] : keys.joined().sorted()
  }

  /// Asks every node whether it is there.
  ///
  /// - Throws: `ServiceUnavailable` where one is not.
  public func ping() async throws {
    try await onAllNodes { node in
      try await node.perform(node.operations.ping, on: "") { .init(()) }
    }
  }

  /// Runs a script or a tensor operation inside the store.
  ///
  /// The processor of one node is held for `work`: of the one that has `key`, or the first. Then
  /// `effect` happens, with no time or cost of its own: it reads and writes values through the
  /// store's subscript.
  public func run<Result>(
    _ script: String, near key: String? = nil, work: ServerWork, sending: Int = 0, reply: Int = 0,
    effect: () throws -> Result
  ) async throws -> Result {
    let node = key.map(node) ?? nodes[0]
    return try await node.perform(
      node.operations.run, on: script, sending: sending, work: { node.time(of: work) }
    ) {
      .init(try effect(), byteCount: reply)
    }
  }

  /// The value under a key as code inside the server sees it: without time or cost.
  public subscript(key: String) -> Payload? {
    get { node(of: key)[key].first }
    set { node(of: key)[key] = newValue.map { [$0] } ?? [] }
  }

  /// The list under a key as code inside the server sees it: without time or cost.
  public func list(_ key: String) -> [Payload] { node(of: key)[key] }

  /// Takes a node down, or all of them: what lay in its memory is lost, and requests fail with
  /// `ServiceUnavailable`, those on their way after the SDK's retries, until it restarts.
  public func crash(node index: Int? = nil) {
    for node in index.map({ [nodes[$0]] }) ?? nodes { node.crash() }
  }

  /// Brings back, empty, what was taken down.
  public func restart() {
    for node in nodes { node.restart() }
  }

  /// The number of the node on which a key lies.
  public func nodeIndex(of key: String) -> Int {
    if nodes.count == 1 { return 0 }
    switch placement {
    case .hashSlots: return HashSlot.node(of: HashSlot.slot(of: key), nodes: nodes.count)
    case .numbered(let number):
      let remainder = number(key) % nodes.count
      return remainder < 0 ? remainder + nodes.count : remainder
    }
  }

  private func node(of key: String) -> MemoryNode { nodes[nodeIndex(of: key)] }

  /// Does something on every node that has some of the keys, at the same time.
  @discardableResult
  private func forEachNode<Value>(
    of keys: [String], _ body: @escaping (MemoryNode, [String]) async throws -> Value
  ) async throws -> [Value] {
    let groups = OrderedDictionary(grouping: keys) { nodeIndex(of: $0) }
    if groups.count == 1 { return [try await body(nodes[groups.keys[0]], keys)] }
    return try await simulation.concurrently(Array(groups.keys)) { [nodes] index in
      try await body(nodes[index], groups[index, default: []])
    }
  }

  /// Does something on every node, at the same time.
  @discardableResult
  private func onAllNodes<Value>(
    _ body: @escaping (MemoryNode) async throws -> Value
  ) async throws -> [Value] {
    if nodes.count == 1 { return [try await body(nodes[0])] }
    return try await simulation.concurrently(nodes, body)
  }

  private func check(
    _ payload: Payload, _ operation: ServiceEndpoint.Operation
  ) throws(PayloadTooLarge) {
    guard payload.byteCount <= valueLimit else {
      throw PayloadTooLarge(
        operation: operation.name, byteCount: payload.byteCount, limit: valueLimit)
    }
  }
}
