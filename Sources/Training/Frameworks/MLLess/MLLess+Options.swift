internal import Learning
internal import SimulationKernel

/// What can be chosen.
///
/// The `released` variant is the comparison's own code (AmineBarrak/TrainingML_P2P_Serverless,
/// Replication/Mlless_replication): gradients instead of updates, no filter in effect, an object
/// store instead of Redis, zlib, and a log that is read and written again for each line. The
/// original code (pablogs98/MLLess) is the published variant with `entry-bytes` 16 or 20, `zlib`,
/// `timing-messages` and without `repartition`.
extension MLLess {
  private static let original = "pablogs98/MLLess 231b600"
  private static let replication =
    "AmineBarrak/TrainingML_P2P_Serverless 16ebf17, Mlless_replication"

  /// What the workers exchange.
  static let exchange = FrameworkOption(
    "exchange", .choice(["updates", "gradients"]), default: .choice("updates"),
    released: .choice("gradients"),
    source: "MLLess section 3; released: \(replication)",
    "Updates, applied at once at home and added by the others; or gradients, of which each "
      + "worker fetches all, its own too, and gives the mean to its optimizer.")
  /// How what is sent is made shorter.
  static let compression = FrameworkOption(
    "compression", .choice(["significance", "none", "top-k", "qsgd"]),
    default: .choice("significance"), released: .choice("none"),
    source: "MLLess section 3; released: the filter in \(replication) is never called",
    "What a worker sends of an update: the significant entries, all, the largest, or all rounded.")
  /// The threshold v of the filter.
  static let significanceThreshold = FrameworkOption(
    "significance-threshold", .real(0...1000), default: .real(0.7),
    source: "MLLess figure 4 sweeps 0.01 to 0.7; the default 0.7 is assumed",
    "An entry is sent when |accumulated update| > v / sqrt(step) * |parameter|.",
    onlyWith: .init(key: "compression", words: ["significance"]))
  /// The share of entries that are sent.
  static let density = FrameworkOption(
    "density", .real(0...1), default: .real(0.02),
    source: "2 % of the entries of LeNet-5 passed v = 0.7 on Fashion-MNIST, measured here",
    "The share of entries that top-k sends, and significance in a run without arithmetic.",
    onlyWith: .init(key: "compression", words: ["top-k", "significance"]))
  /// The steps of QSGD's rounding.
  static let levels = FrameworkOption(
    "levels", .integer(1...32_767), default: .integer(7),
    source: "QSGD, NIPS 2017, section 5: 4 bits an entry, here 7 levels and a sign",
    "Levels that qsgd rounds the size of an entry to.",
    onlyWith: .init(key: "compression", words: ["qsgd"]))
  /// Bytes of a sparse entry.
  static let entryBytes = FrameworkOption(
    "entry-bytes", .integer(8...32), default: .integer(8),
    source: "assumed; \(original) pickles 16 for logistic regression, 20 for factors",
    "Bytes of a sparse entry: 8 are an index and a value, and the dense vector where that is "
      + "shorter; more are the original's tuples, which are never dense.")
  /// Whether what is sent is compressed with zlib.
  static let zlib = FrameworkOption(
    "zlib", .flag, default: .flag(false), released: .flag(true),
    source: "both public codes compress with zlib; the paper does not say so",
    "Whether updates are compressed with zlib, at 25 MB/s and back at 200 MB/s of a processor.")
  /// What zlib leaves of a byte.
  static let zlibRatio = FrameworkOption(
    "zlib-ratio", .real(0.01...1.1), default: .real(0.93),
    source: "measured here on Gaussian floats; 0.6 of entries of 16 bytes, 0.3 of 20",
    "With zlib, the compressed size by the size before.")
  /// Where the updates lie.
  static let store = FrameworkOption(
    "store", .choice([StoreOptions.memoryStore, StoreOptions.objectStore, StoreOptions.table]),
    default: .choice(StoreOptions.memoryStore), released: .choice(StoreOptions.objectStore),
    source: "MLLess section 3: Redis; released: the bucket mlless2 of \(replication)",
    "The shared store of the updates; a key-value table takes items up to 400 KB.")
  /// The server of the shared store.
  static let storeNode = FrameworkOption(
    "store-node", .choice(["cache.t3.medium", "cache.m5.large", "cache.r5.large"]),
    default: .choice("cache.m5.large"),
    source: "assumed: the paper's M1.2x16 has 2 vCPU and 16 GB",
    "Node type of the in-memory store that holds the updates.", onlyWith: isMemoryStore)
  /// How many servers the shared store has.
  static let storeNodes = FrameworkOption(
    "store-nodes", .integer(1...64), default: .integer(1),
    source: "MLLess section 6.1: one Redis; \(original) takes several",
    "Servers of the in-memory store: worker w's updates lie on number w modulo this.",
    onlyWith: isMemoryStore)
  private static let isMemoryStore = FrameworkOption.Condition(
    key: "store", words: [StoreOptions.memoryStore])
  /// How far workers may drift apart.
  static let synchronization = SynchronizationOptions()
  /// Steps an exchange.
  static let localSteps = FrameworkOption(
    "local-steps", .integer(1...10_000), default: .integer(1),
    source: "MLLess section 3: every step",
    "Steps after which a worker sends what has accumulated.")
  /// How what the workers send becomes one.
  static let aggregation = AggregationOptions(refusing: [
    AggregationOptions.sum: "updates are divided by the number of workers before they are added",
    "trimmed-mean": incomparable, "median": incomparable, "krum": incomparable,
    "multi-krum": incomparable, "meamed": incomparable, "zeno": incomparable,
  ])
  private static let incomparable =
    "workers send different parts of their updates, which are added up: no rule can compare them"
  /// Lines of a worker's log a step.
  static let logLines = FrameworkOption(
    "log-lines", .integer(0...100), default: .integer(0), released: .integer(7),
    source: "released: \(replication); the size of a line is assumed",
    "Lines a step in a worker's log, each of which gets the whole log object and puts it again.")
  /// Whether the client hears of every exchange.
  static let timingMessages = FrameworkOption(
    "timing-messages", .flag, default: .flag(false), released: .flag(true),
    source: "both public codes send one; the paper has none",
    "Whether the supervisor sends the client a message with the times of each exchange.")
  /// Below which loss it is enough.
  static let lossTarget = FrameworkOption(
    "loss-target", .real(0...1e9), default: .real(0),
    source: "\(original): ten exchanges in a row; the default never ends",
    "Training ends after ten exchanges in a row whose mean loss is at most this.")
  /// Whether workers are sent away.
  static let autoTuner = FrameworkOption(
    "auto-tuner", .flag, default: .flag(false),
    source: "MLLess section 5; off, as in its experiments with a fixed pool",
    "Whether the supervisor sends workers away that speed up learning too little.")
  /// How often.
  static let tunerInterval = FrameworkOption(
    "tuner-interval", .duration(.milliseconds(1)...(.seconds(86_400))),
    default: .duration(.seconds(20)),
    source: "MLLess section 5: T = 20 s",
    "Time between two decisions of the auto-tuner.")
  /// How far it looks ahead.
  static let tunerHorizon = FrameworkOption(
    "tuner-horizon", .duration(.milliseconds(1)...(.seconds(86_400))),
    default: .duration(.seconds(10)),
    source: "MLLess section 5: 10 s",
    "How far ahead the auto-tuner compares the losses of the present and the full pool.")
  /// How much worse it may become.
  static let tunerThreshold = FrameworkOption(
    "tuner-threshold", .real(0...1000), default: .real(5),
    source: "MLLess section 5 calls it S; the default is assumed",
    "By how many percent the present pool's loss may be above that of the full pool for another "
      + "worker to leave.")
  /// Who takes the data of a worker that has left.
  static let repartition = FrameworkOption(
    "repartition", .flag, default: .flag(true), released: .flag(false),
    source: "MLLess section 5; \(original) forgets the new stride after one step",
    "Whether the others take over the data of a worker that was sent away.")

