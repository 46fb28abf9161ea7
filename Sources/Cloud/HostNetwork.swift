internal import SimulationKernel

/// Something that runs code and reaches services through a network interface of its own.
public protocol NetworkHost: AnyObject {
  /// Its way to the services.
  var network: HostNetwork { get }
}

/// One host's network interface, its open connections and its luck.
public final class HostNetwork {
  /// What the host is called; names its random streams.
  public let name: String
  /// What one connection carries at most: small functions are bound by their processor.
  public let bytesPerSecondPerConnection: Double

  /// What leaves the host and what reaches it: each direction has the whole rate.
  let outgoing, incoming: SharedLink
  private let simulation: Simulation
  private var connections: Set<String> = []
  private var streams: [String: RandomStream] = [:]

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

  /// Notes a connection to a service; returns whether it is the first.
  func connect(to service: String) -> Bool { connections.insert(service).inserted }

  /// Draws from this host's stream for one purpose.
  func draw<Value, Failure: Error>(
    for purpose: String, _ draw: (inout RandomStream) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try draw(&streams[purpose, default: simulation.random(for: purpose, actor: name)])
  }
}
