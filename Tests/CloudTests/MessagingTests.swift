import Cloud
import SimulationKernel
import Testing

@Suite("Message queue") struct MessageQueueTests {
  private static func message(_ number: Int) -> Payload {
    Payload(byteCount: 100, contents: number)
  }

  private static func numbers(_ messages: [MessageQueue.Message]) -> [Int] {
    messages.compactMap { $0.payload.contents as? Int }
  }

  @Test("hides a received message until its visibility timeout, unless it is deleted")
  func visibility() throws {
    try simulate { region in
      let queue = try region.queue("q")
      try await queue.send(Self.message(1))
      let first = try await queue.receive()
      #expect(Self.numbers(first) == [1])
      #expect(try await queue.receive().isEmpty)
      #expect(try await queue.approximateCount() == 0)
      try await region.simulation.sleep(for: .seconds(30))
      let again = try await queue.receive()
      #expect(again.first?.receiveCount == 2)
      // The first receipt is no longer valid; the second one is.
      try await queue.delete(first[0])
      #expect(queue.count == 1)
      try await queue.delete(again[0])
      #expect(queue.count == 0)
    }
  }

  @Test("answers a long poll as soon as a message arrives, and an empty one when time is up")
  func longPoll() throws {
    try simulate { region in
      let queue = try region.queue("q")
      region.simulation.spawn("sender") {
        try await region.simulation.sleep(for: .seconds(5))
        try await queue.send(Self.message(1))
      }
      let messages = try await queue.receive(wait: .seconds(20))
      #expect(Self.numbers(messages) == [1])
      #expect(abs(region.simulation.now.seconds - 5.01) < 1e-3)
      let start = region.simulation.now
      #expect(try await queue.receive(wait: .seconds(10)).isEmpty)
      #expect(region.simulation.now - start == .milliseconds(10_010))
    }
  }

  @Test(
    "bills every begun 64 KB as a request, and empty answers too",
    arguments: [(0, 1), (1, 1), (65_536, 1), (65_537, 2), (262_144, 4), (1_048_576, 16)])
  func chunks(byteCount: Int, requests: Int64) throws {
    let region = try simulate { region in
      try await region.queue("q").send(Payload(byteCount: byteCount))
    }
    #expect(region.meter.usage(service: "queue", item: "request") == requests)
  }

  @Test("hands out ten messages at once at most, each to one receiver")
  func batches() throws {
    let region = try simulate { region in
      let queue = try region.queue("q")
      for number in 0..<25 { try await queue.send(Self.message(number)) }
      var received: [Int] = []
      for expected in [10, 10, 5, 0] {
        let messages = try await queue.receive(max: 100)
        #expect(messages.count == expected)
        received += Self.numbers(messages)
      }
      #expect(received.sorted() == Array(0..<25))
    }
    #expect(region.meter.requests("queue.receive") == 4)
  }

  @Test("refuses a second purge within a minute")
  func purge() throws {
    try simulate { region in
      let queue = try region.queue("q")
      try await queue.send(Self.message(1))
      try await queue.purge()
      #expect(queue.count == 0)
      await #expect(throws: MessageQueue.PurgeInProgress.self) { try await queue.purge() }
      try await region.simulation.sleep(for: .seconds(60))
      try await queue.purge()
    }
  }

  @Test("delivers some messages twice when it is standard")
  func duplicates() throws {
    try simulate(["queue.duplicate-rate": .number(0.5)]) { region in
      let queue = try region.queue("q")
      for number in 0..<200 { try await queue.send(Self.message(number)) }
      var received: [Int] = []
      for _ in 0..<30 { received += Self.numbers(try await queue.receive(max: 10)) }
      #expect(Set(received).count > 100)
      #expect(received.count > Set(received).count)
    }
  }

  @Test("keeps a group's messages in order when it is FIFO, and holds them back together")
  func fifo() throws {
    try simulate { region in
      let queue = try region.queue("f", kind: .fifo)
      for (number, group) in [(1, "a"), (2, "a"), (3, "b")] {
        try await queue.send(Self.message(number), group: group)
      }
      let first = try await queue.receive()
      #expect(Self.numbers(first) == [1])
      // Group a waits for its first message; group b does not.
      #expect(Self.numbers(try await queue.receive(max: 10)) == [3])
      try await queue.delete(first[0])
      #expect(Self.numbers(try await queue.receive(max: 10)) == [2])
    }
  }

  @Test("counts late when its counts are late")
  func countLag() throws {
    try simulate(["queue.count-lag": .duration(.seconds(1))]) { region in
      let queue = try region.queue("q")
      try await queue.send(Self.message(1))
      #expect(try await queue.approximateCount() == 0)
      try await region.simulation.sleep(for: .seconds(1))
      #expect(try await queue.approximateCount() == 1)
    }
  }
}

@Suite("Message broker") struct MessageBrokerTests {
  @Test("copies what an exchange gets to every queue bound to it, in order")
  func fanout() throws {
    try simulate { region in
      let broker = try region.broker("r")
      broker.declareFanout("updates")
      for worker in 0..<3 {
        broker.declareQueue("worker \(worker)")
        try broker.bind(queue: "worker \(worker)", to: "updates")
      }
      for number in 0..<2 {
        try await broker.publish(Payload(byteCount: 10, contents: number), to: "updates")
      }
      for worker in 0..<3 {
        for number in 0..<2 {
          let message = try await broker.next(from: "worker \(worker)")
          #expect(message.contents as? Int == number)
        }
        #expect(broker.count(of: "worker \(worker)") == 0)
      }
    }
  }

