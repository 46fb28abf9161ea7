public import SimulationKernel

/// What a cold start was made of.
public struct ColdStartBreakdown: Hashable, Sendable {
  /// Finding a place and starting a sandbox.
  public var sandbox: Duration = .zero
  /// Loading the code.
  public var download: Duration = .zero
  /// Initialising the runtime and the module.
  public var initialization: Duration = .zero
  /// What the first call pays for heavy imports.
  public var imports: Duration = .zero

  /// All of it.
  public var total: Duration { sandbox + download + initialization + imports }
}

/// A sandbox in which a function runs, one invocation at a time.
public final class ExecutionEnvironment: NetworkHost {
  /// The function whose environment it is.
  public let function: Function
  /// Its number among the function's environments, from 0 in the order of creation.
  public let ordinal: Int
  /// What creating it took.
  public let coldStart: ColdStartBreakdown
  /// Whether this is its first invocation.
  public internal(set) var isCold = true
  /// Bytes of memory in use.
  public private(set) var usedBytes = 0
  /// Bytes that lie in `/tmp`.
  public private(set) var storedBytes = 0
  /// Its way to the services.
  public let network: HostNetwork

  /// Whether it is kept ready, at a price.
  let isProvisioned: Bool
  /// Whether an invocation has it.
  var isReserved = false
  /// The present run of the function, while there is one.
  var process: Process?
  /// When the present invocation's initialisation began, if it has one.
  var initializationStart: Instant?
  /// When the present invocation's handler began.
  var handlerStart: Instant?
  /// When it ends unless it is used before.
  var expiry: Instant = .start

  private let platform: FunctionPlatform
  private let speed: Double

  init(
    _ platform: FunctionPlatform, function: Function, ordinal: Int,
    coldStart: ColdStartBreakdown, speed: Double, isProvisioned: Bool
  ) {
    self.platform = platform
    self.function = function
    self.ordinal = ordinal
    self.coldStart = coldStart
    self.speed = speed
    self.isProvisioned = isProvisioned
    network = HostNetwork(
      platform.simulation, name: "\(function.name)#\(ordinal)",
      bytesPerSecond: platform.rules.networkRate, burst: platform.rules.networkBurst,
      bytesPerSecondPerConnection: platform.rules.connectionRate(function.configuration))
  }

  /// The function's memory in binary megabytes.
  public var memoryMB: Int { function.configuration.memoryMB }

  /// When the present invocation's handler began.
  public var invocationStart: Instant { handlerStart ?? platform.simulation.now }

  /// When the present invocation will be killed.
  public var deadline: Instant { invocationStart + function.timeout }

  /// Waits while the function works, with its share of processors and their luck, `slowdown`
  /// times as long.
  public func compute(_ work: Work, slowdown: Double = 1) async throws {
    let base = platform.compute.duration(of: work, vCPUs: function.vCPUs)
    let luck = network.draw(for: platform.computation) {
      Variation.factor(sigma: platform.rules.computeSigma, &$0)
    }
    try await platform.simulation.sleep(
      for: .rounded(seconds: base.inSeconds * luck * speed * slowdown))
  }

  /// Takes memory.
  ///
  /// - Throws: `OutOfMemory` when there is not enough left, which ends a real function.
  public func allocate(bytes: Int) throws(OutOfMemory) {
    let limit = memoryMB * 1_048_576
    guard usedBytes + bytes <= limit else {
      throw OutOfMemory(
        owner: function.name, neededBytes: usedBytes + bytes, availableBytes: limit)
    }
    usedBytes += bytes
  }

  /// Gives memory back.
  public func free(bytes: Int) {
    precondition(bytes <= usedBytes, "only what was taken can be given back")
    usedBytes -= bytes
  }

  /// Writes to `/tmp`, where it stays from one invocation to the next.
  ///
  /// - Throws: `OutOfStorage` when there is no space left.
  public func store(bytes: Int) throws(OutOfStorage) {
    let limit = function.configuration.ephemeralStorageMB * 1_048_576
    guard storedBytes + bytes <= limit else {
      throw OutOfStorage(
        owner: function.name, neededBytes: storedBytes + bytes, availableBytes: limit)
    }
    storedBytes += bytes
  }

  /// Deletes from `/tmp`.
  public func remove(bytes: Int) {
    precondition(bytes <= storedBytes, "only what was written can be deleted")
    storedBytes -= bytes
  }

  /// Ends the present invocation where it waits, as a crash of the function would.
  public func crash(_ reason: String) {
    if let process { platform.simulation.kill(process, Killed(reason)) }
  }

  /// From when on the present invocation is billed; nil while nothing is.
  var billedStart: Instant? {
    function.isInitializationBilled ? initializationStart ?? handlerStart : handlerStart
  }

  func beginHandler() throws(OutOfMemory) {
    handlerStart = platform.simulation.now
    usedBytes = 0
    try allocate(bytes: function.footprint)
  }

  func endInvocation() {
    isReserved = false
    process = nil
    initializationStart = nil
    handlerStart = nil
  }
}
