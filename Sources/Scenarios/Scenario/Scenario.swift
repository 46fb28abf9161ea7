public import Training

/// What a scenario file says, checked and complete: every default is filled in.
///
/// A sweep gives one such value a point; the runs of a point differ only in framework and seed.
public struct Scenario: Sendable, Hashable {
  /// The file as the user named it.
  public var file: String
  /// The title of the comparison; the file's name if it gives none.
  public var name: String
  /// The seed of the first replication.
  public var seed: UInt64
  /// How many times each run is repeated with another seed.
  public var replications: Int
  /// Where prices, limits and latencies come from.
  public var provider: ProviderReference
  /// The day whose prices and rules hold, as in `2025-08-01`; nil for the provider file's own date.
  public var date: String?
  /// Whether the bill deducts the provider's free tier.
  public var freeTier: Bool
  /// How standing servers are charged.
  public var standing: Standing
  /// What is compared, in file order; a framework may appear twice with other options.
  public var frameworks: [FrameworkSelection]
  /// The number of workers.
  public var workers: Int
  /// The functions the workers run in.
  public var function: FunctionSettings
  /// What is learned.
  public var training: TrainingSettings
  /// What replaces the provider's model of computing time.
  public var compute: ComputeSettings
  /// Where gradients and models are kept.
  public var storage: StorageSettings
  /// The private network that functions are in.
  public var network: NetworkSettings
  /// Whether the log lines of functions are billed.
  public var billsLogs: Bool
  /// When a run is given up.
  public var limits: RunLimits
  /// Recorded latencies that replace the provider's, in file order.
  public var traces: [TraceSource]
  /// What goes wrong, in file order.
  public var faults: [FaultSetting]
  /// What must hold at the end, in file order.
  public var expectations: [Expectation]
  /// Where the settings stand that only the provider can judge, by key of `function`.
  var functionPlaces: [String: SourcePlace] = [:]
  /// Whether the file says how long a function may run.
  var saysTimeout = true
  /// Whether the file says how much memory a function has.
  var saysMemory = true
  /// Limits of the provider's that are raised or lowered.
  public var platform = PlatformLimits()
  /// The jobs of each run; nil where a run is one job.
  public var pipeline: PipelineSettings?
  /// What others have measured of it, in file order; none where the command line changes settings.
  public var published: [PublishedSource] = []
  /// The points of the sweep in file order, the last key fastest; one point if nothing is swept.
  public var points: [SweepPoint] = []

  /// A provider file: one that comes with the program, or the user's own.
  public enum ProviderReference: Sendable, Hashable {
    /// As in `aws/us-east-1`.
    case named(String)
    /// The path of a provider file.
    case file(String)
  }

  /// How servers that stand by are charged.
  public enum Standing: String, Sendable, Hashable, CaseIterable {
    /// From provisioning to the end of the job, with the minimum charge.
    case job
    /// Only the seconds used, as if many jobs shared them.
    case shared
  }
}

extension Scenario {
  /// The job of each run, or those of its pipeline.
  var jobs: [SweepPoint] { pipeline?.jobs ?? [SweepPoint(parameters: [], scenario: self)] }
}

/// Many jobs in one region, in the place of one.
public struct PipelineSettings: Sendable, Hashable {
  /// How many run at the same time at most.
  public let atOnce: Int
  /// What varies from job to job, with the scenario of each; there is one at least.
  public let jobs: [SweepPoint]
}

/// One point of a sweep, or job of a pipeline: the values that vary, and the scenario with them.
public struct SweepPoint: Sendable, Hashable {
  /// A dotted key with the value it has here, as written.
  public struct Parameter: Sendable, Hashable {
    /// As in `function.memory`.
    public let key: String
    /// As in `1024 MB`.
    public let value: String

    /// The setting `key` with a value as written.
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// The values that vary, in file order.
  public let parameters: [Parameter]
  /// The scenario at this point; its own `points` is empty.
  public let scenario: Scenario
}

/// A framework to run, with its options.
public struct FrameworkSelection: Sendable, Hashable {
  /// The framework's name, as in `spirt`.
  public var name: String
  /// The value of every option the framework declares, and its variant.
  public var options: FrameworkOptions
  /// As in `published` or `released`.
  public var variant: String { options.variant }

  /// The framework `name` with its options.
  public init(name: String, options: FrameworkOptions) {
    self.name = name
    self.options = options
  }
}

/// The functions the workers run in.
public struct FunctionSettings: Sendable, Hashable {
  /// Memory in binary megabytes, which AWS calls MB.
  public var memoryMB: Int
  /// `x86_64` or `arm64`.
  public var architecture: String
  /// As in `python3.12`.
  public var runtime: String
  /// `zip` or `image`.
  public var package: String
  /// The size of what is downloaded at a cold start, in bytes.
  public var packageBytes: Int64
  /// The libraries imported at a cold start, as in `pytorch`, or `none`.
  public var imports: String
  /// When the platform kills an invocation.
  public var timeout: Duration
  /// The size of /tmp in binary megabytes.
  public var ephemeralStorageMB: Int
}

/// What replaces the provider's model of computing time.
public struct ComputeSettings: Sendable, Hashable {
  /// Floating-point operations per second of a function of this memory; nil for the model's.
  public var flopsPerSecond: Int64?
  /// Time added to each batch; nil for the model's.
  public var overhead: Duration?
}

/// Where gradients and chunks are kept by the frameworks that use an object store.
public struct StorageSettings: Sendable, Hashable {
  /// The class of the object store: `standard` or `express`.
  public var objectStore: String
}

/// When a run is given up as an error, and what the account allows.
public struct RunLimits: Sendable, Hashable {
  /// The longest virtual time.
  public var virtualTime: Duration
  /// The largest number of events.
  public var events: Int
  /// Functions that may run at once; nil for the provider's default.
  public var concurrency: Int?
}
