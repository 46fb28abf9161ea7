/// Processes of which somebody waits for all or for the first.
final class ProcessGroup: CustomStringConvertible {
  /// Whether the first to end decides, and the others are killed.
  let endsWithFirst: Bool
  var members: [Process] = []
  /// The first to fail or, where the first decides, to end.
  private(set) var decider: Process?
  private(set) var remaining = 0
  var waiting: Token?

  init(endsWithFirst: Bool) { self.endsWithFirst = endsWithFirst }

  var description: String { "\(remaining) processes in a group" }

  func add(_ process: Process) {
    process.group = self
    members.append(process)
    remaining += 1
  }

  func finished(_ process: Process, in simulation: Simulation) {
    remaining -= 1
    if decider == nil, endsWithFirst || process.failure != nil {
      decider = process
      killAll(Killed(endsWithFirst ? "another was first" : "a sibling failed"), in: simulation)
    }
    if remaining == 0, let waiting { simulation.wake(waiting) }
  }

  func killAll(_ error: any Error, in simulation: Simulation) {
    for member in members { simulation.kill(member, error) }
  }
}

extension Simulation {
  /// Runs `body` for every element at once; returns the results in the elements' order.
  ///
  /// When one throws, or the caller is killed, the others are killed and the first error is thrown.
  ///
  /// - Complexity: O(n) processes; the caller is woken once.
  public func concurrently<Element, Result>(
    _ elements: [Element], named name: (Int) -> String = { "\($0)" },
    _ body: @escaping (Element) async throws -> Result
  ) async throws -> [Result] {
    let (group, results) = spawnGroup(elements, endsWithFirst: false, name, body)
    try await wait(for: group)
    if let failure = group.decider?.failure { throw failure }
    return results.values.map { $0! }
  }

  /// Runs `body` for every element at once; returns the result of the first to end, and which it
  /// was, once the others have been killed.
  ///
  /// When the first to end has thrown, its error is thrown.
  public func first<Element, Result>(
    of elements: [Element], named name: (Int) -> String = { "\($0)" },
    _ body: @escaping (Element) async throws -> Result
  ) async throws -> (index: Int, value: Result) {
    precondition(!elements.isEmpty, "nothing has no first")
    let (group, results) = spawnGroup(elements, endsWithFirst: true, name, body)
    try await wait(for: group)
    if let failure = group.decider?.failure { throw failure }
    let index = group.members.firstIndex { $0 === group.decider }!
    return (index, results.values[index]!)
  }

  private final class Results<Result> {
    var values: [Result?]
    init(count: Int) { values = .init(repeating: nil, count: count) }
  }

  private func spawnGroup<Element, Result>(
    _ elements: [Element], endsWithFirst: Bool, _ name: (Int) -> String,
    _ body: @escaping (Element) async throws -> Result
  ) -> (ProcessGroup, Results<Result>) {
    let group = ProcessGroup(endsWithFirst: endsWithFirst)
    let results = Results<Result>(count: elements.count)
    let parent = current
    for i in elements.indices {
      let child = Process(
        "\(parent.name)/\(name(i))", host: parent.host, isDaemon: parent.isDaemon,
        number: processCount
      ) {
        results.values[i] = try await body(elements[i])
      }
      group.add(child)
      start(child)
    }
    return (group, results)
  }

  private func wait(for group: ProcessGroup) async throws {
    do {
      while group.remaining > 0 { try await park(for: group) { group.waiting = $0 } }
    } catch {
      group.killAll(error, in: self)
      throw error
    }
  }
}
