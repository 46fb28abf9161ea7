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

  /// Whether peers look at the validation loss.
  static let convergenceCheck = FrameworkOption(
    "convergence-check", .choice(["off", "early-stop", "no-effect"]), default: .choice("off"),
    released: .choice("no-effect"),
    source: "the paper's nine steps have none; released: what it keeps is lost with each call",
    "A state that computes the validation loss after each round. early-stop: peers stop when it "
      + "no longer falls; no-effect: it fetches a whole shard, and nothing follows.")
  /// How long to wait for the loss to fall.
  static let patience = FrameworkOption(
    "patience", .integer(1...10_000), default: .integer(10),
    source: "released: check-convergence waits for ten",
    "early-stop: rounds without a lower validation loss after which peers stop.",
    onlyWith: stopsEarly)
  /// What counts as a lower loss.
  static let minimumDecrease = FrameworkOption(
    "min-delta", .real(0...1000), default: .real(0), source: "assumed: any lower loss counts",
    "early-stop: by how much the validation loss must fall to count as lower.",
    onlyWith: stopsEarly)
  private static let stopsEarly = FrameworkOption.Condition(
    key: "convergence-check", words: ["early-stop"])
  /// How many peers come later.
  static let joiningPeers = FrameworkOption(
    "joining-peers", .integer(0...10_000), default: .integer(0),
    source: "SPIRT section 4: new peers can join",
    "The last so many peers join later and take the model from a database of the others.")
  /// When they come.
  static let joinAt = FrameworkOption(
    "join-at", .duration(.zero...(.seconds(86_400))), default: .duration(.seconds(60)),
    source: "assumed", "When joining peers ask to be let in, counted from the job's submission.")
  /// How averages become one.
  static let aggregation = AggregationOptions(
    source: "the mean; SPIRT section 4: robust rules outlive Byzantine peers; the sum is "
      + "SPIRT_light's")
  /// Everybody waits for all.
  static let synchronization = SynchronizationOptions(refusing: [
    "ssp": "the averages of one round are aggregated; the barrier is SPIRT's protocol",
    "asp": "the averages of one round are aggregated; the barrier is SPIRT's protocol",
  ])
  /// Nothing is shortened.
  static let compression = CompressionOptions(refusing: [
    "significance": "databases average and update dense tensors",
    "top-k": "databases average and update dense tensors",
    "qsgd": "databases average and update dense tensors",
  ])
  /// Gradients are exchanged.
  static let exchange = ExchangeOptions(refusing: [
    "models": "peers exchange averaged gradients; minibatches-per-round makes that rarer",
    "admm": "peers exchange averaged gradients; minibatches-per-round makes that rarer",
  ])

  /// Its name, source and options.
  public static let declaration = FrameworkDeclaration(
    name: "spirt",
    summary: "Peers average and update inside databases of their own, driven by a workflow.",
    source: "SPIRT, arXiv 2309.14148",
    variants: [FrameworkDeclaration.published, FrameworkDeclaration.released],
    options: [
      minibatchesPerRound, update, databaseHost, barrier, pollInterval, deadPeers,
      heartbeatTimeout, joiningPeers, joinAt, convergenceCheck, patience, minimumDecrease, states,
      encoding, jsonFactor, jsonWork, returnsAverage, settlePause, tunnelTime,
    ] + aggregation.all + [
      synchronization.discipline, compression.method, exchange.subject, exchange.localSteps,
    ])

  /// What does not go together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] {
    let options = arrangement.options
    var conflicts = aggregation.conflicts(in: arrangement)
    if options.integer(exchange.localSteps) > 1 {
      conflicts.append(
        OptionConflict(
          exchange.localSteps, "the model changes once a round; see minibatches-per-round"))
    }
    let joining = options.integer(joiningPeers)
    if joining >= arrangement.workers {
      conflicts.append(OptionConflict(joiningPeers, "somebody has to be there from the beginning"))
    }
    if joining > 0, options.choice(barrier) == "purge" || options.choice(deadPeers) == "fail" {
      conflicts.append(
        OptionConflict(
          joiningPeers,
          "the released code counts on a fixed number; 'barrier: cumulative' and 'dead-peers: "
            + "leave-out' let peers come and go"))
    }
    let mayCrash = arrangement.faults.contains { if case .crash = $0 { true } else { false } }
    if mayCrash, outwaitsFunctions(in: arrangement) {
      conflicts.append(OptionConflict(heartbeatTimeout, "\(outwaiting): make it shorter"))
    }
    return conflicts
  }

  /// Whether a peer's function is killed before it may leave a silent peer out.
  static func outwaitsFunctions(in arrangement: Arrangement) -> Bool {
    guard let limit = arrangement.functionTimeout, arrangement.workers > 1 else { return false }
    return arrangement.options.choice(deadPeers) == "leave-out"
      && arrangement.options.duration(heartbeatTimeout) >= limit
  }

  static let outwaiting =
    "a function that waits so long for a silent peer reaches 'function.timeout' before it leaves "
    + "that peer out"

  static let inDatabase = "in-database"
  static let fetchUpdateStore = "fetch-update-store"
}
