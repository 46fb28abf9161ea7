/// A number of equal servers with one queue, first come, first served.
public final class Resource: CustomStringConvertible {
  /// Servers not in use.
  @exclusivity(unchecked) public private(set) var available: Int
  /// What it is called when somebody waits for it in vain.
  public let name: String
  private let simulation: Simulation
  @exclusivity(unchecked) private var waiting = Ring<Token>()

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
      try await simulation.park(for: self) { waiting.push($0) }
    }
  }

  /// Gives a server back, to the first who waits for one.
  ///
  /// - Complexity: O(1) amortised.
  public func release() {
    while let token = waiting.pop() { if simulation.wake(token) { return } }
    available += 1
  }

  /// Runs `body` while holding a server.
  public func use<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await acquire()
    defer { release() }
    return try await body()
  }
}
