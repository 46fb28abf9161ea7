import Cloud
import SimulationKernel
import Testing

@Suite("Functions") struct FunctionTests {
  private static let heavy = FunctionConfiguration(name: "train")

  @Test("start cold in four parts and warm in none")
  func coldStart() throws {
    // invoke 10 ms + sandbox 200 ms + 800 MB at 400 MB/s + init 200 ms + imports 5 s; then 10 ms.
    var finished: [Instant] = []
    let region = try simulate { region in
      let function = try region.functions.register(Self.heavy)
      for isCold in [true, false] {
        try await region.functions.invoke(function) { environment in
          #expect(environment.isCold == isCold)
          #expect(environment.coldStart.total == .milliseconds(200 + 2000 + 200 + 5000))
        }
        finished.append(region.simulation.now)
      }
    }
    // 256 bytes of request at 100 MB/s take 2,560 ns.
    #expect(finished[0].nanoseconds == 7_410_002_560)
    #expect(finished[1].nanoseconds == 7_420_005_120)
    #expect(region.functions.coldStartCount == 1)
    #expect(region.functions.peakConcurrency == 1)
  }

  @Test(
    "import slowly with little memory, and no faster above one processor",
    arguments: [(512, 17.275390625), (1024, 8.6376953125), (1769, 5), (3008, 5)])
  func imports(memory: Int, seconds: Double) throws {
    // 5 s * 1769 / min(memory, 1769)
    var configuration = Self.heavy
    configuration.memoryMB = memory
    let copy = configuration
    try simulate { region in
      let function = try region.functions.register(copy)
      try await region.functions.invoke(function) {
        #expect(abs($0.coldStart.imports.inSeconds - seconds) < 1e-9)
      }
    }
  }

