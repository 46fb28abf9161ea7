public import Cloud
public import SimulationKernel

/// A store through which functions that cannot talk to each other exchange vectors.
///
/// Every call is at least one billed request. What lies under a key stays there until it is
/// replaced or deleted; a listing is sorted by key.
public protocol GradientStore {
  /// Stores a payload; what lay under the key before is replaced.
  ///
  /// - Throws: `PayloadTooLarge` where the store takes no item of this size.
  func put(_ payload: Payload, at key: String) async throws

  /// Fetches the payload under a key.
  ///
  /// - Throws: `NoSuchKey`; such a miss is a billed request like any other.
  func get(_ key: String) async throws -> Payload

  /// Fetches the payload under a key as soon as it is there: asks again `pause` after every miss.
  ///
  /// - Returns: the payload, and when the request was sent that found it.
  func poll(
    _ key: String, every pause: Duration, in simulation: Simulation
  ) async throws -> (payload: Payload, asked: Instant)

  /// The keys that begin with a prefix, sorted.
  func list(prefix: String) async throws -> [String]

  /// Of the keys that begin with a prefix those that one request to an object store tells; other
  /// stores tell all of them.
  func firstPage(prefix: String) async throws -> [String]

  /// Removes what lies under a key; removing nothing succeeds too.
  func delete(_ key: String) async throws
}

extension GradientStore {
  /// Fetches the payload under a key as soon as it is there, get by get.
  public func poll(
    _ key: String, every pause: Duration, in simulation: Simulation
  ) async throws -> (payload: Payload, asked: Instant) {
    while true {
      let asked = simulation.now
      do { return (try await get(key), asked) } catch is NoSuchKey {}
      try await simulation.sleep(for: pause)
    }
  }

  /// All keys that begin with a prefix, sorted.
  public func firstPage(prefix: String) async throws -> [String] {
    try await list(prefix: prefix)
  }
}

extension ObjectStore: GradientStore {
  /// Fetches an object as soon as it is there.
  public func poll(
    _ key: String, every pause: Duration, in simulation: Simulation
  ) async throws -> (payload: Payload, asked: Instant) {
    try await poll(key, every: pause)
  }

  /// The first thousand keys that begin with a prefix, sorted: one request.
  public func firstPage(prefix: String) async throws -> [String] {
    try await list(prefix: prefix, maximumPages: 1)
  }
}

extension MemoryStore: GradientStore {
  /// Stores a payload under a key, as `set` does.
  public func put(_ payload: Payload, at key: String) async throws {
    try await set(payload, at: key)
  }

  /// The keys that begin with a prefix, sorted: a request to each node.
  public func list(prefix: String) async throws -> [String] { try await keys(prefix: prefix) }

  /// Removes the value under a key.
  public func delete(_ key: String) async throws { try await delete(keys: [key]) }
}

extension KeyValueTable: GradientStore {
  /// Fetches the newest item under a key.
  public func get(_ key: String) async throws -> Payload { try await get(key, consistent: true) }

  /// The keys that begin with a prefix, sorted: a query, billed for all the items it reads.
  public func list(prefix: String) async throws -> [String] {
    try await keys(prefix: prefix, consistent: true)
  }
}
