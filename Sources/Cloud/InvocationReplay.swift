public import SimulationKernel

/// One invocation of a recorded trace.
public struct RecordedInvocation: Hashable, Sendable {
  /// The function, numbered from 0.
  public let function: Int
  /// When it arrived, in nanoseconds from the trace's beginning.
  public let start: Int64
  /// How long it ran, in nanoseconds, without a cold start.
  public let duration: Int64
  /// Its function's memory in binary megabytes.
  public let memoryMB: Int

  /// An invocation that arrived at `start` and ran for `duration` nanoseconds.
  public init(function: Int, start: Int64, duration: Int64, memoryMB: Int) {
    self.function = function
    self.start = start
    self.duration = duration
    self.memoryMB = memoryMB
  }
}

/// How the platform treats a replayed trace.
public struct ReplayOptions: Sendable {
  /// How long idle environments live.
  public var keepAlive: KeepAlive = .fixed(.seconds(600))
  /// Which idle environment an invocation gets.
  public var idleRule: IdleRule = .newest
  /// Invocations that run at the same time at most; more are rejected.
  public var concurrencyLimit = 1000
  /// What a cold start adds to an invocation.
  public var coldStart: Duration = .milliseconds(500)
  /// Whether that is billed.
  public var isColdStartBilled = true
  /// What billed time is rounded up to.
  public var billingGranularity: Duration = .milliseconds(1)
  /// The shortest time that is billed.
  public var billingMinimum: Duration = .zero

  /// A keep-alive of 10 min, 1,000 at a time, the newest first, half a second for a cold start.
  public init() {}
}

/// A recorded trace is not in the order of its arrivals, or has an impossible value.
public struct ReplayError: Error, Hashable, CustomStringConvertible {
  /// Which invocation, from 0.
  public let invocation: Int
  /// What is wrong with it.
  public let problem: String
  /// The text of it in errors and logs.
  public var description: String { "invocation \(invocation): \(problem)" }
}

/// Runs a recorded trace of invocations against the function platform's rules.
///
/// A fast lane beside `FunctionPlatform`: no processes, two handlers, and memory that grows with
/// the environments alive and not with the trace. At equal times a departure comes before an
/// arrival, and an environment that was idle for exactly the keep-alive is gone.
public final class InvocationReplay {
  private struct Environment {
    var function = 0
    var createdAt: Int64 = 0
    var number = 0
    /// When it ends unless it is used; `.max` while it runs.
    var expiry: Int64 = .max
    /// When the invocation that it runs began.
    var start: Int64 = 0
    var memoryMB = 0
  }

  private let simulation: Simulation
  private let options: ReplayOptions
  private let coldStart: Int64
  private let granularity: Int64
  private let billedMinimum: Int64
  private var fixedLifetime: Int64?
  private let names: (actor: EventLog.Name, run: EventLog.Name, rejected: EventLog.Name)
  private let next: () throws -> RecordedInvocation?
  private var arrivals: Simulation.Handler?
  private var departures: Simulation.Handler?
  private var upcoming: RecordedInvocation?
  private var failure: (any Error)?

  private var environments: [Environment] = []
  private var freeSlots: [UInt32] = []
  private var idle: [IdlePool] = []
  private var lastCreation: Int64 = -1
  private var lastNumber = 0
  private var releaseCount = 0
  private var runningCount = 0
  private var lastArrival: Int64 = 0
  private var lifetimes: RandomStream
  private var tally = ReplayTally()

  private init(
    _ simulation: Simulation, options: ReplayOptions,
    _ next: @escaping () throws -> RecordedInvocation?
  ) {
    self.simulation = simulation
    self.options = options
    self.next = next
    coldStart = options.coldStart.wholeNanoseconds
    granularity = options.billingGranularity.wholeNanoseconds
    billedMinimum = options.billingMinimum.wholeNanoseconds
    if case .fixed(let time) = options.keepAlive { fixedLifetime = time.wholeNanoseconds }
    let log = simulation.log
    names = (
      log.name("platform"), log.name("function/run"), log.name("function/rejected")
    )
    lifetimes = simulation.random(for: "function/keep-alive", actor: "replay")
  }

  /// Replays the invocations that `next` returns, in the order of their arrivals, until it
  /// returns nil.
  ///
  /// - Throws: `ReplayError`; what `next` throws.
  public static func run(
    _ simulation: Simulation, options: ReplayOptions = ReplayOptions(),
    _ next: @escaping () throws -> RecordedInvocation?
  ) throws -> ReplayReport {
    let replay = InvocationReplay(simulation, options: options, next)
    return try replay.run()
  }

