/// A first-in, first-out queue of elements between processes.
public final class Store<Element>: CustomStringConvertible {
  /// Elements that nobody has taken or been given.
  @inlinable public var count: Int { elements.count }
  /// What it is called when somebody waits for it in vain.
  public let name: String

  @usableFromInline let simulation: Simulation
  @exclusivity(unchecked) @usableFromInline var elements = Ring<Element>()
  @exclusivity(unchecked) @usableFromInline var waiting = Ring<Token>()
  /// Elements for processes that have been woken and have not run yet, in the order of waking.
  @exclusivity(unchecked) @usableFromInline var given = Ring<Element>()

  /// An empty store.
  public init(_ simulation: Simulation, name: String = "an element of a store") {
    self.simulation = simulation
    self.name = name
  }

  /// The text of it in errors and logs.
  public var description: String { name }

  /// Gives an element to the first who waits for one, or keeps it.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public func put(_ element: Element) {
    while let token = waiting.pop() {
      if simulation.wake(token) { return given.push(element) }
    }
    elements.push(element)
  }

  /// Drops all elements that nobody has taken.
  public func removeAll() { elements = Ring() }

  /// Waits for an element and takes it.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public func get() async throws -> Element {
    if let element = elements.pop() { return element }
    try await simulation.park(for: self) { waiting.push($0) }
    return given.pop()!
  }
}
