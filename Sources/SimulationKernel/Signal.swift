/// Something that happens once and that many processes can wait for.
public final class Signal: CustomStringConvertible {
  /// Whether it has happened.
  public private(set) var hasFired = false
  /// What it is called when somebody waits for it in vain.
  public let name: String
  private let simulation: Simulation
  @exclusivity(unchecked) private var waiting: [Token] = []

  /// A signal that has not happened yet.
  public init(_ simulation: Simulation, name: String = "a signal") {
    self.simulation = simulation
    self.name = name
  }

  /// The text of it in errors and logs.
  public var description: String { name }

  /// Waits until it happens; returns at once when it has.
  ///
  /// - Complexity: O(1).
  public func wait() async throws {
    if !hasFired { try await simulation.park(for: self) { waiting.append($0) } }
  }

  /// Makes it happen; those who wait go on in the order in which they came.
  ///
  /// - Complexity: O(waiters).
  public func fire() {
    hasFired = true
    for token in waiting { simulation.wake(token) }
    waiting = []
  }
}
