import Testing

@testable import SimulationKernel

@Suite struct EventQueueTests {
  /// How far apart events are: many ties, far apart, or both at once.
  enum Spread: CaseIterable { case ties, near, far, mixed }

  @Test(
    "takes what is pushed in the order of a stable sort", arguments: Spread.allCases, 0..<25)
  func order(_ spread: Spread, batch: Int) {
    for seed in (50 * batch)..<(50 * batch + 50) {
      var random = RandomStream(seed: UInt64(seed), purpose: "event queue", actor: "\(spread)")
      checkOrder(spread, &random)
    }
  }

  /// A run of pushes and pops against a sorted array, which keeps equal times in order.
  private func checkOrder(_ spread: Spread, _ random: inout RandomStream) {
    var queue = EventQueue()
    var expected: [(time: Int64, number: Int)] = []
    var now: Int64 = 0
    var number = 0
    for _ in 0..<200 {
      if random.uniform(below: 5) < 3 {
        let time = now + delay(spread, &random)
        queue.push(time, Token(.process, number, 7))
        let place = expected.firstIndex { $0.time > time } ?? expected.count
        expected.insert((time, number), at: place)
        number += 1
      } else if let event = queue.pop() {
        let first = expected.removeFirst()
        #expect(event.time == first.time && event.token.index == first.number)
        now = event.time
      } else {
        #expect(expected.isEmpty)
      }
      #expect(queue.count == expected.count)
    }
    while let event = queue.pop() {
      let first = expected.removeFirst()
      #expect(event.time == first.time && event.token.index == first.number)
    }
    #expect(expected.isEmpty)
  }

  private func delay(_ spread: Spread, _ random: inout RandomStream) -> Int64 {
    switch spread {
    case .ties: Int64(random.uniform(below: 3))
    case .near: Int64(random.uniform(below: 1000))
    case .far: Int64(random.next() >> 14)  // up to 13 days
    case .mixed: Int64(1) << Int64(random.uniform(below: 55))
    }
  }

  @Test("sweeps out what is stale and keeps the order of the rest", arguments: 0..<50)
  func sweep(seed: Int) {
    var random = RandomStream(seed: UInt64(seed), purpose: "sweep")
    var queue = EventQueue()
    for number in 0..<300 {
      queue.push(delay(.mixed, &random), Token(.process, number, UInt32(number % 3)))
    }
    var last = queue.pop()?.time ?? 0
    queue.removeAll { $0.generation == 1 }
    var left = 0
    while let event = queue.pop() {
      #expect(event.time >= last && event.token.generation != 1)
      last = event.time
      left += 1
    }
    #expect(left >= 199 && queue.count == 0)
  }

  @Test func tokensKeepTheirParts() {
    for kind in [Token.Kind.process, .call, .handler] {
      let token = Token(kind, 0x3fff_ffff, .max)
      #expect(token.kind == kind && token.index == 0x3fff_ffff && token.generation == .max)
    }
  }
}
