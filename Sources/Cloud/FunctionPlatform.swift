public import SimulationKernel

/// A platform that runs functions on demand, such as AWS Lambda.
public final class FunctionPlatform {
  /// The most functions that ran at the same time.
  public private(set) var peakConcurrency = 0
  /// Environments that were created for an invocation.
  public var coldStartCount: Int { functions.reduce(0) { $0 + $1.coldStartCount } }
  /// Invocations that were begun.
  public var invocationCount: Int { functions.reduce(0) { $0 + $1.invocationCount } }
  /// How long idle environments live.
  public var keepAlive: KeepAlive { rules.keepAlive }
  /// Which idle environment an invocation gets.
  public var idleRule: IdleRule { rules.idleRule }

  unowned let region: Region
  let simulation: Simulation
  let rules: FunctionRules
  let compute: ComputeModel
  /// Invocations that the account may begin; nil for any number.
  let requestRate: TokenBucket?
  /// What the luck of environments is drawn for.
  let computation, lifetime: HostNetwork.Purpose
  private let endpoint: ServiceEndpoint
  private let invokeOperation, eventOperation: ServiceEndpoint.Operation
  private(set) var functions: [Function] = []
  private var runningCount = 0

  init(_ region: Region) throws(ProviderError) {
    self.region = region
    simulation = region.simulation
    rules = try FunctionRules(region)
    compute = try region.computeModel
    let rate = rules.requestsPerSecond
    requestRate =
      rate == .infinity
      ? nil : TokenBucket(region.simulation, capacity: rate, refillPerSecond: rate)
    computation = region.purpose("compute")
    lifetime = region.purpose("function/keep-alive")
    endpoint = try ServiceEndpoint(region, service: "function")
    invokeOperation = try endpoint.operation("invoke", billedAs: "request")
    eventOperation = try endpoint.operation("invoke-event", billedAs: "request")
  }

  /// Makes a function known; the same function again is the one that is known.
  ///
  /// - Throws: `UnsupportedConfiguration`, `ProviderError`.
  public func register(_ configuration: FunctionConfiguration) throws -> Function {
    for item in FunctionPlatform.durationItems(configuration.architecture) {
      try region.requirePrice(service: "function", item: item)
    }
    if rules.billsProcessors {
      try region.requirePrice(
        service: "function", item: "vcpu-\(configuration.architecture.rawValue)")
    }
    if let known = functions.first(where: { $0.name == configuration.name }) {
      guard known.configuration == configuration else {
        throw UnsupportedConfiguration(
          subject: configuration.name, problem: "another function has this name")
      }
      return known
    }
    let function = try Function(self, configuration)
    functions.append(function)
    return function
  }

  /// Invokes a function and waits for its result.
  ///
  /// - Parameters:
  ///   - name: the name of its process in logs; the function's when nil.
  ///   - onBegin: hears of that process, which runs on when its caller no longer waits.
  /// - Throws: what `body` throws; `FunctionTimedOut`, `OutOfMemory`, `Throttled`,
  ///   `PayloadTooLarge`.
  @discardableResult
  public func invoke<Result>(
    _ function: Function, requestBytes: Int = 256, responseBytes: Int = 0,
    named name: String? = nil, onBegin: (Process) -> Void = { _ in },
    _ body: @escaping (ExecutionEnvironment) async throws -> Result
  ) async throws -> Result {
    try check(max(requestBytes, responseBytes), rules.synchronousPayloadLimit, invokeOperation)
    return try await endpoint.perform(
      invokeOperation, on: function.name, sending: requestBytes, admit: { try admit(function) }
    ) { environment in
      let run = Invocation<Result>(simulation)
      onBegin(begin(run, function, in: environment, named: name, body))
      return .init(try await run.value(), byteCount: responseBytes)
    }
  }

  /// Hands an event to a function and returns as soon as it is accepted.
  ///
  /// A failed run is retried up to `retries` times after a pause, or as often as the provider does
  /// (AWS twice). Throttled runs are tried again until they are admitted, or are dropped with
  /// `Throttled` when the event is too old (AWS 6 h).
  public func invokeAsynchronously<Result>(
    _ function: Function, requestBytes: Int = 256, retries: Int? = nil, named name: String? = nil,
    _ body: @escaping (ExecutionEnvironment) async throws -> Result
  ) async throws -> Invocation<Result> {
    try check(requestBytes, rules.asynchronousPayloadLimit, eventOperation)
    return try await endpoint.perform(eventOperation, on: function.name, sending: requestBytes) {
      let event = Invocation<Result>(simulation)
      let driver = "\(name ?? function.name)/event"
      event.process = simulation.spawn(driver) { [self] in
        event.result = try await deliver(
          function, retries: retries ?? rules.eventRetries, named: name, body)
      }
      return .init(event)
    }
  }

