public import SimulationKernel

/// A virtual machine, such as an EC2 instance: billed from its launch until it is stopped.
public final class VirtualMachine: NetworkHost {
  /// How a machine is paid for.
  public enum Purchase: String, Hashable, Sendable, CaseIterable {
    /// At the list price, for as long as wanted.
    case onDemand = "on-demand"
    /// At a discount, until the provider wants it back.
    case spot
  }

  /// The provider took a spot machine back.
  public struct Interrupted: Error, Hashable {
    /// The machine's name.
    public let machine: String
  }

  /// The machine's name.
  public let name: String
  /// The instance type, such as `m5.large`.
  public let type: String
  /// How many virtual processors it has.
  public let vCPUCount: Int
  /// How much memory it has.
  public let memoryBytes: Int
  /// Floating point operations per second of all its graphics processors; nil without any.
  public let gpuFlopsPerSecond: Double?
  /// Its way to the services.
  public let network: HostNetwork
  /// Whether the provider has taken it back.
  public private(set) var isInterrupted = false
  /// Whether it has booted and has not been stopped or taken back.
  public var isRunning: Bool { server.isRunning }
  /// Bytes of memory in use.
  public private(set) var usedBytes = 0

  private let simulation: Simulation
  private let compute: ComputeModel
  private let server: StandingServer
  private let interruptionsPerHour: Double
  private var processes: [Process] = []

  init(
    _ region: Region, name: String, type: String, purchase: Purchase = .onDemand
  ) throws(ProviderError) {
    let type = try region.machineType(type)
    self.name = name
    self.type = type
    simulation = region.simulation
    let path = "virtual-machine.types.\(type)"
    vCPUCount = try region.fact(Provider.count, "\(path).vcpu")
    memoryBytes = try region.fact(Provider.bytes, "\(path).memory")
    if region.provider["\(path).gpu"] != nil {
      let gpu = try region.fact(Provider.text, "\(path).gpu")
      gpuFlopsPerSecond =
        try region.fact(Provider.flopsPerSecond, "virtual-machine.gpu-rate.\(gpu)")
        * Double(try region.fact(Provider.count, "\(path).gpu-count"))
    } else {
      gpuFlopsPerSecond = nil
    }
    network = try HostNetwork(region, machine: name, type: type)
    compute = try region.computeModel
    interruptionsPerHour =
      purchase == .onDemand
      ? 0 : try region.fact(Provider.number, "virtual-machine.spot-interruptions-per-hour")
    server = try StandingServer(
      region, name: name, service: "virtual-machine",
      item: purchase == .spot ? "spot-\(type)" : type,
      terms: .init(
        minimum: try region.fact(Provider.duration, "virtual-machine.billing-minimum"),
        granularity: try region.fact(Provider.duration, "virtual-machine.billing-granularity")),
      startup: try region.latency("virtual-machine.boot"))
    server.onReady = { [weak self] in self?.scheduleInterruption() }
  }

  /// Launches the machine, unless it runs, and waits until it has booted.
  public func start() async throws { try await server.start() }

  /// Stops the machine and with it the bill.
  public func stop() { server.stop() }

  /// Starts a process on the machine; it ends with the machine.
  @discardableResult
  public func spawn(_ name: String, _ body: @escaping () async throws -> Void) -> Process {
    let process = simulation.spawn(name, on: self, body)
    processes.removeAll(where: \.isFinished)
    processes.append(process)
    return process
  }

  /// Waits while the machine works, `slowdown` times as long: gradients on its graphics processors
  /// if it has some.
  public func compute(_ work: Work, slowdown: Double = 1) async throws {
    var duration = compute.duration(of: work, vCPUs: Double(vCPUCount))
    if case .gradient(let samples, let flopsPerSample) = work, let rate = gpuFlopsPerSecond {
      duration =
        compute.batchOverhead + .rounded(seconds: Double(samples) * flopsPerSample / rate)
    }
    try await simulation.sleep(for: .rounded(seconds: duration.inSeconds * slowdown))
  }

  /// Takes memory.
  ///
  /// - Throws: `OutOfMemory` when there is not enough left.
  public func allocate(bytes: Int) throws(OutOfMemory) {
    guard usedBytes + bytes <= memoryBytes else {
      throw OutOfMemory(
        owner: name, neededBytes: usedBytes + bytes, availableBytes: memoryBytes)
    }
    usedBytes += bytes
  }

  /// Gives memory back.
  public func free(bytes: Int) {
    precondition(bytes <= usedBytes, "only what was taken can be given back")
    usedBytes -= bytes
  }

  /// Draws when the provider will take a spot machine back.
  private func scheduleInterruption() {
    guard interruptionsPerHour > 0 else { return }
    var random = simulation.random(for: "virtual-machine/interruption", actor: name)
    let lifetime = random.exponential(mean: 3600 / interruptionsPerHour)
    simulation.spawn("interruption of \(name)", isDaemon: true) { [self] in
      try await simulation.sleep(for: .rounded(seconds: lifetime))
      guard !server.isStopped else { return }
      isInterrupted = true
      server.stop()
      for process in processes { simulation.kill(process, Interrupted(machine: name)) }
    }
  }
}

extension HostNetwork {
  /// The interface of an instance type: its baseline, and a burst above it while credits last.
  convenience init(_ region: Region, machine: String, type: String) throws(ProviderError) {
    let type = try region.machineType(type)
    let steady = try region.fact(
      Provider.bytesPerSecond, "virtual-machine.types.\(type).network-baseline")
    let peak = try region.fact(Provider.bytesPerSecond, "virtual-machine.network-burst")
    let credit = try region.fact(Provider.duration, "virtual-machine.network-burst-time")
    // Credits are earned at the baseline, so that using no more than that never spends them.
    let isBursting = peak > steady && credit > .zero
    self.init(
      region.simulation, name: machine, bytesPerSecond: steady,
      burst: isBursting
        ? SharedLink.Burst(
          bytes: peak * credit.inSeconds, bytesPerSecond: peak, refillPerSecond: steady)
        : nil)
  }
}

extension Region {
  /// The provider's machine type: its own, or the one that takes the place of another's.
  func machineType(_ type: String) throws(ProviderError) -> String {
    guard provider["virtual-machine.types.\(type).vcpu"] == nil else { return type }
    return try ifKnown(Provider.text, "virtual-machine.instead-of.\(type)") ?? type
  }
}
