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
