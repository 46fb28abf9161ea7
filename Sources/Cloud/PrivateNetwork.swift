internal import SimulationKernel

/// The private network in which functions are that use servers of their own, such as a cache.
///
/// From inside, object stores and tables are reached through gateway endpoints, which cost nothing;
/// queues, workflows and the function platform through interface endpoints or, with everything
/// else, through a NAT gateway, which are billed by the hour and by the byte.
public struct PrivateNetwork: Hashable, Sendable {
  /// How functions reach the services outside.
  public enum Access: String, Hashable, Sendable, CaseIterable {
    /// An interface endpoint for every service that has no gateway endpoint.
    case endpoints
    /// One NAT gateway for all services.
    case nat
  }

  /// How functions reach the services outside.
  public var access: Access
  /// The zones in which there are endpoints or gateways.
  public var zones: Int
  /// The part of the bytes between functions and servers that crosses zones.
  public var crossZoneShare: Double

  /// A private network in so many zones.
  public init(_ access: Access, zones: Int = 1, crossZoneShare: Double = 0) {
    self.access = access
    self.zones = zones
    self.crossZoneShare = crossZoneShare
  }

  /// Services by the endpoint that they share, those without a gateway endpoint.
  private static let interfaces = [["queue", "queue-fifo"], ["workflow"], ["function"]]
  private static let gateways = [
    "object-store", "object-store-express", "key-value-table",
  ]
  /// Servers inside of the network.
  private static let servers = ["memory-store", "broker", "remote-service"]

  private var item: String { access == .endpoints ? "endpoint" : "nat" }

  func requirePrices(_ region: Region) throws(ProviderError) {
    for item in ["\(item)-hours", "\(item)-bytes", "cross-zone"] {
      try region.requirePrice(service: "network", item: item)
    }
  }

  /// What the network has cost so far, in hours, each begun one whole, and in KB.
  func usage(in region: Region, _ charge: StandingCharge) -> [UsageMeter.Usage] {
    let reached = PrivateNetwork.interfaces.filter { service in
      service.contains { bytes(of: $0, region.meter) > 0 || isUsed($0, region.meter) }
    }
    let gateways = access == .endpoints ? reached.count : 1
    let outside = access == .endpoints ? reached.joined() + [] : reached.joined() + Self.gateways
    let nanoseconds = (region.simulation.now - .start).wholeNanoseconds
    let seconds =
      charge == .job
      ? nanoseconds.roundedUp(to: 3_600_000_000_000) / 1_000_000_000
      : nanoseconds.roundedUp(to: 1_000_000_000) / 1_000_000_000
    // Bytes that cross zones are billed on both sides.
    let crossing =
      2 * crossZoneShare * Double(Self.servers.reduce(0) { $0 + bytes(of: $1, region.meter) })
    return [
      usage("\(item)-hours", seconds * Int64(gateways * zones)),
      usage("\(item)-bytes", kilobytes(outside.reduce(0) { $0 + bytes(of: $1, region.meter) })),
      usage("cross-zone", kilobytes(Int64(crossing.rounded(.up)))),
    ]
  }

  private func usage(_ item: String, _ quantity: Int64) -> UsageMeter.Usage {
    UsageMeter.Usage(service: "network", item: item, quantity: quantity)
  }

  private func bytes(of service: String, _ meter: UsageMeter) -> Int64 {
    meter.bytes("\(service).in") + meter.bytes("\(service).out")
  }

  private func isUsed(_ service: String, _ meter: UsageMeter) -> Bool {
    meter.requests.contains { $0.operation.hasPrefix("\(service).") }
  }

  private func kilobytes(_ byteCount: Int64) -> Int64 { byteCount.roundedUp(to: 1024) / 1024 }
}