  @Test("pushes to a consumer that waits")
  func push() throws {
    try simulate { region in
      let broker = try region.broker("r")
      broker.declareQueue("q")
      region.simulation.spawn("producer") {
        try await region.simulation.sleep(for: .seconds(3))
        try await broker.send(Payload(byteCount: 10), to: "q")
      }
      _ = try await broker.next(from: "q")
      // 3 s, 1 ms to the broker, 40 us in it, 1 ms to the consumer.
      #expect(abs(region.simulation.now.seconds - 3.00204) < 1e-5)
    }
  }

  @Test("knows only what was declared")
  func undeclared() throws {
    try simulate { region in
      let broker = try region.broker("r")
      await #expect(throws: MessageBroker.NotDeclared.self) {
        try await broker.send(Payload(byteCount: 1), to: "q")
      }
      #expect(throws: MessageBroker.NotDeclared.self) { try broker.bind(queue: "q", to: "x") }
    }
  }

  @Test("costs its instance for as long as it stands")
  func bill() throws {
    // 300 s of start and 300 s of work are a sixth of an hour at 0.288 USD.
    let region = try simulate { region in
      _ = try region.broker("r")
      try await region.provision()
      try await region.simulation.sleep(for: .seconds(300))
    }
    #expect(region.bill().total == (try usd("0.048")))
    #expect(region.bill(standing: .shared).total == (try usd("0.024")))
  }
}

@Suite("Virtual machine") struct VirtualMachineTests {
  @Test("boots, is billed from its launch by the second, and stops")
  func lifetime() throws {
    let region = try simulate { region in
      let machine = try region.virtualMachine("vm", type: "m5.large")
      try await machine.start()
      #expect(region.simulation.now.seconds == 30)
      try await region.simulation.sleep(for: .milliseconds(60_500))
      machine.stop()
      try await region.simulation.sleep(for: .seconds(1000))
    }
    // 90.5 s are billed as 91.
    #expect(region.usage().first { $0.service == "virtual-machine" }?.quantity == 91)
  }

  @Test("computes on all its processors, or on its graphics processor")
  func compute() throws {
    try simulate { region in
      let work = Work.gradient(samples: 64, flopsPerSample: 0.28e9)
      var seconds: [Double] = []
      for type in ["m5.large", "g4dn.xlarge"] {
        let machine = try region.virtualMachine(type, type: type)
        let start = region.simulation.now
        try await machine.compute(work)
        seconds.append((region.simulation.now - start).inSeconds)
      }
      // 17.92 GFLOP at 15 GFLOP/s, 1 / (0.07 + 0.93 / 2) times as fast; and at 2,600 GFLOP/s.
      #expect(abs(seconds[0] - (0.051 + 17.92 / 15 * (0.07 + 0.465))) < 1e-6)
      #expect(abs(seconds[1] - (0.051 + 17.92 / 2600)) < 1e-6)
    }
  }

  @Test("is taken back when it is a spot machine, with all that runs on it")
  func spot() throws {
    // 60 interruptions an hour: one a minute on average.
    let changes: [String: ProviderValue] = [
      "virtual-machine.spot-interruptions-per-hour": .number(60)
    ]
    var reached = false
    let region = try simulate(changes) { region in
      let machine = try region.virtualMachine("vm", type: "g4dn.xlarge", purchase: .spot)
      try await machine.start()
      let job = machine.spawn("job") {
        try await region.simulation.sleep(for: .seconds(100_000))
        reached = true
      }
      await #expect(throws: VirtualMachine.Interrupted.self) {
        try await region.simulation.join(job)
      }
      #expect(machine.isInterrupted)
    }
    #expect(!reached)
    let seconds = Int64(region.simulation.now.seconds.rounded(.up))
    let line = try #require(region.bill().lines.first)
    #expect(line.item == "spot-g4dn.xlarge")
    #expect(line.quantity == max(60, seconds))
  }

  @Test("bursts above its network's baseline while it has credits")
  func network() throws {
    // 10 Gbit/s for 1 s of credits: 1.25 GB, earned back at the baseline of 93.75 MB/s.
    let changes: [String: ProviderValue] = [
      "virtual-machine.network-burst-time": .duration(.seconds(1)),
      "object-store.connection-bandwidth": .bytesPerSecond(1e12),
    ]
    try simulate(changes) { region in
      let store = try region.objectStore("b")
      store.publish(Payload(byteCount: 2_000_000_000), at: "k")
      let machine = try region.virtualMachine("vm", type: "m5.large")
      let job = machine.spawn("job") { _ = try await store.get("k") }
      try await region.simulation.join(job)
      let burstTime = 1.25 / (1.25 - 0.09375)
      let seconds = 0.02 + burstTime + (2 - burstTime * 1.25) / 0.09375
      #expect(abs(region.simulation.now.seconds - seconds) < 1e-3)
    }
  }
}
