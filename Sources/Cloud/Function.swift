internal import SimulationKernel

/// A function that was registered with the platform.
public final class Function {
  /// What it is made of and may use.
  public let configuration: FunctionConfiguration
  /// How long it may run.
  public let timeout: Duration
  /// Its share of processors: below one a part of one, above one several.
  public let vCPUs: Double
  /// How many processors it sees, and so how many threads its libraries begin.
  public let visibleProcessors: Int
  /// Environments that were created for an invocation.
  public internal(set) var coldStartCount = 0
  /// Invocations that were begun.
  public internal(set) var invocationCount = 0

  /// The function's name.
  public var name: String { configuration.name }

  let coldStart: ColdStartModel
  let footprint: Int
  let isInitializationBilled: Bool
  /// New environments are created no faster than this allows.
  let scaling: TokenBucket
  /// Environments by the number of their creation; nil where one has ended.
  var environments: [ExecutionEnvironment?] = []
  /// Those that wait for an invocation, by the platform's rule.
  var idle = IdlePool()
  /// Those that are kept ready and wait for an invocation, the first that was created first.
  var ready = IdlePool()
  var runningCount = 0
  var releaseCount = 0
  /// From when on environments are kept ready.
  var provisionedSince: Instant?

  init(
    _ platform: FunctionPlatform, _ configuration: FunctionConfiguration
  ) throws {
    let (region, rules) = (platform.region, platform.rules)
    self.configuration = configuration
    try rules.check(configuration)
    timeout = configuration.timeout ?? rules.timeoutLimit
    vCPUs = rules.vCPUs(memoryMB: configuration.memoryMB)
    visibleProcessors = try rules.visibleProcessors(region, memoryMB: configuration.memoryMB)
    coldStart = try ColdStartModel(region, configuration, vCPUs: vCPUs)
    footprint =
      configuration.imports == "none"
      ? try region.fact(Provider.bytes, "function.footprint.none")
      : try region.fact(Provider.bytes, "function.footprint.\(configuration.imports)")
    isInitializationBilled = try region.fact(
      Provider.flag, "function.init-billed.\(configuration.package.rawValue)")
    scaling = TokenBucket(
      platform.simulation, capacity: rules.scalingBurst, refillPerSecond: rules.scalingPerSecond,
      name: "scaling of \(configuration.name)")
  }
}

/// What a cold start takes: sandbox, download, recorded initialisation, imports.
struct ColdStartModel {
  private let sandbox: LatencySource
  private let initialization: LatencySource
  private let download: Duration
  private let downloadSigma: Double
  private let imports: Duration

  init(
    _ region: Region, _ function: FunctionConfiguration, vCPUs: Double
  ) throws(ProviderError) {
    let package = function.package.rawValue
    let initKey = "function.init.\(function.runtime).\(package).\(function.architecture.rawValue)"
    sandbox = region.source(
      of: try region.latency("function.sandbox"), for: "function.sandbox")
    initialization = region.source(of: try region.latency(initKey), for: initKey)
    let rate = try region.fact(Provider.bytesPerSecond, "function.download-rate.\(package)")
    download = .rounded(seconds: Double(function.packageBytes) / rate)
    downloadSigma = try region.fact(Provider.number, "function.download-sigma")
    imports =
      function.imports == "none"
      ? .zero
      : .rounded(
        seconds: try region.fact(
          Provider.duration, "function.import-penalty.\(function.imports)"
        ).inSeconds / min(1, vCPUs))
  }

  /// The cold start of one environment.
  func draw(_ random: inout RandomStream) throws -> ColdStartBreakdown {
    var coldStart = ColdStartBreakdown()
    coldStart.sandbox = try sandbox.draw(from: &random)
    let luck = Variation.factor(sigma: downloadSigma, &random)
    coldStart.download = .rounded(seconds: download.inSeconds * luck)
    coldStart.initialization = try initialization.draw(from: &random)
    coldStart.imports = imports
    return coldStart
  }
}
