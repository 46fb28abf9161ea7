import Cloud
import SimulationKernel
import Testing

@Suite("Limits of functions") struct FunctionLimitTests {
  /// A function whose initialisation takes so many seconds.
  private func simulate(
    initSeconds: Int, timeout: Int = 900,
    _ body: @escaping (Region, Function) async throws -> Void
  ) throws -> Region {
    let changes: [String: ProviderValue] = [
      "function.init.python3.12.zip.x86_64": .duration(.seconds(initSeconds))
    ]
    return try CloudTests.simulate(changes) { region in
      var configuration = FunctionConfiguration.small("f", memoryMB: 1000)
      configuration.timeout = .seconds(timeout)
      try await body(region, try region.functions.register(configuration))
    }
  }

  @Test(
    "begin an initialisation anew that takes longer than ten seconds, in the function's own time",
    arguments: [(10, 10, 11_000), (11, 21, 12_000)])
  func slowInitialisation(seconds: Int, startup: Int, billed: Int64) throws {
    // Sandbox 0.2 s, then the initialisation (or 10 s given up and all of it again), then 1 s.
    let region = try simulate(initSeconds: seconds) { region, function in
      for isCold in [true, false] {
        let start = region.simulation.now
        try await region.functions.invoke(function) { _ in
          try await region.simulation.sleep(for: .seconds(1))
        }
        let expected = isCold ? 0.01 + 0.2 + Double(startup) + 1 : 0.01 + 1
        #expect(abs((region.simulation.now - start).inSeconds - expected) < 1e-4)
      }
    }
    let usage = region.meter.usage(service: "function", item: "duration-x86_64")
    #expect(usage == 1000 * (billed + 1000))
  }

  @Test("kill a second initialisation when the function's time is up")
  func neverInitialised() throws {
    let region = try simulate(initSeconds: 40, timeout: 30) { region, function in
      await #expect(throws: FunctionTimedOut.self) {
        try await region.functions.invoke(function) { _ in Issue.record("it ran") }
      }
      #expect(abs(region.simulation.now.seconds - (0.01 + 0.2 + 10 + 30)) < 1e-4)
    }
    #expect(region.meter.usage(service: "function", item: "duration-x86_64") == 1000 * 30_000)
  }

  @Test(
    "show as many processors as Lambda does",
    arguments: [
      (128, 2), (1769, 2), (3008, 2), (3009, 3), (5307, 3), (5308, 4), (7076, 4), (7077, 5),
      (8845, 5), (8846, 6), (10_240, 6),
    ])
  func processors(memory: Int, count: Int) throws {
    try CloudTests.simulate { region in
      let function = try region.functions.register(.small("f", memoryMB: memory))
      #expect(function.visibleProcessors == count)
      #expect(function.vCPUs <= Double(count))
    }
  }

  @Test("admit ten requests a second for each concurrent execution")
  func requestRate() throws {
    var options = RegionOptions()
    options.concurrencyLimit = 5
    try CloudTests.simulate(["sdk.attempts-max": .number(1)], options: options) { region in
      let function = try region.functions.register(.small("f"))
      var admitted = 0
      // Environments are warm when 300 rounds of five begin, a round every 10 ms.
      for round in 0...300 {
        _ = try await region.simulation.concurrently([1, 2, 3, 4, 5]) { _ in
          do {
            try await region.functions.invoke(function) { _ in }
            admitted += round == 0 ? 0 : 1
          } catch is Throttled {}
        }
      }
      // 50 at once, and 50 a second for three seconds.
      #expect(abs(admitted - 200) <= 6)
    }
  }

  @Test("drop an event that was not admitted for six hours")
  func oldEvent() throws {
    var options = RegionOptions()
    options.concurrencyLimit = 1
    try CloudTests.simulate(["function.timeout-max": .duration(.seconds(86_400))], options: options)
    { region in
      let function = try region.functions.register(.small("f"))
      region.simulation.spawn("long") {
        try await region.functions.invoke(function) { _ in
          try await region.simulation.sleep(for: .seconds(7 * 3600))
        }
      }
      let event = try await region.functions.invokeAsynchronously(function) { _ in }
      await #expect(throws: Throttled.self) { try await event.value() }
      let hours = region.simulation.now.seconds / 3600
      // Pauses are five minutes at most.
      #expect(hours <= 6 && hours > 5.9)
    }
  }

  @Test("try a failed event twice more unless told otherwise")
  func eventRetries() throws {
    var attempts = 0
    try CloudTests.simulate { region in
      let function = try region.functions.register(.small("f"))
      let event = try await region.functions.invokeAsynchronously(function) { _ in
        attempts += 1
        throw TaskError("Broken")
      }
      await #expect(throws: TaskError.self) { try await event.value() }
    }
    #expect(attempts == 3)
  }

  @Test("keep what lies in /tmp, up to its size")
  func temporaryFiles() throws {
    try CloudTests.simulate { region in
      let function = try region.functions.register(.small("f"))
      try await region.functions.invoke(function) { try $0.store(bytes: 512 << 20) }
      try await region.functions.invoke(function) { environment in
        #expect(!environment.isCold)
        #expect(throws: OutOfStorage.self) { try environment.store(bytes: 1) }
        environment.remove(bytes: 1)
        try environment.store(bytes: 1)
      }
    }
  }
}
