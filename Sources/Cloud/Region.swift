internal import OrderedCollections
public import SimulationKernel

/// The services of one cloud region as one run uses them.
///
/// The caller of an operation is the simulation's current process; its network is that of the
/// process's host, and without a host a wide one outside of the cloud.
public final class Region {
  /// The simulation in which the region exists.
  public let simulation: Simulation
  /// The facts about the region, with the scenario's date.
  public let provider: Provider
  /// What the scenario decided.
  public let options: RegionOptions
  /// What was consumed.
  public let meter: UsageMeter
  /// From when on the times of faults count: the submission of the first job.
  public var faultsBegin: Instant { whole?.faultsBegin ?? firstSubmission ?? .start }
  /// The functions.
  public private(set) var functions: FunctionPlatform!

  let retry: RetryPolicy
  private let client: HostNetwork
  private var purposes = Numbering()
  private var connections = Numbering()
  /// The region that this one is a part of, and what its names begin with there.
  private let whole: Region?
  private let prefix: String
  private var firstSubmission: Instant?
  private var usedKeys: OrderedSet<String> = []
  private var sources: [String: LatencySource] = [:]
  private var servers: [StandingServer] = []
  private var storages: [StorageMeter] = []
  private(set) var objectStores: [String: ObjectStore] = [:]
  private(set) var memoryStores: [String: MemoryStore] = [:]
  private(set) var tables: [String: KeyValueTable] = [:]
  private(set) var queues: [String: MessageQueue] = [:]
  private(set) var brokers: [String: MessageBroker] = [:]

  /// A region in which nothing has been used yet.
  public init(
    _ simulation: Simulation, provider: Provider, options: RegionOptions = RegionOptions()
  ) throws(ProviderError) {
    self.simulation = simulation
    self.options = options
    meter = UsageMeter()
    whole = nil
    prefix = ""
    var dated = provider
    if let date = options.date { dated.date = date }
    self.provider = dated
    retry = RetryPolicy(
      attemptLimit: try dated.count("sdk.attempts-max"),
      base: try dated.duration("sdk.backoff-base"),
      limit: try dated.duration("sdk.backoff-max"))
    client = HostNetwork(
      simulation, name: "client",
      bytesPerSecond: try dated.bytesPerSecond("sdk.client-bandwidth"))
    functions = try FunctionPlatform(self)
    try options.privateNetwork?.requirePrices(self)
    if options.billsLogs { try requirePrice(service: "logs", item: "ingest") }
  }

  /// The region as one of several jobs sees it, with stores, queues and servers of its own.
  ///
  /// Functions, limits, the meter and the bill are those of the whole.
  public init(partOf whole: Region, named name: String) {
    self.whole = whole
    prefix = "\(name)/"
    simulation = whole.simulation
    provider = whole.provider
    options = whole.options
    meter = whole.meter
    retry = whole.retry
    client = whole.client
    functions = whole.functions
  }

  /// The values that this run used although they are guesses, each as one line of text.
  public var assumptions: [String] {
    whole?.assumptions ?? usedKeys.compactMap(provider.assumption)
  }

  /// The store of whole objects with this name.
  public func objectStore(
    _ name: String, kind: ObjectStore.Kind = .standard
  ) throws(ProviderError) -> ObjectStore {
    if let store = objectStores[name] { return store }
    let store = try ObjectStore(self, name: prefix + name, kind: kind)
    objectStores[name] = store
    return store
  }

  /// The store in memory with this name, on a server of its own or on a cluster of `nodes`.
  public func memoryStore(
    _ name: String, on host: MemoryStore.Host = .ec2("m5.large"), nodes: Int = 1,
    placement: MemoryStore.Placement = .hashSlots
  ) throws(ProviderError) -> MemoryStore {
    if let store = memoryStores[name] { return store }
    let store = try MemoryStore(
      self, name: prefix + name, on: host, nodes: nodes, placement: placement)
    memoryStores[name] = store
    return store
  }

  /// The table with this name.
  public func keyValueTable(_ name: String) throws(ProviderError) -> KeyValueTable {
    if let table = tables[name] { return table }
    let table = try KeyValueTable(self, name: prefix + name)
    tables[name] = table
    return table
  }

  /// The queue with this name.
  public func queue(
    _ name: String, kind: MessageQueue.Kind = .standard
  ) throws(ProviderError) -> MessageQueue {
    if let queue = queues[name] { return queue }
    let queue = try MessageQueue(self, name: prefix + name, kind: kind)
    queues[name] = queue
    return queue
  }

  /// The broker with this name, on a server of its own.
  public func broker(_ name: String) throws(ProviderError) -> MessageBroker {
    if let broker = brokers[name] { return broker }
    let broker = try MessageBroker(self, name: prefix + name)
    brokers[name] = broker
    return broker
  }

