/// A number of equal servers with one queue, first come, first served.
public final class Resource: CustomStringConvertible {
  /// Servers not in use.
  @exclusivity(unchecked) public private(set) var available: Int
  /// What it is called when somebody waits for it in vain.
  public let name: String
  private struct Waiter {
    let token: Token
    /// How long it will hold its server; nil for until it says so.
    let duration: Duration?
  }

  private let simulation: Simulation
  @exclusivity(unchecked) private var waiting = Ring<Waiter>()
  /// Those who wanted to hold a server and were interrupted before it was their turn, where their
  /// turn has come before they could run.
  @exclusivity(unchecked) private var passedOver: [Token] = []

  /// A resource of `capacity` servers.
  public init(_ simulation: Simulation, capacity: Int, name: String = "a resource") {
    precondition(capacity >= 0, "a resource cannot have fewer than no servers")
    self.simulation = simulation
    self.name = name
    available = capacity
  }

  /// The text of it in errors and logs.
  public var description: String { name }

  /// Waits for a server and takes it.
  ///
  /// - Complexity: O(1) amortised.
  public func acquire() async throws {
    if available > 0 {
      available -= 1
    } else {
      try await simulation.park(for: self) { waiting.push(Waiter(token: $0, duration: nil)) }
    }
  }

  /// Gives a server back, to the first who waits for one.
  ///
  /// - Complexity: O(1) amortised.
  public func release() {
    while let next = waiting.pop() {
      if let duration = next.duration {
        if simulation.postpone(next.token, for: duration) { return }
        passedOver.append(next.token)
      } else {
        if simulation.wake(next.token) { return }
      }
    }
    available += 1
  }

  /// Waits for a server and holds it for `duration`, as `use` with a sleep inside does, but goes on
  /// only once.
  ///
  /// - Complexity: O(1) amortised; when it is ended before its time, O(those who wait).
  public func hold(for duration: Duration) async throws {
    if available > 0 {
      available -= 1
      defer { release() }
      return try await simulation.sleep(for: duration)
    }
    var own: Token?
    do {
      try await simulation.park(for: self) { token in
        own = token
        waiting.push(Waiter(token: token, duration: duration))
      }
    } catch {
      // Who owed an error has not even begun to wait.
      if let own, !isStillWaiting(own) { release() }
      throw error
    }
    release()
  }

  /// Whether a wait that was interrupted ended before its holder got a server.
  private func isStillWaiting(_ token: Token) -> Bool {
    if let place = passedOver.firstIndex(where: { $0 == token }) {
      passedOver.remove(at: place)
      return true
    }
    return waiting.contains { $0.token == token }
  }

  /// Runs `body` while holding a server.
  public func use<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await acquire()
    defer { release() }
    return try await body()
  }
}
