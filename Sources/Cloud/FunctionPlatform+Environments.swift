internal import SimulationKernel

/// Which environment an invocation gets, and how long environments live.
extension FunctionPlatform {
  /// Finds an idle environment or makes a new one, within the concurrency limits.
  func admit(_ function: Function) throws -> ExecutionEnvironment {
    let isFull =
      if let own = function.configuration.reservedConcurrency {
        function.runningCount >= own
      } else {
        sharedRunningCount >= rules.concurrencyLimit - reservedConcurrency
      }
    if isFull { throw Throttled(operation: "function.invoke", limit: "concurrent executions") }
    guard requestRate?.take() ?? true else {
      throw Throttled(operation: "function.invoke", limit: "requests per second")
    }
    let environment: ExecutionEnvironment
    if let idle = takeIdle(function) {
      environment = idle
    } else {
      guard function.scaling.take() else {
        throw Throttled(operation: "function.invoke", limit: "new environments per second")
      }
      environment = try makeEnvironment(function)
      function.coldStartCount += 1
    }
    environment.isReserved = true
    noteBegin(function)
    return environment
  }

  /// Executions that share what is not set aside for single functions.
  private var sharedRunningCount: Int {
    functions.reduce(0) {
      $1.configuration.reservedConcurrency == nil ? $0 + $1.runningCount : $0
    }
  }

  private var reservedConcurrency: Int {
    functions.reduce(0) { $0 + ($1.configuration.reservedConcurrency ?? 0) }
  }

  private func makeEnvironment(
    _ function: Function, isProvisioned: Bool = false
  ) throws -> ExecutionEnvironment {
    let ordinal = function.environments.count
    var random = simulation.random(for: "function/cold-start", actor: "\(function.name)#\(ordinal)")
    let coldStart = try function.coldStart.draw(&random)
    let speed = Variation.factor(sigma: rules.environmentSigma, &random)
    let environment = ExecutionEnvironment(
      self, function: function, ordinal: ordinal, coldStart: coldStart, speed: speed,
      isProvisioned: isProvisioned)
    function.environments.append(environment)
    if isProvisioned { function.ready.push(-ordinal, UInt32(ordinal)) }
    return environment
  }

  /// The idle environment that the rule chooses, after those past their time are gone.
  ///
  /// Provisioned environments come first, and do not expire.
  private func takeIdle(_ function: Function) -> ExecutionEnvironment? {
    if let ordinal = function.ready.pop() { return function.environments[Int(ordinal)] }
    let now = simulation.now
    if function.idle.isDueForSweep {
      let over = function.idle.sweep { ordinal in
        function.environments[Int(ordinal)].map { $0.expiry <= now } ?? true
      }
      for ordinal in over { function.environments[Int(ordinal)] = nil }
    }
    while let ordinal = function.idle.pop() {
      if let environment = function.environments[Int(ordinal)], environment.expiry > now {
        return environment
      }
      function.environments[Int(ordinal)] = nil
    }
    return nil
  }

  /// Makes an environment idle, until it expires.
  func retire(_ environment: ExecutionEnvironment) {
    let lifetime = environment.network.draw(for: lifetime) { [rules] random in
      rules.keepAlive.lifetime(&random)
    }
    environment.expiry = simulation.now + lifetime
    let (function, ordinal) = (environment.function, environment.ordinal)
    if environment.isProvisioned { return function.ready.push(-ordinal, UInt32(ordinal)) }
    function.releaseCount += 1
    let key = rules.idleRule.key(creation: ordinal, release: function.releaseCount)
    function.idle.push(key, UInt32(ordinal))
  }

  /// Initialises the environments that are kept ready, all at once.
  func provision() async throws {
    for function in functions
    where function.configuration.provisionedConcurrency > 0 && function.provisionedSince == nil {
      function.provisionedSince = simulation.now
      let environments = try (0..<function.configuration.provisionedConcurrency).map { _ in
        try makeEnvironment(function, isProvisioned: true)
      }
      _ = try await simulation.concurrently(environments) { [simulation] environment in
        try await simulation.sleep(for: environment.coldStart.total)
        environment.isCold = false
      }
    }
  }
}