  private func run() throws -> ReplayReport {
    arrivals = Simulation.Handler(simulation) { [unowned self] _ in arrive() }
    departures = Simulation.Handler(simulation) { [unowned self] slot in depart(Int(slot)) }
    scheduleNext()
    try simulation.run()
    if let failure { throw failure }
    for environment in environments where environment.memoryMB > 0 { count(environment) }
    return tally.report(until: lastArrival, peak: environments.count)
  }

  /// Departures are only ever scheduled before the next arrival is, and so come first.
  private func scheduleNext() {
    do {
      upcoming = nil
      guard let invocation = try next() else { return }
      guard invocation.start >= simulation.now.nanoseconds else {
        throw ReplayError(invocation: tally.arrivals, problem: "it arrives before the last one")
      }
      guard invocation.duration >= 0, invocation.memoryMB > 0, invocation.function >= 0 else {
        throw ReplayError(invocation: tally.arrivals, problem: "it has an impossible value")
      }
      upcoming = invocation
      arrivals?.schedule(
        after: .nanoseconds(invocation.start - simulation.now.nanoseconds))
    } catch {
      failure = error
    }
  }

  private func arrive() {
    guard let invocation = upcoming else { return }
    lastArrival = invocation.start
    tally.arrivals += 1
    if runningCount == options.concurrencyLimit {
      tally.rejected += 1
      record(names.rejected, from: invocation.start, to: invocation.start)
    } else {
      begin(invocation)
    }
    scheduleNext()
  }

  private func begin(_ invocation: RecordedInvocation) {
    while idle.count <= invocation.function { idle.append(IdlePool()) }
    let warm = takeIdle(invocation.function)
    let slot = warm ?? create(invocation)
    let cold = warm == nil ? coldStart : 0
    let departure = invocation.start + cold + invocation.duration
    environments[slot].start = invocation.start
    environments[slot].expiry = .max
    runningCount += 1
    tally.begin(
      invocation, cold: warm == nil ? cold : nil,
      isColdBilled: options.isColdStartBilled,
      granularity: granularity, minimum: billedMinimum)
    record(names.run, from: invocation.start, to: departure)
    departures?.schedule(after: .nanoseconds(departure - invocation.start), UInt32(slot))
  }

  private func depart(_ slot: Int) {
    runningCount -= 1
    let now = simulation.now.nanoseconds
    var environment = environments[slot]
    tally.ran(environment.memoryMB, from: environment.start, to: now, before: horizon)
    let lifetime =
      fixedLifetime ?? options.keepAlive.lifetime(&lifetimes).wholeNanoseconds
    environment.expiry = now + lifetime
    environments[slot] = environment
    if lifetime == 0 { return release(slot) }
    releaseCount += 1
    let key = options.idleRule.key(creation: environment.number, release: releaseCount)
    idle[environment.function].push(key, UInt32(slot))
  }

  private func takeIdle(_ function: Int) -> Int? {
    let now = simulation.now.nanoseconds
    if idle[function].isDueForSweep {
      for slot in idle[function].sweep(where: { environments[Int($0)].expiry <= now }) {
        release(Int(slot))
      }
    }
    while let slot = idle[function].pop() {
      if environments[Int(slot)].expiry > now { return Int(slot) }
      release(Int(slot))
    }
    return nil
  }

  private func create(_ invocation: RecordedInvocation) -> Int {
    // Of those created at the same time the first one counts as the newest, as in SimFaaS.
    if invocation.start == lastCreation {
      lastNumber -= 1
    } else {
      lastNumber = (lastNumber >> 32 + 2) << 32 - 1
      lastCreation = invocation.start
    }
    let environment = Environment(
      function: invocation.function, createdAt: invocation.start, number: lastNumber,
      memoryMB: invocation.memoryMB)
    if let slot = freeSlots.popLast() {
      environments[Int(slot)] = environment
      return Int(slot)
    }
    environments.append(environment)
    return environments.count - 1
  }

  private func release(_ slot: Int) {
    count(environments[slot])
    environments[slot].memoryMB = 0
    freeSlots.append(UInt32(slot))
  }

  /// Counts how long an environment lived, up to the last arrival.
  private func count(_ environment: Environment) {
    tally.lived(
      environment.memoryMB, from: environment.createdAt, to: environment.expiry, before: horizon)
  }

  /// Time is averaged up to the last arrival: as far as is known, the next one.
  private var horizon: Int64 { upcoming?.start ?? lastArrival }

  private func record(_ operation: EventLog.Name, from start: Int64, to end: Int64) {
    simulation.log.record(
      operation, by: names.actor, on: "platform", from: Instant(nanoseconds: start),
      to: Instant(nanoseconds: end))
  }
}