  /// A workflow that runs a state machine.
  public func workflow(
    _ machine: StateMachine, kind: Workflow.Kind = .standard
  ) throws(ProviderError) -> Workflow {
    try Workflow(self, machine, kind: kind)
  }

  /// A virtual machine of an instance type such as `m5.large`.
  public func virtualMachine(
    _ name: String, type: String, purchase: VirtualMachine.Purchase = .onDemand
  ) throws(ProviderError) -> VirtualMachine {
    try VirtualMachine(self, name: prefix + name, type: type, purchase: purchase)
  }

  /// A program on a machine that answers calls.
  public func remoteService(
    _ name: String, on machine: VirtualMachine
  ) throws(ProviderError) -> RemoteService {
    try RemoteService(self, name: prefix + name, on: machine)
  }

  /// Starts all standing servers, and functions kept ready, and waits until they are ready.
  public func provision() async throws {
    _ = try await simulation.concurrently(servers, named: { self.servers[$0].name }) { server in
      try await server.start()
    }
    try await functions.provision()
  }

  /// Notes that a job is submitted.
  public func noteSubmission() {
    if let whole { return whole.noteSubmission() }
    firstSubmission = firstSubmission ?? simulation.now
  }

  /// Stops all standing servers and with them their bill.
  public func stopServers() { for server in servers { server.stop() } }

  /// Everything that was consumed, as if the job ended now, in base units.
  public func usage(standing: StandingCharge = .job) -> [UsageMeter.Usage] {
    if let whole { return whole.usage(standing: standing) }
    return sum(
      meter.usage + functions.provisionedUsage + functions.logUsage + storages.map(\.usage)
        + servers.map { $0.usage(standing) }
        + (options.privateNetwork?.usage(in: self, standing) ?? []))
  }

  /// Prices everything that was consumed, as if the job ended now.
  public func bill(standing: StandingCharge = .job) -> Bill { price(usage(standing: standing)) }

  /// Prices everything as if it all ended now, functions that still run included, by the scenario's
  /// rule for standing servers.
  public func accruedBill() -> Bill {
    price(sum(usage(standing: options.standing) + functions.accruedUsage))
  }

  private func sum(_ usage: [UsageMeter.Usage]) -> [UsageMeter.Usage] {
    let sums = UsageMeter()
    for usage in usage { sums.add(usage.quantity, service: usage.service, item: usage.item) }
    return sums.usage
  }

  private func price(_ usage: [UsageMeter.Usage]) -> Bill {
    provider.priceBook.bill(usage, freeTier: options.freeTier)
  }

  /// The network of whoever calls now.
  var callerNetwork: HostNetwork {
    guard let host = simulation.current.host else { return client }
    return switch host {
    case let environment as ExecutionEnvironment: environment.network
    case let machine as VirtualMachine: machine.network
    case let host as any NetworkHost: host.network
    default: client
    }
  }

  /// Reads a value of the provider and notes that the run depends on it.
  func fact<Value>(
    _ read: (Provider) -> (String) throws(ProviderError) -> Value, _ key: String
  ) throws(ProviderError) -> Value {
    noteUse(of: key)
    return try read(provider)(key)
  }

  /// Notes that the run depends on a value of the provider.
  func noteUse(of key: String) {
    if let whole { whole.noteUse(of: key) } else { usedKeys.append(key) }
  }

  /// Checks that there is a price for what will be used, and notes that the run depends on it.
  func requirePrice(service: String, item: String) throws(ProviderError) {
    noteUse(of: "prices.\(service).\(item)")
    _ = try provider.price(service: service, item: item)
  }

  /// A purpose that hosts draw random numbers for.
  func purpose(_ name: String) -> HostNetwork.Purpose {
    whole?.purpose(name)
      ?? HostNetwork.Purpose(name: name, number: purposes.number(of: name))
  }

  /// The number of the connections that hosts have to a service, or to one server of it.
  func connection(to server: String) -> Int {
    whole?.connection(to: server) ?? connections.number(of: server)
  }

  /// What draws an operation's latencies: one for the run, so that a recording is used in the order
  /// of the requests, whichever of several servers they go to.
  func source(of model: LatencyModel, for operation: String) -> LatencySource {
    if let whole { return whole.source(of: model, for: operation) }
    if let source = sources[operation] { return source }
    let source = LatencySource(model, of: operation)
    sources[operation] = source
    return source
  }

  func register(_ server: StandingServer) {
    servers.append(server)
    whole?.register(server)
  }

  func register(_ storage: StorageMeter) {
    if let whole { whole.register(storage) } else { storages.append(storage) }
  }
}
