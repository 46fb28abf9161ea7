/// A budget that fills at a constant rate up to a capacity, as in request limits and burst credits.
///
/// Who asks for more than there is waits, first come, first served.
public final class TokenBucket: CustomStringConvertible {
  /// The most tokens it can hold.
  public let capacity: Double
  /// Tokens added each second.
  public let refillPerSecond: Double
  /// What it is called when somebody waits for it in vain.
  public let name: String

  private struct Waiter {
    let token: Token
    let amount: Double
  }

  private let simulation: Simulation
  @exclusivity(unchecked) private var level: Double
  @exclusivity(unchecked) private var lastChange: Instant
  @exclusivity(unchecked) private var waiting: [Waiter] = []
  private lazy var alarm = Simulation.Alarm(simulation) { [unowned self] in serve() }

  /// A bucket that holds `initial` tokens, or as many as it can.
  public init(
    _ simulation: Simulation, capacity: Double, refillPerSecond: Double, initial: Double? = nil,
    name: String = "tokens"
  ) {
    precondition(capacity > 0 && refillPerSecond >= 0, "a token bucket must hold something")
    self.simulation = simulation
    self.capacity = capacity
    self.refillPerSecond = refillPerSecond
    self.name = name
    level = min(capacity, initial ?? capacity)
    lastChange = simulation.now
  }

  /// The text of it in errors and logs.
  public var description: String { name }

  /// Tokens that are there now.
  public var available: Double {
    min(capacity, level + simulation.now.seconds(since: lastChange) * refillPerSecond)
  }

  /// Takes `amount` tokens if they are there and nobody waits for tokens; tells whether it did.
  public func take(_ amount: Double = 1) -> Bool {
    update()
    guard waiting.isEmpty, level >= amount else { return false }
    level -= amount
    return true
  }

  /// Waits for `amount` tokens and takes them.
  public func acquire(_ amount: Double = 1) async throws {
    precondition(amount <= capacity, "a bucket never holds more than its capacity")
    if take(amount) { return }
    do {
      try await simulation.park(for: self) { token in
        waiting.append(Waiter(token: token, amount: amount))
        setAlarm()
      }
    } catch {
      waiting.removeAll { simulation.table.isStale($0.token) }
      serve()
      throw error
    }
  }

  private func update() {
    level = available
    lastChange = simulation.now
  }

  private func serve() {
    update()
    while let first = waiting.first {
      // The alarm is set to a whole nanosecond: what one brings is rounding, not budget.
      guard level + refillPerSecond * 1e-9 >= first.amount else { break }
      level = max(0, level - first.amount)
      waiting.removeFirst()
      simulation.wake(first.token)
    }
    setAlarm()
  }

  private func setAlarm() {
    guard let first = waiting.first, refillPerSecond > 0 else { return alarm.cancel() }
    let seconds = (first.amount - level) / refillPerSecond
    alarm.set(after: .nanoseconds(Int64((max(0, seconds) * 1e9).rounded(.up))))
  }
}