  @Test(
    "are billed in whole milliseconds, initialisation included since August 2025",
    arguments: [("2025-07-31", 307), ("2025-08-01", 550)])
  func billing(day: String, milliseconds: Int64) throws {
    // A measured REPORT line: 306.24 ms and 242.88 ms of init were billed as 550 ms.
    let old = TestProvider.version(.flag(false))
    let new = ProviderEntry.Version(
      .flag(true), since: CalendarDate("2025-08-01"), source: "AWS", date: "2025-04-29")
    var provider = TestProvider.make([
      "function.init.python3.12.zip.x86_64": .duration(.microseconds(242_880))
    ])
    provider.override(ProviderEntry(key: "function.init-billed.zip", versions: [old, new]))
    provider.date = try #require(CalendarDate(day))
    let simulation = Simulation()
    let region = try Region(simulation, provider: provider)
    simulation.spawn("client") {
      let function = try region.functions.register(.small("f", memoryMB: 128))
      try await region.functions.invoke(function) { _ in
        try await simulation.sleep(for: .microseconds(306_240))
      }
    }
    try simulation.run()
    #expect(
      region.meter.usage(service: "function", item: "duration-x86_64") == 128 * milliseconds)
  }

  @Test("pay for /tmp above 512 MB")
  func ephemeralStorage() throws {
    let region = try simulate { region in
      var configuration = FunctionConfiguration.small("f")
      configuration.ephemeralStorageMB = 1536
      let function = try region.functions.register(configuration)
      try await region.functions.invoke(function) { _ in
        try await region.simulation.sleep(for: .milliseconds(900))
      }
    }
    // 1024 MB above for 900 ms and 100 ms of init: one GB-second, 0.0000000309 USD.
    let line = try #require(region.bill().lines.first { $0.item == "ephemeral-storage" })
    #expect(line.quantity == 1_024_000)
    #expect(line.amount == (try usd("0.0000000309")))
  }

  @Test("are killed where they wait when their time is up, and billed until then")
  func timeout() throws {
    var reached = false
    let region = try simulate { region in
      var configuration = FunctionConfiguration.small("f", memoryMB: 1000)
      configuration.timeout = .seconds(3)
      let function = try region.functions.register(configuration)
      await #expect(throws: FunctionTimedOut.self) {
        try await region.functions.invoke(function) { _ in
          try await region.simulation.sleep(for: .seconds(10))
          reached = true
        }
      }
    }
    #expect(!reached)
    // 3,000 ms and 100 ms of init, at 1000 MB.
    #expect(region.meter.usage(service: "function", item: "duration-x86_64") == 3_100_000)
    // The alarm of the killed sleeper does not move the clock.
    #expect(region.simulation.now.seconds < 3.4)
  }

  @Test("take the processes that they began along when they are killed")
  func timeoutOfBranches() throws {
    var finished = 0
    try simulate { region in
      var configuration = FunctionConfiguration.small("f")
      configuration.timeout = .seconds(1)
      let function = try region.functions.register(configuration)
      await #expect(throws: FunctionTimedOut.self) {
        try await region.functions.invoke(function) { _ in
          _ = try await region.simulation.concurrently([1, 2]) { _ in
            try await region.simulation.sleep(for: .seconds(2))
            finished += 1
          }
        }
      }
    }
    #expect(finished == 0)
  }

  @Test("fail when they need more memory than they have, and start cold again")
  func outOfMemory() throws {
    let region = try simulate { region in
      // 512 MB are 536,870,912 bytes, of which PyTorch takes 400,000,000.
      var configuration = Self.heavy
      configuration.memoryMB = 512
      let function = try region.functions.register(configuration)
      try await region.functions.invoke(function) { try $0.allocate(bytes: 136_870_912) }
      await #expect(throws: OutOfMemory.self) {
        try await region.functions.invoke(function) { try $0.allocate(bytes: 136_870_913) }
      }
      try await region.functions.invoke(function) { _ in }
    }
    #expect(region.functions.coldStartCount == 2)
  }

  @Test("fail at once where the runtime alone does not fit")
  func footprint() throws {
    #expect(throws: OutOfMemory.self) {
      try simulate { region in
        var configuration = Self.heavy
        configuration.memoryMB = 256
        let function = try region.functions.register(configuration)
        try await region.functions.invoke(function) { _ in Issue.record("it ran") }
      }
    }
  }

  @Test("are refused outside of the provider's limits, with the range")
  func limits() throws {
    try simulate { region in
      for memory in [127, 10_241] {
        #expect(throws: UnsupportedConfiguration.self) {
          try region.functions.register(.small("memory \(memory)", memoryMB: memory))
        }
      }
      var slow = FunctionConfiguration.small("slow")
      slow.timeout = .seconds(901)
      #expect(throws: UnsupportedConfiguration.self) { try region.functions.register(slow) }
      let function = try region.functions.register(.small("f"))
      await #expect(throws: PayloadTooLarge.self) {
        try await region.functions.invoke(function, requestBytes: 6_000_001) { _ in }
      }
      await #expect(throws: PayloadTooLarge.self) {
        _ = try await region.functions.invokeAsynchronously(function, requestBytes: 1_000_001) {
          _ in
        }
      }
    }
  }

  @Test(
    "stay warm for the keep-alive and no longer",
    arguments: [
      (KeepAlive.fixed(.seconds(600)), 599, 1), (.fixed(.seconds(600)), 600, 2), (.none, 0, 2),
    ])
  func keepAlive(policy: KeepAlive, idleSeconds: Int, coldStarts: Int) throws {
    var options = RegionOptions()
    options.keepAlive = policy
    let region = try simulate(options: options) { region in
      let function = try region.functions.register(.small("f"))
      for _ in 0..<2 {
        // The next invocation asks for an environment 10 ms and 2,560 ns after it was sent.
        try await region.functions.invoke(function) { _ in }
        try await region.simulation.sleep(
          for: max(.zero, .seconds(idleSeconds) - .nanoseconds(10_002_560)))
      }
    }
    #expect(region.functions.coldStartCount == coldStarts)
  }

  @Test("lose half of their idle environments every half-life, as SeBS measured")
  func halfLife() throws {
    // Warm fraction after t: 2^-floor(t / 380 s): 1 at 360 s, 0.5 at 420 s, 0.25 at 780 s.
    for (seconds, fraction) in [(360, 1.0), (420, 0.5), (780, 0.25), (1160, 0.125)] {
      var options = RegionOptions()
      options.keepAlive = .halfLife(.seconds(380))
      let region = try simulate(options: options, log: EventLog(.off)) { region in
        let function = try region.functions.register(.small("f"))
        for _ in 0..<2 {
          _ = try await region.simulation.concurrently(Array(0..<1000)) { _ in
            try await region.functions.invoke(function) { _ in
              try await region.simulation.sleep(for: .seconds(1))
            }
          }
          try await region.simulation.sleep(for: .seconds(seconds))
        }
      }
      let warm = 1 - Double(region.functions.coldStartCount - 1000) / 1000
      // Three standard deviations of a binomial of 1,000.
      #expect(abs(warm - fraction) <= 3 * (fraction * (1 - fraction) / 1000).squareRoot())
    }
  }

  @Test(
    "choose among idle environments by the rule",
    arguments: [
      (IdleRule.newest, 2), (.oldest, 0), (.mostRecentlyUsed, 0), (.leastRecentlyUsed, 2),
    ])
  func idleRule(rule: IdleRule, expected: Int) throws {
    var options = RegionOptions()
    options.idleRule = rule
    try simulate(options: options) { region in
      let function = try region.functions.register(.small("f"))
      // Three at once, of which the first created ends last.
      _ = try await region.simulation.concurrently([3, 2, 1]) { seconds in
        try await region.functions.invoke(function) { _ in
          try await region.simulation.sleep(for: .seconds(seconds))
        }
      }
      let chosen = try await region.functions.invoke(function) { $0.ordinal }
      #expect(chosen == expected)
    }
  }

  @Test("are throttled beyond the concurrency limit, after the SDK's retries")
  func concurrency() throws {
    var options = RegionOptions()
    options.concurrencyLimit = 2
    let region = try simulate(options: options) { region in
      let function = try region.functions.register(.small("f"))
      let outcomes = try await region.simulation.concurrently([1, 2, 3]) { _ -> Bool in
        do {
          try await region.functions.invoke(function) { _ in
            try await region.simulation.sleep(for: .seconds(100))
          }
          return true
        } catch is Throttled {
          return false
        }
      }
      #expect(outcomes.filter { $0 }.count == 2)
    }
    #expect(region.functions.peakConcurrency == 2)
    // Three attempts, two of them retries; a refused request costs nothing.
    #expect(region.meter.requests("function.invoke retried") == 2)
    #expect(region.meter.usage(service: "function", item: "request") == 2)
  }

  @Test("have what is reserved for them, and no more")
  func reserved() throws {
    var options = RegionOptions()
    options.concurrencyLimit = 3
    try simulate(options: options) { region in
      var configuration = FunctionConfiguration.small("reserved")
      configuration.reservedConcurrency = 1
      let reserved = try region.functions.register(configuration)
      let shared = try region.functions.register(.small("shared"))
      let admitted = try await region.simulation.concurrently(
        [reserved, reserved, shared, shared, shared]
      ) { function -> String? in
        do {
          try await region.functions.invoke(function) { _ in
            try await region.simulation.sleep(for: .seconds(100))
          }
          return function.name
        } catch is Throttled {
          return nil
        }
      }
      #expect(admitted.compactMap { $0 }.sorted() == ["reserved", "shared", "shared"])
    }
  }

  @Test("get new environments no faster than the platform scales")
  func scaling() throws {
    // 5 at once and 1 a second: of 20 invocations at the same time 5 are admitted at once.
    let changes: [String: ProviderValue] = [
      "function.scaling-burst": .number(5), "function.scaling-per-second": .number(1),
      "sdk.attempts-max": .number(1),
    ]
    let region = try simulate(changes) { region in
      let function = try region.functions.register(.small("f"))
      let admitted = try await region.simulation.concurrently(Array(0..<20)) { _ -> Bool in
        do {
          try await region.functions.invoke(function) { _ in
            try await region.simulation.sleep(for: .seconds(1))
          }
          return true
        } catch is Throttled {
          return false
        }
      }
      #expect(admitted.filter { $0 }.count == 5)
    }
    #expect(region.functions.coldStartCount == 5)
  }

  @Test("run events after the caller went on, and again when they fail")
  func events() throws {
    var attempts: [Instant] = []
    let region = try simulate { region in
      let function = try region.functions.register(.small("f"))
      let event = try await region.functions.invokeAsynchronously(function, retries: 2) { _ in
        attempts.append(region.simulation.now)
        if attempts.count < 3 { throw TaskError("Flaky") }
        return attempts.count
      }
      #expect(attempts.isEmpty)
      #expect(try await event.value() == 3)
    }
    // After a minute and after two more, on the same warm environment.
    #expect(attempts.count == 3)
    #expect(attempts[1] - attempts[0] == .seconds(60))
    #expect(attempts[2] - attempts[1] == .seconds(120))
    #expect(region.functions.coldStartCount == 1)
  }

  @Test("are ready at once where environments are provisioned, for a price")
  func provisioned() throws {
    let region = try simulate { region in
      var configuration = FunctionConfiguration.small("f", memoryMB: 1024)
      configuration.provisionedConcurrency = 2
      let function = try region.functions.register(configuration)
      try await region.provision()
      _ = try await region.simulation.concurrently([1, 2]) { _ in
        try await region.functions.invoke(function) { environment in
          #expect(!environment.isCold)
          try await region.simulation.sleep(for: .seconds(1))
        }
      }
    }
    #expect(region.functions.coldStartCount == 0)
    let bill = region.bill()
    // 2 * 1 GB * 300 s held (rounded up to 5 min), 2 * 1 GB * 1 s used.
    let held = try #require(bill.lines.first { $0.item == "provisioned-concurrency-x86_64" })
    #expect(held.amount == (try usd("0.00250002")))
    let used = try #require(bill.lines.first { $0.item == "provisioned-duration-x86_64" })
    #expect(used.amount == (try usd("0.0000194444")))
    #expect(!bill.lines.contains { $0.item == "duration-x86_64" })
  }

  @Test("share a burst of bandwidth, then a steady rate")
  func network() throws {
    // 700 MB, capped by nothing else: 300 MB of savings refilled at 20 MB/s last 300/980 s at
    // 1 GB/s and carry 306.12 MB; the other 393.88 MB pass at 100 MB/s: 4.245 s in all.
    let changes: [String: ProviderValue] = [
      "object-store.connection-bandwidth": .bytesPerSecond(1e12)
    ]
    try simulate(changes) { region in
      let store = try region.objectStore("b")
      store.publish(Payload(byteCount: 700_000_000), at: "k")
      let function = try region.functions.register(.small("f"))
      try await region.functions.invoke(function) { _ in
        let start = region.simulation.now
        _ = try await store.get("k")
        let seconds = (region.simulation.now - start - .milliseconds(20)).inSeconds
        #expect(abs(seconds - (300.0 / 980 + 3.938775)) < 1e-3)
      }
    }
  }
}