  /// Runs an accepted event, again after a failure where retries are left.
  private func deliver<Result>(
    _ function: Function, retries: Int, named name: String?,
    _ body: @escaping (ExecutionEnvironment) async throws -> Result
  ) async throws -> Result {
    let end = simulation.now + rules.eventAgeLimit
    var failures = 0
    while true {
      let environment = try await admitPatiently(function, until: end)
      let run = Invocation<Result>(simulation)
      begin(run, function, in: environment, named: name, body)
      do {
        return try await run.value()
      } catch  where failures < retries {
        try await simulation.sleep(for: rules.retryPauses[min(failures, 1)])
        failures += 1
        endpoint.bill("request", units: 1)
      }
    }
  }

  private func admitPatiently(
    _ function: Function, until end: Instant
  ) async throws -> ExecutionEnvironment {
    var pause = Duration.seconds(1)
    while true {
      do {
        return try admit(function)
      } catch is Throttled where simulation.now + pause <= end {
        try await simulation.sleep(for: pause)
        pause = min(pause * 2, .seconds(300))
      }
    }
  }

  @discardableResult
  private func begin<Result>(
    _ run: Invocation<Result>, _ function: Function, in environment: ExecutionEnvironment,
    named name: String?, _ body: @escaping (ExecutionEnvironment) async throws -> Result
  ) -> Process {
    function.invocationCount += 1
    run.environment = environment
    let process = simulation.spawn(name ?? function.name, on: environment) { [self] in
      environment.process = simulation.current
      var alarm: Simulation.Timer?
      do {
        if environment.isCold { try await start(environment) }
        alarm = limitTime(of: simulation.current, function)
        try environment.beginHandler()
        if environment.isCold {
          if isSlowToInitialize(environment) { try await initialize(environment) }
          try await wait(environment.coldStart.imports, as: "function/import", in: environment)
        }
        run.result = try await body(environment)
        end(environment, alarm, survives: true)
      } catch {
        let survives = error is OutOfMemory ? false : await isAlive()
        end(environment, alarm, survives: survives)
        throw error
      }
    }
    run.process = process
    return process
  }

  /// Whether the current process may go on: one that was killed cannot even wait for nothing.
  private func isAlive() async -> Bool {
    do {
      try await simulation.sleep(for: .zero)
      return true
    } catch {
      return false
    }
  }

  private func limitTime(of process: Process, _ function: Function) -> Simulation.Timer {
    simulation.schedule(after: function.timeout) { [simulation] in
      simulation.kill(process, FunctionTimedOut(function: function.name, limit: function.timeout))
    }
  }

  private func start(_ environment: ExecutionEnvironment) async throws {
    let coldStart = environment.coldStart
    try await wait(coldStart.sandbox, as: "function/sandbox", in: environment)
    try await wait(coldStart.download, as: "function/download", in: environment)
    guard isSlowToInitialize(environment), let limit = rules.initializationLimit else {
      environment.initializationStart = simulation.now
      return try await initialize(environment)
    }
    // It is given up, not billed, and begins anew when the handler's time does.
    try await wait(limit, as: "function/init-timeout", in: environment)
  }

  private func initialize(_ environment: ExecutionEnvironment) async throws {
    try await wait(environment.coldStart.initialization, as: "function/init", in: environment)
  }

  private func isSlowToInitialize(_ environment: ExecutionEnvironment) -> Bool {
    rules.initializationLimit.map { environment.coldStart.initialization > $0 } ?? false
  }

  private func wait(
    _ duration: Duration, as operation: String, in environment: ExecutionEnvironment
  ) async throws {
    let start = simulation.now
    defer { record(operation, environment, since: start) }
    if duration > .zero { try await simulation.sleep(for: duration) }
  }

  private func record(_ operation: String, _ environment: ExecutionEnvironment, since: Instant) {
    let log = simulation.log
    log.record(
      log.name(operation), by: simulation.actor, on: environment.network.name, from: since,
      to: simulation.now)
  }

  private func end(
    _ environment: ExecutionEnvironment, _ alarm: Simulation.Timer?, survives: Bool
  ) {
    if let alarm { simulation.cancel(alarm) }
    let function = environment.function
    for usage in usage(of: environment) {
      region.meter.add(usage.quantity, service: usage.service, item: usage.item)
    }
    record("function/run", environment, since: environment.invocationStart)
    environment.endInvocation()
    function.runningCount -= 1
    runningCount -= 1
    if survives {
      environment.isCold = false
      retire(environment)
    } else {
      function.environments[environment.ordinal] = nil
    }
  }

  /// Notes that one more function runs.
  func noteBegin(_ function: Function) {
    function.runningCount += 1
    runningCount += 1
    peakConcurrency = max(peakConcurrency, runningCount)
  }

  private func check(
    _ byteCount: Int, _ limit: Int, _ operation: ServiceEndpoint.Operation
  ) throws {
    if byteCount > limit {
      throw PayloadTooLarge(operation: operation.name, byteCount: byteCount, limit: limit)
    }
  }
}
