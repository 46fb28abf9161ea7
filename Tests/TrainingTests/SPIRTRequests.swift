import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Requests of SPIRT a peer and round, as the paper counts them and as the released functions make
/// them.
///
/// W peers, R rounds of B minibatches, no arithmetic.
@Suite struct SPIRTRequests {
  static let workers = [1, 2, 4, 8, 16, 33]
  static let (minibatches, rounds) = (3, 2)

  @Test(
    "Published: B + W gets, B appends, 1 set, 2 scripts, W - 1 pings, 1 message, B + 6 states",
    arguments: workers)
  func published(w: Int) throws {
    let (b, runs) = (Self.minibatches, Self.rounds * w)
    let counts = try count(workers: w)
    #expect(counts["object-store/get"] == runs * b)
    #expect(counts["memory-store/get"] == runs * (b + w))
    #expect(counts["memory-store/append"] == runs * b)
    #expect(counts["memory-store/set"] == runs)
    #expect(counts["memory-store/run"] == runs * 2)
    #expect(counts["memory-store/ping", default: 0] == runs * (w - 1))
    #expect(counts["memory-store/delete"] == nil)
    #expect(counts["queue/send"] == runs)
    #expect(counts["function/invoke"] == runs * (b + 5))
    #expect(counts["transitions"] == runs * (b + 6))
    #expect(counts["tunnel/open"] == nil)
    let vector = 4 * 7850
    #expect(counts["bytes in"] == runs * (b + 1) * vector)
    #expect(counts["bytes out"] == runs * (b + w) * vector)
  }

  @Test("Released: as the state machine and its functions intend", arguments: workers)
  func released(w: Int) throws {
    let (b, runs) = (Self.minibatches, Self.rounds * w)
    let counts = try count(workers: w, variant: "released")
    let introductions = w * (w - 1)
    let heard = w * min(w - 1, 10 * Self.rounds)
    #expect(counts["memory-store/append"] == runs * b)
    // Beside the tensors, private_key three times at the heartbeat and four times at the end.
    #expect(counts["object-store/get"] == runs * (b + 1))
    #expect(counts["tensors"] == runs * (b + w + 1))
    #expect(counts["memory-store/get"] == runs * (b + w + 1 + 11))
    let (vector, key) = (4 * 7850, 2048)
    let json = Int(5.85 * Double(vector))
    let lists = counts["trusted", default: 0]
    #expect(
      counts["bytes in"] == runs * (b * (json + 32) + 2 * vector) + w * (vector + 2 * key)
        + lists * key)
    #expect(
      counts["bytes out"] == runs * ((b + w + 1 + 5) * vector + 7 * key)
        + counts["listed", default: 0])
    #expect(counts["memory-store/set"] == runs * (b + 2) + 3 * w + counts["trusted", default: 0])
    #expect(counts["memory-store/run"] == runs * 3)
    #expect(counts["memory-store/ping"] == runs * (6 + 2 * (w - 1)))
    #expect(counts["memory-store/delete"] == runs * 3 + w)
    #expect(counts["queue/send", default: 0] == runs + introductions)
    #expect(counts["queue/receive"] == runs)
    #expect(counts["queue/delete", default: 0] == heard)
    #expect(counts["queue/purge"] == Self.rounds)
    #expect(counts["function/invoke"] == runs * (b + 7) + 2 * w)
    #expect(counts["transitions"] == runs * (b + 8))
    #expect(counts["tunnel/open"] == runs * (w + 10) + w)
  }

  @Test("Every poll in the log is a billed request", arguments: ["published", "released"])
  func polls(variant: String) throws {
    let w = 4
    let counts = try count(workers: w, variant: variant)
    let requests = try #require(counts["queue/count"])
    #expect(requests >= Self.rounds * w)
    let others = ["send", "receive", "delete", "purge"].map { counts["queue/\($0)", default: 0] }
    #expect(counts["billed"] == requests + others.reduce(0, +))
  }

  /// Spans by operation, and what the bill says of them.
  private func count(workers: Int, variant: String = "published") throws -> [String: Int] {
    var counts: [String: Int] = [:]
    let outcome = try trial(workers: workers, variant: variant).run { span, log in
      counts[log.text(span.operation), default: 0] += 1
      let detail = log.text(span.detail)
      if log.text(span.operation) == "memory-store/get",
        detail == "model" || detail.hasPrefix("average/")
      {
        counts["tensors", default: 0] += 1
      }
      if log.text(span.operation) == "memory-store/set", detail == "trusted_peers" {
        counts["trusted", default: 0] += 1
      }
      if log.text(span.operation) == "memory-store/get", detail == "trusted_peers" {
        counts["listed", default: 0] += Int(span.bytes)
      }
    }
    #expect(outcome.failure == nil)
    let meter = outcome.job.region.meter
    counts["transitions"] = Int(meter.usage(service: "workflow", item: "transition"))
    counts["billed"] = Int(meter.usage(service: "queue", item: "request"))
    counts["bytes in"] = Int(meter.bytes("memory-store.in"))
    counts["bytes out"] = Int(meter.bytes("memory-store.out"))
    return counts
  }

  /// The released code pauses at the barrier: here so long that the queue can be purged each round.
  private func trial(workers: Int, variant: String) throws -> Trial {
    var options: [String: FrameworkOption.Value] = [
      "minibatches-per-round": .integer(Self.minibatches)
    ]
    if variant == "released" { options["settle-pause"] = .duration(.seconds(70)) }
    var trial = try Trial(
      SPIRT.self, workers: workers, steps: Self.minibatches * Self.rounds,
      options: FrameworkOptions(options, variant: variant))
    trial.configuration.subject = nil
    return trial
  }
}
