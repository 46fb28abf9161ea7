/// One thing to wait for on an errand.
public enum Pause {
  /// Time that passes.
  case time(Duration)
  /// Bytes that pass, as in `SharedLink.transfer`.
  case transfer(bytes: Int64, over: SharedLink, through: SharedLink? = nil, cap: Double = .infinity)
}

extension Simulation {
  /// Waits for one thing after the other: `first`, `second`, and what `next` says until it is nil.
  ///
  /// The process is woken only at the end. Switching to a process and back is most of what a wait
  /// costs, so that what merely leads from one wait to the next costs a fraction this way: a
  /// latency before a transfer, a request that is made again and again. `next` runs between
  /// processes: it must neither wait nor ask who runs.
  ///
  /// - Throws: What `next` throws, at the instant when it does.
  /// - Complexity: That of the pauses, and O(1) for each.
  public func wait(
    for first: Pause, then second: Pause? = nil, next: (() throws -> Pause?)? = nil
  ) async throws {
    let index = try beginWait(for: nil)
    let errand = Errand(self, second, next)
    errand.begin(first, at: index)
    do {
      try await parking.wait(index)
    } catch {
      errand.abandon()
      throw error
    }
    if let failure = errand.failure { throw failure }
  }
}

/// A wait in several parts, from one to the next of which the loop leads while the process sleeps.
final class Errand {
  /// What ended it before its end.
  @exclusivity(unchecked) private(set) var failure: (any Error)?
  private unowned(unsafe) let simulation: Simulation
  @exclusivity(unchecked) private var second: Pause?
  private let next: (() throws -> Pause?)?
  /// What is on its way during the present pause.
  @exclusivity(unchecked) private var flow: Flow?

  init(_ simulation: Simulation, _ second: Pause?, _ next: (() throws -> Pause?)?) {
    self.simulation = simulation
    self.second = second
    self.next = next
  }

  /// Begins the next pause of the process in a slot; returns whether there is one.
  func goOn(at index: Int) -> Bool {
    flow?.end()
    flow = nil
    do {
      guard let pause = try second.take() ?? next?() else { return false }
      begin(pause, at: index)
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Begins a pause of the process in a slot.
  func begin(_ pause: Pause, at index: Int) {
    simulation.table[index].pointee.errand = .passUnretained(self)
    let token = simulation.table.token(index)
    switch pause {
    case .time(let duration): simulation.wait(token, until: simulation.time(after: duration))
    case .transfer(let bytes, let first, let second, let cap):
      flow = Flow(of: bytes, over: first, through: second, cap: cap)
      if let flow { return flow.begin(token) }
      let seconds = first.count(bytes, through: second, cap: cap)
      simulation.wait(token, until: simulation.time(after: .rounded(seconds: seconds)))
    }
  }

  /// Gives up in the middle of a pause.
  func abandon() { flow?.abandon() }
}
