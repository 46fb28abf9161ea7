internal import SimulationKernel

/// A virtual machine, such as an EC2 instance: billed from its launch until it is stopped.
public final class VirtualMachine: NetworkHost {
  /// The machine's name.
  public let name: String
  /// The instance type, such as `m5.large`.
  public let type: String
  /// How many virtual processors it has.
  public let vCPUCount: Int
  /// How much memory it has.
  public let memoryBytes: Int
  /// Its way to the services.
  public let network: HostNetwork

  let compute: ComputeModel
  private let simulation: Simulation
  private let server: StandingServer

  init(_ region: Region, name: String, type: String) throws(ProviderError) {
    self.name = name
    self.type = type
    simulation = region.simulation
    let path = "virtual-machine.types.\(type)"
    vCPUCount = try region.fact(Provider.count, "\(path).vcpu")
    memoryBytes = try region.fact(Provider.bytes, "\(path).memory")
    network = try HostNetwork(region, machine: name, type: type)
    compute = try region.computeModel
    server = try StandingServer(
      region, name: name, service: "virtual-machine", item: type,
      terms: .init(
        minimum: try region.fact(Provider.duration, "virtual-machine.billing-minimum"),
        granularity: try region.fact(Provider.duration, "virtual-machine.billing-granularity")),
      startup: try region.fact(Provider.latency, "virtual-machine.boot"))
  }

  /// Launches the machine, unless it runs, and waits until it has booted.
  public func start() async throws { try await server.start() }

  /// Stops the machine and with it the bill.
  public func stop() { server.stop() }

  /// Waits while the machine works, on all of its processors where the work can use them.
  public func compute(_ work: Work) async throws {
    try await simulation.sleep(for: compute.duration(of: work, vCPUs: Double(vCPUCount)))
  }
}

extension HostNetwork {
  /// The interface of an instance type: its baseline, and a burst above it while credits last.
  convenience init(_ region: Region, machine: String, type: String) throws(ProviderError) {
    let steady = try region.fact(
      Provider.bytesPerSecond, "virtual-machine.types.\(type).network-baseline")
    let peak = try region.fact(Provider.bytesPerSecond, "virtual-machine.network-burst")
    let credit = try region.fact(Provider.duration, "virtual-machine.network-burst-time")
    // Credits are earned at the baseline, so that using no more than that never spends them.
    let burst = SharedLink.Burst(
      bytes: peak * credit.inSeconds, bytesPerSecond: peak, refillPerSecond: steady)
    self.init(
      region.simulation, name: machine, bytesPerSecond: steady,
      burst: peak > steady && credit > .zero ? burst : nil)
  }
}
