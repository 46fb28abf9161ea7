internal import SimulationKernel

/// Something that runs code and reaches services through a network interface of its own.
public protocol NetworkHost: AnyObject {
  /// Its way to the services.
  var network: HostNetwork { get }
}

/// One host's network interface, its open connections and its luck.
public final class HostNetwork {
  /// What random numbers are drawn for, and its number in the region.
  struct Purpose {
    let name: String
    let number: Int
  }

  /// What the host is called; names its random streams.
  public let name: String
  /// What one connection carries at most: small functions are bound by their processor.
  public let bytesPerSecondPerConnection: Double

  /// What leaves the host and what reaches it: each direction has the whole rate.
  let outgoing, incoming: SharedLink
  private let simulation: Simulation
  /// Whether there is a connection, by its number in the region.
  @exclusivity(unchecked) private var connections: [Bool] = []
  /// By the number of their purpose; nil until the first draw.
  @exclusivity(unchecked) private var streams: [RandomStream?] = []

  init(
    _ simulation: Simulation, name: String, bytesPerSecond: Double,
    burst: SharedLink.Burst? = nil, bytesPerSecondPerConnection: Double = .infinity
  ) {
    self.name = name
    self.bytesPerSecondPerConnection = bytesPerSecondPerConnection
    self.simulation = simulation
    outgoing = SharedLink(
      simulation, bytesPerSecond: bytesPerSecond, burst: burst, name: "network of \(name)")
    incoming = SharedLink(
      simulation, bytesPerSecond: bytesPerSecond, burst: burst, name: "network of \(name)")
  }

  /// Notes a connection by its number; returns whether it is the first.
  func connect(_ number: Int) -> Bool {
    while connections.count <= number { connections.append(false) }
    if connections[number] { return false }
    connections[number] = true
    return true
  }

  /// Draws from this host's stream for one purpose.
  func draw<Value, Failure: Error>(
    for purpose: Purpose, _ draw: (inout RandomStream) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    while streams.count <= purpose.number { streams.append(nil) }
    // Drawn from where it lies: most draws are of hosts that were long away from the caches.
    if streams[purpose.number] == nil {
      streams[purpose.number] = simulation.random(for: purpose.name, actor: name)
    }
    return try draw(&streams[purpose.number]!)
  }
}
