internal import Cloud
internal import SimulationKernel

extension SPIRT {
  /// How many minibatches make one model update.
  static let minibatchesPerRound = FrameworkOption(
    "minibatches-per-round", .integer(1...1000), default: .integer(4), released: .integer(20),
    source: "AmineBarrak/TrainingML_P2P_Serverless 35c2fa4: four in SPIRT_light; released: the "
      + "default of the state machine's generator at 16ebf17",
    "Minibatches whose gradients a peer computes in parallel for one model update.")
  /// How long to wait before asking the synchronization queue again.
  static let pollInterval = FrameworkOption(
    "poll-interval", .duration(.zero...(.seconds(60))),
    default: .duration(.milliseconds(100)), released: .duration(.zero),
    source: "assumed; the released code asks without a pause",
    "Pause between two requests for the number of messages in the synchronization queue.")
  /// The server of a peer's database.
  static let databaseHost = FrameworkOption(
    "database-host", .choice(["t3.medium", "t3.large", "m5.large", "c5.large", "c5.xlarge"]),
    default: .choice("t3.medium"), source: "assumed; the paper names no instance type",
    "Instance type of the virtual machine that runs a peer's database.")
  /// Where averages and updates are computed.
  static let update = FrameworkOption(
    "update", .choice([inDatabase, fetchUpdateStore]), default: .choice(inDatabase),
    source: "SPIRT section 4: in-database operations; the other is what they are compared with",
    "in-database: gradients are averaged and the model updated inside the database; "
      + "fetch-update-store: by functions, which fetch everything and store the result.")
  /// Whether the average leaves the database and comes back.
  static let returnsAverage = FrameworkOption(
    "average-reply", .flag, default: .flag(false), released: .flag(true),
    source: "released: the script answers with the average, which the function stores again",
    "Whether the averaging script sends the average to the function, which stores it.")
  /// How gradients are written down.
  static let encoding = FrameworkOption(
    "gradient-encoding", .choice(["binary", "json"]), default: .choice("binary"),
    released: .choice("json"),
    source: "the paper stores tensors; released: compute_gradients pushes JSON text",
    "The form in which functions write gradients into the database.")
  /// How much longer JSON is.
  static let jsonFactor = FrameworkOption(
    "json-factor", .real(1...10), default: .real(5.85),
    source: "5.7 to 6.0: 22.6 to 23.9 characters a parameter, measured with Python's json",
    "json: bytes of a gradient's text for each byte of its floats.")
  /// How much work JSON is.
  static let jsonWork = FrameworkOption(
    "json-work", .real(1...1000), default: .real(50),
    source: "Python's json writes and reads 24 to 72 MB/s here, memory-bound work goes at 2 GB/s",
    "json: bytes of memory-bound work for each byte of text that is written or read.")
  /// Which states an execution goes through.
  static let states = FrameworkOption(
    "workflow", .choice(["published", "released"]), default: .choice("published"),
    released: .choice("released"),
    source: "SPIRT section 4; released: the state machine of 16ebf17 and its ten functions",
    "published: a state for each step; released: with authentication, the repeated requests of "
      + "the heartbeat and of the last state, and the barrier inside the averaging function.")
  /// How peers meet.
  static let barrier = FrameworkOption(
    "barrier", .choice(["cumulative", "purge"]), default: .choice("cumulative"),
    released: .choice("purge"),
    source: "cumulative: a queue can be purged once a minute only; released: equality and purge",
    "cumulative: messages stay, and the count must reach those of all rounds; purge: it must "
      + "equal the number of peers, and peer 0 empties the queue afterwards.")
  /// A fixed pause of the released code.
  static let settlePause = FrameworkOption(
    "settle-pause", .duration(.zero...(.seconds(600))), default: .duration(.zero),
    released: .duration(.seconds(5)),
    source: "released: sleeps 5 s after the barrier and after storing the initial model",
    "Pause after the barrier, and once before the first round.")
  /// What reaching a database costs the control functions.
  static let tunnelTime = FrameworkOption(
    "tunnel-time", .duration(.zero...(.seconds(60))), default: .duration(.zero),
    released: .duration(.milliseconds(500)),
    source: "assumed; released: each control function opens an SSH tunnel to each database",
    "Time to open a tunnel to a database; nothing where functions connect directly.")
  /// What becomes of peers that do not answer.
  static let deadPeers = FrameworkOption(
    "dead-peers", .choice(["leave-out", "fail"]), default: .choice("leave-out"),
    released: .choice("fail"),
    source: "SPIRT section 4: inactive peers are left out; released: nothing catches the error",
    "leave-out: a peer that does not answer is left out and the others go on; fail: they fail, "
      + "or wait until their functions are killed.")
  /// When a peer counts as silent.
  static let heartbeatTimeout = FrameworkOption(
    "heartbeat-timeout", .duration(.milliseconds(1)...(.seconds(3600))),
    default: .duration(.seconds(120)), source: "assumed; the paper gives no time",
    "leave-out: how long a peer waits at the barrier before it asks who is still there.")

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "spirt",
    summary: "Peers average and update inside databases of their own, driven by a workflow.",
    source: "SPIRT, arXiv 2309.14148",
    variants: [FrameworkDeclaration.published, FrameworkDeclaration.released],
    options: [
      minibatchesPerRound, update, databaseHost, barrier, pollInterval, deadPeers,
      heartbeatTimeout, states, encoding, jsonFactor, jsonWork, returnsAverage, settlePause,
      tunnelTime,
    ])

  static let inDatabase = "in-database"
  static let fetchUpdateStore = "fetch-update-store"
}