  static let options =
    [
      exchange, compression, significanceThreshold, density, levels, entryBytes, zlib, zlibRatio,
      store, storeNode, storeNodes,
    ] + synchronization.all + [
      localSteps, aggregation.rule, logLines, timingMessages, lossTarget, autoTuner, tunerInterval,
      tunerHorizon, tunerThreshold, repartition,
    ]

  /// What does not go together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    let options = arrangement.options
    let isBSP = synchronization.isBulk(options)
    var conflicts: [OptionConflict] = []
    if options.choice(exchange) == "gradients" {
      if !isBSP {
        conflicts.append(
          OptionConflict(
            synchronization.discipline, "old gradients would count like new ones; exchange: updates"
          ))
      }
      if options.integer(localSteps) > 1 {
        conflicts.append(
          OptionConflict(
            localSteps, "nobody moves between two exchanges of gradients; exchange: updates"))
      }
    }
    if options.flag(autoTuner) {
      if !isBSP {
        conflicts.append(
          OptionConflict(
            autoTuner, "a worker leaves at a step that all have ended; synchronization: bsp"))
      }
      if arrangement.isTimeOnly {
        conflicts.append(
          OptionConflict(autoTuner, "it watches the loss, which a run without arithmetic has not"))
      }
    }
    if options.choice(compression) == "top-k", options.real(density) == 0 {
      conflicts.append(OptionConflict(density, "top-k of no entries sends nothing; 0.01"))
    }
    if options.real(lossTarget) > 0, arrangement.isTimeOnly {
      conflicts.append(
        OptionConflict(lossTarget, "a run without arithmetic has no loss to compare with it"))
    }
    return conflicts
  }
}

