import Cloud
import SimulationKernel
import Testing

@Suite("Execution environments") struct ScalingTests {
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
}