extension SPIRT {
  /// What the options of a run say.
  struct Settings {
    let pollInterval, settlePause, tunnelTime, heartbeatTimeout: Duration
    let isInDatabase, returnsAverage: Bool
    let isReleasedWorkflow, isPurging, leavesOutTheDead: Bool
    let encoding: GradientEncoding

    init(_ job: TrainingJob) {
      let options = job.configuration.options
      pollInterval = options.duration(SPIRT.pollInterval)
      settlePause = options.duration(SPIRT.settlePause)
      tunnelTime = options.duration(SPIRT.tunnelTime)
      heartbeatTimeout = options.duration(SPIRT.heartbeatTimeout)
      isInDatabase = options.choice(SPIRT.update) == SPIRT.inDatabase
      returnsAverage = options.flag(SPIRT.returnsAverage)
      isReleasedWorkflow = options.choice(SPIRT.states) == "released"
      isPurging = options.choice(SPIRT.barrier) == "purge"
      leavesOutTheDead = options.choice(SPIRT.deadPeers) == "leave-out"
      encoding = GradientEncoding(options, vectorBytes: job.gradientBytes)
    }
  }

  /// How a gradient is written down on its way into the database.
  struct GradientEncoding {
    /// A gradient as a function writes it.
    let gradientBytes: Int
    /// An average as a script inside the database writes it.
    let averageBytes: Int
    private let workPerByte: Double

    init(_ options: FrameworkOptions, vectorBytes: Int) {
      if options.choice(SPIRT.encoding) == "binary" {
        (gradientBytes, averageBytes, workPerByte) = (vectorBytes, vectorBytes, 1)
        return
      }
      gradientBytes = Int(options.real(SPIRT.jsonFactor) * Double(vectorBytes))
      // Lua's cjson writes 14 digits where Python writes 16 or 17: 20 characters for 4 bytes.
      averageBytes = 5 * vectorBytes
      workPerByte = options.real(SPIRT.jsonWork)
    }

    /// Memory-bound work of writing or reading so many bytes.
    func work(_ bytes: Int) -> Int { Int(workPerByte * Double(bytes)) }
  }
}
