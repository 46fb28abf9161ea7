import Cloud
import Foundation
import Learning
import Results
import SimulationKernel

@testable import Scenarios

/// Runs made by hand, so that tests of what is kept and printed need no simulation.
enum Sample {
  static let gbSecond = BillingUnit(
    name: "GB-second", baseUnit: "MB ms", baseUnitsPerUnit: 1_024_000)
  static let requests = BillingUnit(
    name: "1000000 requests", baseUnit: "requests", baseUnitsPerUnit: 1_000_000)
  static let hour = BillingUnit(name: "hour", baseUnit: "s", baseUnitsPerUnit: 3600)

  static let bill = Bill(lines: [
    line("function", "compute", 98_765_432_123, gbSecond, "0.0000166667"),
    line("function", "request", 42, requests, "0.20"),
    line("virtual-machine", "m5.large", 61, hour, "0.096"),
  ])

  static func line(
    _ service: String, _ item: String, _ quantity: Int64, _ unit: BillingUnit, _ price: String
  ) -> Bill.Line {
    Bill.Line(
      service: service, item: item, quantity: quantity, unit: unit,
      perUnit: Money(decimalUSD: price) ?? .zero)
  }

  static func result(
    framework: String = "spirt", parameters: [RunResult.Named<String>] = [],
    replication: Int = 0, accuracy: Double? = 0.8125, seconds: Double = 83.25,
    failure: RunResult.Failure? = nil, bill: Bill = bill, digest: String? = nil,
    jobs: [RunResult.Job] = []
  ) -> RunResult {
    RunResult(
      framework: framework, variant: "published", parameters: parameters,
      replication: replication, seed: 7 + UInt64(replication),
      digest: digest ?? String(repeating: "\(replication + 1)f", count: 32),
      status: failure == nil ? .completed : .failed, failure: failure,
      faults: failure == nil ? [] : ["crash: worker 1, at: 30 s"], accuracy: accuracy,
      f1: accuracy.map { $0 / 2 }, accuracyRange: accuracy.map { _ in 0.75...0.875 },
      loss: accuracy.map { _ in 0.5 }, updates: 12, samples: 6144,
      time: .rounded(seconds: seconds), provisioning: .seconds(40), bill: bill,
      alternativeTotal: Money(picoUSD: 5), usage: usage(of: bill),
      phases: [.init("compute", .seconds(50)), .init("wait", .rounded(seconds: seconds - 50))],
      requests: [.init("object-store.put", 24), .init("object-store.get", 96)],
      bytes: [.init("object-store.in", 1_000_000)], coldStarts: 4, peakConcurrency: 5,
      events: 1234, jobs: jobs, bestJob: jobs.isEmpty ? nil : 1,
      curve: accuracy.map { accuracy in
        [
          .init(time: .zero, cost: .zero, step: 0, loss: 2.5, accuracy: 0.1),
          .init(time: .seconds(83), cost: bill.total, step: 12, loss: 0.5, accuracy: accuracy),
        ]
      } ?? [],
      assumptions: ["memory-store.get: a guess"], notes: ["3 samples are dropped"],
      compute: GradientPool(threads: 1, backend: .reference).record, savedGradients: 0)
  }

  /// Three jobs that differ in two settings, of which the first has failed.
  static let jobs = [("0.1", "16"), ("0.2", "16"), ("0.2", "32")].enumerated().map {
    number, values in
    RunResult.Job(
      parameters: [.init("training.rate", values.0), .init("training.batch-size", values.1)],
      failure: number == 0
        ? .init(kind: "throttled", worker: "worker 1", time: .seconds(2), message: "m") : nil,
      submission: .seconds(number), time: .seconds(9), accuracy: 0.25 * Double(number),
      loss: number == 0 ? .infinity : 0.5, updates: 4, samples: 100 * number)
  }

  /// What was consumed, for a bill: the sum over the tiers of an item.
  static func usage(of bill: Bill) -> [UsageMeter.Usage] {
    let meter = UsageMeter()
    for line in bill.lines { meter.add(line.quantity, service: line.service, item: line.item) }
    return meter.usage
  }

  static func record(_ result: RunResult, key: String = "k") -> RunRecord {
    RunRecord(result, key: key)
  }

  static let scenario = StoredScenario(
    name: "Sample", path: "/tmp/sample.yaml", text: "name: Sample\n",
    settings: ["--set=workers=4", "--portable"])
  static let environment = RunEnvironment(
    version: "0.1.0", isa: "x86-64", backend: "onednn", threads: 2,
    finishedAt: "2026-01-01T00:00:00Z",
    command: "nephoscope run sample.yaml --seed 7")

  /// Runs `body` with a directory of its own, which is removed afterwards.
  static func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "nephoscope-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
      do { try FileManager.default.removeItem(at: folder) } catch {
        print("left behind: \(folder.path)")
      }
    }
    return try body(folder.path)
  }

  @discardableResult
  static func save(_ record: RunRecord, in store: RunStore) throws -> Int64 {
    try store.save(record, scenario: scenario, environment: environment)
  }
}
