internal import SimulationKernel

/// The one path that every operation of every service takes.
///
/// A request is checked, waits for its latency, sends its bytes, is billed, has its effect, and
/// its reply's bytes come back; what the service refuses or fails is retried as the SDKs do.
final class ServiceEndpoint {
  /// One kind of request of a service.
  final class Operation {
    let name: String
    let spanName: EventLog.Name
    fileprivate let requests, retries: Tally<String>.Place
    fileprivate let billing: Tally<UsageMeter.Key>.Place?
    fileprivate let latency: LatencySource
    fileprivate let includesTransfer: Bool
    fileprivate let latencyPurpose: HostNetwork.Purpose
    fileprivate let faults: OperationFaults
    /// Whether a latency of the provider's, and not of the scenario's, has still to be noted.
    @exclusivity(unchecked) fileprivate var isUnnoted: Bool

    fileprivate init(
      _ name: String, in region: Region, spanName: EventLog.Name,
      billing: Tally<UsageMeter.Key>.Place?, latency: LatencySource, includesTransfer: Bool,
      isUnnoted: Bool
    ) {
      self.name = name
      self.spanName = spanName
      self.billing = billing
      requests = region.meter.request(name)
      retries = region.meter.request("\(name) retried")
      self.latency = latency
      self.includesTransfer = includesTransfer
      latencyPurpose = region.purpose("\(name)/latency")
      faults = OperationFaults(region, operation: name)
      self.isUnnoted = isUnnoted
    }
  }

  /// What the server did: a value, and how many bytes of reply carry it.
  struct Reply<Value> {
    let value: Value
    let byteCount: Int
    init(_ value: Value, byteCount: Int = 0) {
      self.value = value
      self.byteCount = byteCount
    }
  }

  let region: Region
  let service: String
  /// The interface of the server; nil where the service scales beyond any one caller.
  let serverNetwork: HostNetwork?
  private let incoming, outgoing: Tally<String>.Place
  private let connection: Int
  private let backoff: HostNetwork.Purpose
  private let connectionSetup: Duration
  private let bytesPerSecondPerConnection: Double

  init(
    _ region: Region, service: String, instance: String? = nil,
    serverNetwork: HostNetwork? = nil
  ) throws(ProviderError) {
    self.region = region
    self.service = service
    self.serverNetwork = serverNetwork
    incoming = region.meter.direction("\(service).in")
    outgoing = region.meter.direction("\(service).out")
    connection = region.connection(to: instance.map { "\(service)/\($0)" } ?? service)
    backoff = region.purpose("sdk/backoff")
    connectionSetup = try region.fact(Provider.duration, "\(service).connection-setup")
    bytesPerSecondPerConnection =
      try region.fact(Provider.bytesPerSecond, "\(service).connection-bandwidth")
  }

  /// Declares an operation; its latency is the provider's, or the scenario's instead.
  func operation(_ name: String, billedAs item: String? = nil) throws(ProviderError) -> Operation {
    let key = "\(service).\(name)"
    let override = region.options.latencies[key]
    let model = if let override { override.model } else { try region.provider.latency(key) }
    if let item { try region.requirePrice(service: service, item: item) }
    return Operation(
      key, in: region, spanName: region.simulation.log.name("\(service)/\(name)"),
      billing: item.map(billing), latency: region.source(of: model, for: key),
      includesTransfer: override?.includesTransfer ?? false, isUnnoted: override == nil)
  }

  /// Performs an operation for the current process.
  ///
  /// - Parameters:
  ///   - admit: whether the service takes the request; what it throws is retried.
  ///   - act: what the server does once the request has arrived. It throws the service's typed
  ///     errors; those requests are billed like others.
  ///   - sent: when the request was sent, where it has arrived already.
  func perform<Admission, Value>(
    _ operation: Operation, on detail: String, sending byteCount: Int = 0, sent: Instant? = nil,
    admit: () throws -> Admission, _ act: (Admission) async throws -> Reply<Value>
  ) async throws -> Value {
    let simulation = region.simulation
    let start = sent ?? simulation.now
    let actor = simulation.actor
    var moved = byteCount
    defer {
      simulation.log.record(
        operation.spanName, by: actor, on: detail, from: start, to: simulation.now,
        bytes: Int64(moved))
    }
    let caller = region.callerNetwork
    let admission = try await reach(
      operation, from: caller, sending: byteCount, hasArrived: sent != nil, admit)
    let reply = try await act(admission)
    moved += reply.byteCount
    region.meter.countBytes(reply.byteCount, outgoing)
    if reply.byteCount > 0, !operation.includesTransfer {
      try await caller.incoming.transfer(
        bytes: Int64(reply.byteCount), through: serverNetwork?.outgoing,
        cap: min(bytesPerSecondPerConnection, caller.bytesPerSecondPerConnection))
    }
    return reply.value
  }

  /// Performs an operation that the service always takes.
  func perform<Value>(
    _ operation: Operation, on detail: String, sending byteCount: Int = 0,
    _ act: () async throws -> Reply<Value>
  ) async throws -> Value {
    try await perform(operation, on: detail, sending: byteCount, admit: {}) { _ in
      try await act()
    }
  }

