internal import SimulationKernel

/// What functions are billed.
extension FunctionPlatform {
  /// The items under which an architecture's time is billed.
  static func durationItems(_ architecture: Architecture) -> [String] {
    ["duration", "provisioned-duration", "provisioned-concurrency"].map {
      "\($0)-\(architecture.rawValue)"
    }
  }

  /// What running functions will have been billed if they end now.
  var accruedUsage: [UsageMeter.Usage] {
    functions.flatMap(\.environments).compactMap { $0 }.filter(\.isReserved).flatMap(usage)
  }

  /// What keeping environments ready has cost so far: their memory for the time, rounded up.
  var provisionedUsage: [UsageMeter.Usage] {
    functions.compactMap { function in
      guard let since = function.provisionedSince else { return nil }
      let configuration = function.configuration
      let held = milliseconds(since: since, roundedUpTo: rules.provisionedGranularity)
      return UsageMeter.Usage(
        service: "function",
        item: "provisioned-concurrency-\(configuration.architecture.rawValue)",
        quantity: Int64(configuration.memoryMB * configuration.provisionedConcurrency) * held)
    }
  }

  /// The lines that the platform logs for every invocation, where they are billed.
  var logUsage: [UsageMeter.Usage] {
    guard region.options.billsLogs else { return [] }
    let byteCount = Int64(invocationCount * rules.logBytes)
    return [
      UsageMeter.Usage(
        service: "logs", item: "ingest", quantity: byteCount.roundedUp(to: 1024) / 1024)
    ]
  }

  /// What the present invocation of an environment is billed: initialisation, where it is billed,
  /// and the handler's time, rounded up.
  func usage(of environment: ExecutionEnvironment) -> [UsageMeter.Usage] {
    let function = environment.function.configuration
    guard let start = environment.billedStart else { return [] }
    let time = max(
      rules.billingMinimum.wholeNanoseconds / 1_000_000,
      milliseconds(since: start, roundedUpTo: rules.billingGranularity))
    let item = environment.isProvisioned ? "provisioned-duration" : "duration"
    var usage = [
      UsageMeter.Usage(
        service: "function", item: "\(item)-\(function.architecture.rawValue)",
        quantity: rules.billedMB(memoryMB: function.memoryMB) * time)
    ]
    if rules.billsProcessors {
      let thousandths = (rules.vCPUs(memoryMB: function.memoryMB) * 1000).rounded(.up)
      usage.append(
        UsageMeter.Usage(
          service: "function", item: "vcpu-\(function.architecture.rawValue)",
          quantity: Int64(thousandths) * time))
    }
    let extra = function.ephemeralStorageMB - rules.ephemeralStorageRange.lowerBound
    if extra > 0 {
      usage.append(
        UsageMeter.Usage(
          service: "function", item: "ephemeral-storage", quantity: Int64(extra) * time))
    }
    return usage
  }

  private func milliseconds(since start: Instant, roundedUpTo granularity: Duration) -> Int64 {
    (simulation.now - start).wholeNanoseconds
      .roundedUp(to: granularity.wholeNanoseconds) / 1_000_000
  }
}
