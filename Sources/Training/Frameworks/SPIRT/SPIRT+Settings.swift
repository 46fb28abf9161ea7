extension SPIRT {
  /// What the options of a run say.
  struct Settings {
    let pollInterval, settlePause, tunnelTime, heartbeatTimeout: Duration
    let isInDatabase, returnsAverage: Bool
    let isReleasedWorkflow, isPurging, leavesOutTheDead, checksConvergence: Bool
    let joiningPeers: Int
    let joinAt: Duration
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
      checksConvergence = options.choice(SPIRT.convergenceCheck) != "off"
      joiningPeers = options.integer(SPIRT.joiningPeers)
      joinAt = options.duration(SPIRT.joinAt)
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