@Suite("Compute model") struct ComputeModelTests {
  private let model = ComputeModel(
    flopsPerSecond: 15e9, batchOverhead: .milliseconds(51), vectorBytesPerSecond: 2e9,
    parallelFraction: 0.93)

  @Test(
    "meets lambdaDNN's MobileNet rates by batch",
    arguments: [
      (4, 42.7), (8, 54.0), (16, 69.5), (32, 76.9), (64, 82.7), (128, 83.4), (256, 85.0),
      (512, 86.5), (1024, 89.0),
    ])
  func rates(batch: Int, published: Double) {
    let seconds = model.duration(
      of: .gradient(samples: batch, flopsPerSample: 0.28e9), vCPUs: 3008.0 / 1769
    ).inSeconds
    #expect(abs(Double(batch) / seconds / published - 1) < 0.036)
  }

  @Test(
    "follows memory as the recorded single-threaded durations do",
    arguments: [
      (128, 5401.0), (256, 2722), (512, 1294), (1024, 643), (1769, 378), (2048, 368),
    ])
  func singleThread(memory: Int, published: Double) {
    // cebert/aws-lambda-performance-benchmarks, python3.13, x86: t = t1 * 1769 / min(M, 1769).
    let work = Work.seconds(.milliseconds(375))
    let milliseconds =
      model.duration(of: work, vCPUs: Double(memory) / 1769).inSeconds * 1000
    #expect(abs(milliseconds / published - 1) < 0.06)
  }

  @Test(
    "gains from further processors as measured, with diminishing returns",
    arguments: [(832, 0.50), (1769, 1.00), (3008, 1.67), (5307, 2.39), (7076, 2.84)])
  func manyThreads(memory: Int, published: Double) {
    let speedup = model.speedup(vCPUs: Double(memory) / 1769)
    #expect(abs(speedup / published - 1) < 0.2)
  }
}