/// The options of one job, read.
struct MLLessSettings {
  let compression: Compression
  let density: Double
  let exchangesGradients: Bool
  let entryBytes: Int
  /// What zlib leaves of a byte; nil without zlib.
  let zlibRatio: Double?
  /// By how many exchanges others may be behind; nil for any number.
  let slack: Int?
  let localSteps: Int
  let logLines: Int
  let sendsTimings: Bool
  let lossTarget: Double
  let tuner: ScaleInTuner?
  let repartitions: Bool

  init(_ options: FrameworkOptions) {
    compression =
      switch options.choice(MLLess.compression) {
      case "significance":
        .significance(threshold: Float(options.real(MLLess.significanceThreshold)))
      case "top-k": .topK(share: options.real(MLLess.density))
      case "qsgd": .qsgd(levels: options.integer(MLLess.levels), bucket: 512)
      default: .none
      }
    density = options.real(MLLess.density)
    exchangesGradients = options.choice(MLLess.exchange) == "gradients"
    entryBytes = options.integer(MLLess.entryBytes)
    zlibRatio = options.flag(MLLess.zlib) ? options.real(MLLess.zlibRatio) : nil
    slack =
      MLLess.synchronization.isBulk(options)
      ? 0
      : MLLess.synchronization.isAsynchronous(options)
        ? nil : options.integer(MLLess.synchronization.slack)
    localSteps = options.integer(MLLess.localSteps)
    logLines = options.integer(MLLess.logLines)
    sendsTimings = options.flag(MLLess.timingMessages)
    lossTarget = options.real(MLLess.lossTarget)
    tuner =
      options.flag(MLLess.autoTuner)
      ? ScaleInTuner(
        interval: options.duration(MLLess.tunerInterval),
        horizon: options.duration(MLLess.tunerHorizon),
        tolerance: options.real(MLLess.tunerThreshold)) : nil
    repartitions = options.flag(MLLess.repartition)
  }
}