  /// Sends requests without bytes, one `pause` after the last came back in vain, until one has
  /// arrived that may not be; returns when that was sent.
  ///
  /// The caller sleeps on while requests are in vain: a poll costs no switch to its process.
  ///
  /// - Parameter isVain: whether a request that arrives now is taken and finds nothing.
  func poll(
    _ operation: Operation, on detail: String, every pause: Duration,
    while isVain: @escaping () -> Bool
  ) async throws -> Instant {
    let simulation = region.simulation
    let (caller, actor) = (region.callerNetwork, simulation.actor)
    var sent = simulation.now
    let record = {
      simulation.log.record(
        operation.spanName, by: actor, on: detail, from: sent, to: simulation.now)
    }
    do {
      let latency = try latency(of: operation, from: caller)
      try await simulation.wait(for: .time(latency)) { [self] in
        guard operation.faults.areNone, isVain() else { return nil }
        count(operation, byteCount: 0)
        record()
        sent = simulation.now + pause
        return .time(try self.latency(of: operation, from: caller) + pause)
      }
    } catch {
      if sent <= simulation.now { record() }
      throw error
    }
    return sent
  }

  /// Brings a request to the server, in as many attempts as the SDK makes.
  private func reach<Admission>(
    _ operation: Operation, from caller: HostNetwork, sending byteCount: Int, hasArrived: Bool,
    _ admit: () throws -> Admission
  ) async throws -> Admission {
    var attempt = 1
    while true {
      if !hasArrived || attempt > 1 {
        try await send(byteCount, of: operation, from: caller)
      }
      do {
        return try take(operation, from: caller, byteCount, admit)
      } catch  where (error is Throttled || error is ServiceUnavailable) {
        if attempt >= region.retry.attemptLimit { throw error }
        region.meter.countRequest(operation.retries)
        let pause = caller.draw(for: backoff) { region.retry.backoff(after: attempt, &$0) }
        try await region.simulation.sleep(for: pause)
        attempt += 1
      }
    }
  }

  /// Waits until a request and its bytes have reached the server.
  private func send(
    _ byteCount: Int, of operation: Operation, from caller: HostNetwork
  ) async throws {
    let latency = try latency(of: operation, from: caller)
    if byteCount == 0 || operation.includesTransfer {
      try await region.simulation.sleep(for: latency)
    } else {
      try await region.simulation.wait(
        for: .time(latency),
        then: .transfer(
          bytes: Int64(byteCount), over: caller.outgoing, through: serverNetwork?.incoming,
          cap: min(bytesPerSecondPerConnection, caller.bytesPerSecondPerConnection)))
    }
  }

  /// The time until the server hears of a request, without its bytes.
  private func latency(
    of operation: Operation, from caller: HostNetwork
  ) throws(ReplayExhausted) -> Duration {
    if operation.isUnnoted {
      operation.isUnnoted = false
      region.noteUse(of: operation.name)
    }
    let latency = try caller.draw(for: operation.latencyPurpose) {
      random throws(ReplayExhausted) in
      try operation.latency.draw(from: &random)
    }
    return caller.connect(connection) ? latency + connectionSetup : latency
  }

  /// Lets the service take a request that has arrived, or refuse it, and counts it.
  private func take<Admission>(
    _ operation: Operation, from caller: HostNetwork, _ byteCount: Int,
    _ admit: () throws -> Admission
  ) throws -> Admission {
    if !operation.faults.areNone {
      try operation.faults.strike(caller, after: region.simulation.now - region.faultsBegin)
    }
    let admission = try admit()
    count(operation, byteCount: byteCount)
    return admission
  }

  /// Counts and bills a request that the service has taken.
  private func count(_ operation: Operation, byteCount: Int) {
    region.meter.countRequest(operation.requests)
    region.meter.countBytes(byteCount, incoming)
    if let billing = operation.billing { bill(billing, units: 1) }
  }

  /// Where usage of an item of this service is counted.
  func billing(_ item: String) -> Tally<UsageMeter.Key>.Place {
    region.meter.place(of: item, of: service)
  }

  /// Adds billable usage of this service.
  func bill(_ item: Tally<UsageMeter.Key>.Place, units: Int64) {
    region.meter.add(units, at: item)
  }

  /// Adds billable usage of this service.
  func bill(_ item: String, units: Int64) { bill(billing(item), units: units) }
}

/// How an SDK retries: exponential backoff with full jitter.
struct RetryPolicy {
  /// Attempts in all.
  let attemptLimit: Int
  /// The longest pause after the first attempt; it doubles with every further one.
  let base: Duration
  /// The longest pause of all.
  let limit: Duration

  /// A pause after an attempt (the first is 1), uniform up to its limit.
  func backoff(after attempt: Int, _ random: inout RandomStream) -> Duration {
    let longest = min(limit.inSeconds, base.inSeconds * Double(1 << min(attempt - 1, 30)))
    return .rounded(seconds: random.uniform() * longest)
  }
}
