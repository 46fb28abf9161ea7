/// A first-in, first-out queue of elements between processes.
public final class Store<Element>: CustomStringConvertible {
  /// Elements that nobody has taken or been promised.
  @inlinable public var count: Int { elements.count - reserved }
  /// What it is called when somebody waits for it in vain.
  public let name: String
  @usableFromInline let simulation: Simulation
  @exclusivity(unchecked) @usableFromInline var elements = Ring<Element>()
  /// Elements for processes that have been woken and have not run yet: nobody may overtake them.
  @exclusivity(unchecked) @usableFromInline var reserved = 0
  @exclusivity(unchecked) @usableFromInline var waiting = Ring<Token>()

  /// An empty store.
  public init(_ simulation: Simulation, name: String = "an element of a store") {
    self.simulation = simulation
    self.name = name
  }

  /// The text of it in errors and logs.
  public var description: String { name }

  /// Adds an element and lets the first waiter have it.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public func put(_ element: Element) {
    elements.push(element)
    while let token = waiting.pop() {
      if simulation.wake(token) {
        reserved += 1
        return
      }
    }
  }

  /// Waits for an element and takes it.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public func get() async throws -> Element {
    if count == 0 {
      try await simulation.park(for: self) { waiting.push($0) }
      reserved -= 1
    }
    return elements.pop()!
  }
}
