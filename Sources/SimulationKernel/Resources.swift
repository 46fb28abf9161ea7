/// Something that happens once and that many processes can wait for.
public final class Signal {
  /// Whether it has happened.
  public private(set) var hasFired = false
  private let simulation: Simulation
  private var waiting: [Wait] = []

  /// A signal that has not happened yet.
  public init(_ simulation: Simulation) { self.simulation = simulation }

  /// Waits until it happens; returns at once when it has.
  public func wait() async throws {
    if !hasFired { try await simulation.suspend { waiting.append($0) } }
  }

  /// Makes it happen.
  public func fire() {
    hasFired = true
    for wait in waiting { simulation.wake(wait) }
    waiting = []
  }
}

/// A number of equal servers with one queue, first come, first served.
public final class Resource {
  /// Servers not in use.
  public private(set) var available: Int
  private let simulation: Simulation
  private var waiting: [Wait] = []

  /// A resource of `capacity` servers.
  public init(_ simulation: Simulation, capacity: Int) {
    self.simulation = simulation
    available = capacity
  }

  /// Waits for a server and takes it.
  public func acquire() async throws {
    if available > 0 {
      available -= 1
    } else {
      try await simulation.suspend { waiting.append($0) }
    }
  }

  /// Gives a server back.
  public func release() {
    while !waiting.isEmpty { if simulation.wake(waiting.removeFirst()) { return } }
    available += 1
  }

  /// Runs `body` while holding a server.
  public func use<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await acquire()
    defer { release() }
    return try await body()
  }
}

/// A first-in, first-out queue of elements between processes.
public final class Store<Element> {
  /// Elements that nobody has taken.
  public var count: Int { elements.count - reserved }
  private let simulation: Simulation
  private var elements: [Element] = []
  private var reserved = 0
  private var waiting: [Wait] = []

  /// An empty store.
  public init(_ simulation: Simulation) { self.simulation = simulation }

  /// Adds an element and lets the first waiter have it.
  public func put(_ element: Element) {
    elements.append(element)
    while !waiting.isEmpty {
      if simulation.wake(waiting.removeFirst()) {
        reserved += 1
        return
      }
    }
  }

  /// Waits for an element and takes it.
  public func get() async throws -> Element {
    if count == 0 {
      try await simulation.suspend { waiting.append($0) }
      reserved -= 1
    }
    return elements.removeFirst()
  }
}
