import Cloud
import SimulationKernel
import Testing

@Suite("Faults of services") struct FaultTests {
  @Test("storms refuse their share of requests")
  func share() throws {
    // Of 2,000 requests without retries about 600 are refused: 600 plus or minus four times 20.5.
    var options = RegionOptions()
    options.throttleStorms = [
      ThrottleStorm("object-store", from: .zero, lasting: .seconds(1e6), share: 0.3)
    ]
    var refused = 0
    try simulate(["sdk.attempts-max": .number(1)], options: options) { region in
      let store = try region.objectStore("b")
      for _ in 0..<2000 {
        do { try await store.delete("k") } catch is Throttled { refused += 1 }
      }
    }
    #expect((518...682).contains(refused))
  }

  @Test("storms count their time from the submission of the job")
  func submission() throws {
    var options = RegionOptions()
    options.throttleStorms = [
      ThrottleStorm("queue.send", from: .seconds(10), lasting: .seconds(5), share: 1)
    ]
    var outcomes: [Bool] = []
    try simulate(["sdk.attempts-max": .number(1)], options: options) { region in
      try await region.simulation.sleep(for: .seconds(100))
      region.noteSubmission()
      for _ in 0..<4 {
        do {
          try await region.queue("q").send(Payload(byteCount: 1))
          outcomes.append(true)
        } catch is Throttled {
          outcomes.append(false)
        }
        try await region.simulation.sleep(for: .seconds(5) - .milliseconds(10))
      }
    }
    // At 0.01, 5.01, 10.01 and 15.01 s.
    #expect(outcomes == [true, true, false, true])
  }

  @Test(
    "whoever polls meets what a loop of gets meets",
    arguments: ["calm", "storm", "crowd", "killed"])
  func polling(case name: String) throws {
    var options = RegionOptions()
    if name == "storm" {
      options.throttleStorms = [
        ThrottleStorm("object-store", from: .zero, lasting: .seconds(1e6), share: 0.4)
      ]
    }
    var changes: [String: ProviderValue] = [
      "object-store.get": .latency(.lognormal(median: .milliseconds(20), sigma: 0.5)),
      "sdk.attempts-max": .number(20),
    ]
    // Fewer requests a second than are made: some are refused, sent again and then in vain.
    if name == "crowd" { changes["object-store.reads-per-second"] = .number(2) }
    let pause = Duration.milliseconds(100)
    func outcome(polls: Bool) throws -> [String] {
      var lines: [String] = []
      try simulate(changes, options: options) { region in
        let (simulation, store) = (region.simulation, try region.objectStore("b"))
        let reader = simulation.spawn("reader") {
          var isFound = false
          defer { lines.append("\(simulation.now) \(isFound)") }
          if polls {
            _ = try await store.poll("a/k", every: pause)
          } else {
            while true {
              do { _ = try await store.get("a/k") } catch is NoSuchKey {
                try await simulation.sleep(for: pause)
                continue
              }
              break
            }
          }
          isFound = true
        }
        try await simulation.sleep(for: .seconds(5))
        if name == "killed" { simulation.kill(reader, Killed("gone")) }
        store.publish(Payload(byteCount: 10_000), at: "a/k")
        do { try await simulation.join(reader) } catch is Killed {}
        lines += region.meter.requests.map { "\($0.operation) \($0.count)" }
        lines.append("\(simulation.log.count) spans")
      }
      return lines
    }
    let polled = try outcome(polls: true)
    #expect(try polled == outcome(polls: false))
    #expect(polled.first?.hasSuffix(name == "killed" ? "false" : "true") == true)
  }

  @Test("leave the luck of everything else as it was")
  func independence() throws {
    let latency = LatencyModel.lognormal(median: .milliseconds(20), sigma: 0.5)
    let changes: [String: ProviderValue] = ["object-store.get": .latency(latency)]
    func times(_ options: RegionOptions) throws -> [Duration] {
      var times: [Duration] = []
      try simulate(changes, options: options) { region in
        let store = try region.objectStore("b")
        store.publish(Payload(byteCount: 0), at: "k")
        for _ in 0..<50 {
          let start = region.simulation.now
          _ = try await store.get("k")
          times.append(region.simulation.now - start)
          try await region.queue("q").send(Payload(byteCount: 1))
        }
      }
      return times
    }
    var options = RegionOptions()
    options.failureRates["queue.send"] = 0.1
    options.lossRates["queue"] = 0.5
    options.throttleStorms = [
      ThrottleStorm("queue", from: .zero, lasting: .seconds(1e6), share: 0.1)
    ]
    #expect(try times(options) == times(RegionOptions()))
  }

  @Test("lose messages that were accepted and billed", arguments: [0, 0.2, 1])
  func loss(rate: Double) throws {
    // Of 2,000 messages rate * 2,000, within four standard deviations.
    var options = RegionOptions()
    options.lossRates = ["queue": rate, "broker": rate]
    let region = try simulate(options: options) { region in
      let queue = try region.queue("q")
      let broker = try region.broker("b")
      broker.declareQueue("inbox")
      for _ in 0..<2000 {
        try await queue.send(Payload(byteCount: 1))
        try await broker.send(Payload(byteCount: 1), to: "inbox")
      }
      let margin = 4 * (2000 * rate * (1 - rate)).squareRoot()
      for count in [queue.count, broker.count(of: "inbox")] {
        #expect(abs(Double(count) - 2000 * (1 - rate)) <= margin)
      }
    }
    #expect(region.meter.usage(service: "queue", item: "request") == 2000)
  }

  @Test("deliver messages twice")
  func duplicates() throws {
    var options = RegionOptions()
    options.duplicateRates = ["queue": 1, "broker": 1]
    try simulate(options: options) { region in
      let queue = try region.queue("q")
      try await queue.send(Payload(byteCount: 1, contents: "message"))
      for count in 1...2 {
        let messages = try await queue.receive()
        #expect(messages.map(\.receiveCount) == [count])
      }
      let broker = try region.broker("b")
      broker.declareQueue("inbox")
      try await broker.send(Payload(byteCount: 1), to: "inbox")
      #expect(broker.count(of: "inbox") == 2)
    }
  }
}
