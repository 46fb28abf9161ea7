internal import SimulationKernel

/// A processor architecture.
public enum Architecture: String, Hashable, Sendable, CaseIterable {
  /// Intel or AMD, 64 bits.
  case x86 = "x86_64"
  /// ARM, 64 bits.
  case arm = "arm64"
}

/// How a function's code is delivered.
public enum PackageKind: String, Hashable, Sendable, CaseIterable {
  /// An archive of files.
  case zip
  /// A container image, loaded lazily.
  case image
}

/// What a function is made of and may use.
public struct FunctionConfiguration: Hashable, Sendable {
  /// The function's name.
  public var name: String
  /// Memory in binary megabytes; the share of processors follows it.
  public var memoryMB: Int
  /// The processors it runs on.
  public var architecture: Architecture
  /// The language runtime, such as `python3.12`.
  public var runtime: String
  /// How its code is delivered.
  public var package: PackageKind
  /// How much code there is to load.
  public var packageBytes: Int
  /// The heavy library that the first call imports, such as `pytorch`, or `none`.
  public var imports: String
  /// Size of `/tmp` in binary megabytes.
  public var ephemeralStorageMB: Int
  /// How long it may run; nil for the longest that the provider allows.
  public var timeout: Duration?
  /// Concurrent executions set aside for it, which is also its limit; nil shares the account's.
  public var reservedConcurrency: Int?
  /// Environments kept initialised, at a price.
  public var provisionedConcurrency: Int

  /// A function; the defaults are those of a training worker with PyTorch in an image.
  public init(
    name: String, memoryMB: Int = 3008, architecture: Architecture = .x86,
    runtime: String = "python3.12", package: PackageKind = .image,
    packageBytes: Int = 800_000_000, imports: String = "pytorch",
    ephemeralStorageMB: Int = 512, timeout: Duration? = nil, reservedConcurrency: Int? = nil,
    provisionedConcurrency: Int = 0
  ) {
    self.name = name
    self.memoryMB = memoryMB
    self.architecture = architecture
    self.runtime = runtime
    self.package = package
    self.packageBytes = packageBytes
    self.imports = imports
    self.ephemeralStorageMB = ephemeralStorageMB
    self.timeout = timeout
    self.reservedConcurrency = reservedConcurrency
    self.provisionedConcurrency = provisionedConcurrency
  }
}

/// How long an idle execution environment lives.
public enum KeepAlive: Hashable, Sendable, CustomStringConvertible {
  /// It ends with its invocation.
  case none
  /// It lives this long after its last use; idle for exactly so long it is gone.
  case fixed(Duration)
  /// Half of the idle environments end every time this much has passed.
  case halfLife(Duration)

  /// The text of it in errors and logs.
  public var description: String {
    switch self {
    case .none: "none"
    case .fixed(let time): "fixed \(time.inSeconds) s"
    case .halfLife(let time): "half-life \(time.inSeconds) s"
    }
  }

  /// How long an environment lives that becomes idle now.
  func lifetime(_ random: inout RandomStream) -> Duration {
    switch self {
    case .none: return .zero
    case .fixed(let time): return time
    case .halfLife(let time):
      var periods = 1
      while random.next() & 1 == 1 { periods += 1 }
      return time * periods
    }
  }
}

/// Which idle environment an invocation gets.
public enum IdleRule: String, Hashable, Sendable, CaseIterable {
  /// The one that became idle last.
  case mostRecentlyUsed = "most-recent"
  /// The one that became idle first.
  case leastRecentlyUsed = "least-recent"
  /// The one that was created last.
  case newest
  /// The one that was created first.
  case oldest
}
