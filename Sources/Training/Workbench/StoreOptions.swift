internal import Cloud

/// The options that say where gradients travel.
///
/// A framework declares them once, refuses what makes no sense for it, and opens its store with
/// `TrainingJob.gradientStore(named:_:)`.
public struct StoreOptions: Sendable {
  /// The kind of store.
  public let store: FrameworkOption
  /// The servers of a memory store.
  public let node: FrameworkOption
  /// How many servers a memory store has.
  public let nodes: FrameworkOption

  /// All of them, for a declaration.
  public var all: [FrameworkOption] { [store, node, nodes] }

  static let objectStore = "object-store"
  static let memoryStore = "memory-store"
  static let table = "key-value-table"

  /// Declares the options of one framework.
  ///
  /// - Parameters:
  ///   - kind: the store where the scenario says nothing.
  ///   - source: where the default comes from.
  ///   - refusing: kinds of store that make no sense for it, with the reason.
  public init(
    default kind: String = "object-store",
    source: String = "LambdaML section 4.2: S3 where nothing else is said",
    refusing: KeyValuePairs<String, String> = [:]
  ) {
    store = FrameworkOption(
      "store", .choice([Self.objectStore, Self.memoryStore, Self.table]), default: .choice(kind),
      source: source,
      "The store that gradients travel through; a key-value table takes items up to 400 KB.",
      refusing: refusing)
    let isMemoryStore = FrameworkOption.Condition(key: "store", words: [Self.memoryStore])
    node = FrameworkOption(
      "store-node", .choice(["cache.t3.medium", "cache.m5.large", "cache.r5.large"]),
      default: .choice("cache.t3.medium"), source: "LambdaML table 6: ElastiCache t3.medium",
      "Node type of a memory store.", onlyWith: isMemoryStore)
    nodes = FrameworkOption(
      "store-nodes", .integer(1...100), default: .integer(1), source: "assumed",
      "Nodes of a memory store, over which the keys are spread.", onlyWith: isMemoryStore)
  }
}

extension TrainingJob {
  /// Opens the store that the framework's options say.
  ///
  /// An object store is of the class that the scenario's storage section says.
  ///
  /// - Throws: `ProviderError` where the provider has no such store.
  public func gradientStore(
    named name: String, _ declared: StoreOptions
  ) throws -> any GradientStore {
    let options = configuration.options
    switch options.choice(declared.store) {
    case StoreOptions.memoryStore:
      return try region.memoryStore(
        name, on: .elasticache(options.choice(declared.node)),
        nodes: options.integer(declared.nodes))
    case StoreOptions.table:
      return try region.keyValueTable(name)
    default:
      return try region.objectStore(name, kind: configuration.objectStore)
    }
  }
}
