import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Requests a step, waiting aside, as the released sources make them and the papers count them.
///
/// W workers, S steps. A minibatch is one get a worker and step. Misses of a poll move no bytes.
@Suite struct RequestCounts {
  static let workers = [1, 2, 4, 8]
  static let steps = 3

  @Test("AllReduce: W + 1 puts, 2 W - 1 gets, W + 1 deletes a step", arguments: workers)
  func allReduce(w: Int) throws {
    let counts = try count(AllReduce.self, workers: w)
    let s = Self.steps
    #expect(counts["object-store/put"] == s * (w + 1))
    #expect(counts["object-store/get"] == s * w + s * (2 * w - 1))
    #expect(counts["object-store/delete"] == s * w + (s - 1))
    #expect(counts["object-store/list", default: 0] >= 2 * s)
  }

  @Test("ScatterReduce: W^2 puts, 2 W (W - 1) gets, W^2 deletes a step", arguments: workers)
  func scatterReduce(w: Int) throws {
    let counts = try count(ScatterReduce.self, workers: w)
    let s = Self.steps
    #expect(counts["object-store/put"] == s * w * w)
    #expect(counts["object-store/get"] == s * w + s * 2 * w * (w - 1))
    #expect(counts["object-store/delete", default: 0] == s * w * (w - 1) + (s - 1) * w)
    #expect(counts["object-store/list", default: 0] >= s * (2 * w + 1))
  }

  @Test("MLLess: U sets, U (W - 1) gets, U + 1 broadcasts and W reports a step", arguments: workers)
  func mlless(w: Int) throws {
    let counts = try count(
      MLLess.self, workers: w,
      options: FrameworkOptions(["significance-threshold": .real(0)]))
    let s = Self.steps
    let senders = w == 1 ? 0 : w
    #expect(counts["object-store/get"] == s * w)
    #expect(counts["memory-store/set", default: 0] == s * senders)
    #expect(counts["memory-store/get", default: 0] == s * senders * (w - 1))
    #expect(counts["broker/publish"] == s * (senders + 1 + w))
    // Everybody hears of every update and of the set to expect; the supervisor of every report.
    #expect(counts["broker/deliver"] == s * (senders * w + w + w))
  }

  /// Spans by operation; gets only where they found something.
  func count(
    _ type: any TrainingFramework.Type, workers: Int, steps: Int = steps,
    options: FrameworkOptions = FrameworkOptions()
  ) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    let trial = try Trial(type, workers: workers, steps: steps, options: options)
    let outcome = try trial.run { span, log in
      let operation = log.text(span.operation)
      if operation.hasSuffix("/get"), span.bytes == 0 { return }
      counts[operation, default: 0] += 1
    }
    #expect(outcome.failure == nil)
    counts["transitions"] = Int(
      outcome.job.region.meter.usage(service: "workflow", item: "transition"))
    return counts
  }
}
