import Cloud
import Testing
import Training

@testable import Scenarios

/// A fault as a file tells it, and what it means.
struct ToldFault: Sendable, CustomTestStringConvertible {
  let text: String
  let kind: FaultSetting.Kind
  var testDescription: String { text }
}

private let faults: [ToldFault] = [
  .init(text: "crash: worker 2, at: 30 s", kind: .job(.crash(.worker(2), .at(.seconds(30))))),
  .init(text: "crash: worker 2, rate: 0.5/h", kind: .job(.crash(.worker(2), .rate(perHour: 0.5)))),
  .init(
    text: "crash: database 1, rate: 2 /min", kind: .job(.crash(.database(1), .rate(perHour: 120)))),
  .init(text: "crash: supervisor, at: 1 min", kind: .job(.crash(.supervisor, .at(.seconds(60))))),
  .init(text: "crash: master, at: 1 min", kind: .job(.crash(.master, .at(.seconds(60))))),
  .init(text: "slow: worker 3, factor: 4", kind: .job(.slow(worker: 3, factor: 4))),
  .init(
    text: "attack: sign-flip, workers: [1, 3]",
    kind: .job(.attack(.signFlip(factor: 10), workers: [1, 3]))),
  .init(
    text: "attack: gaussian, workers: [0], deviation: 7",
    kind: .job(.attack(.gaussian(deviation: 7), workers: [0]))),
  .init(
    text: "attack: scaled, workers: [0], factor: 100",
    kind: .job(.attack(.scaled(factor: 100), workers: [0]))),
  .init(text: "attack: label-flip, workers: [2]", kind: .job(.attack(.labelFlip, workers: [2]))),
  .init(
    text: "storm: object-store, at: 1 min, for: 30 s, throttled: 0.9",
    kind: .storm(
      operations: "object-store", start: .seconds(60), duration: .seconds(30), share: 0.9)),
  .init(
    text: "storm: object-store.get, at: 0 s, for: 1 s",
    kind: .storm(operations: "object-store.get", start: .zero, duration: .seconds(1), share: 1)),
  .init(
    text: "fail: object-store.get, share: 0.001",
    kind: .failure(operation: "object-store.get", share: 0.001)),
  .init(text: "lose: broker, share: 0.01", kind: .loss(service: "broker", share: 0.01)),
  .init(text: "duplicate: queue, share: 0.01", kind: .duplication(service: "queue", share: 0.01)),
]

private let wrong: [BadScenario] = [
  BadScenario(
    adding: "faults: [{ crash: worker 4, at: 3 s }]",
    "19: faults: there is no worker 4 among 4 (allowed: worker 0 to worker 3)"),
  BadScenario(
    adding: "faults: [{ crash: worker 1 }]",
    "10: faults: does not say when: give 'at' a time, or 'rate' a frequency"),
  BadScenario(
    adding: "faults: [{ crash: worker 1, at: 3 s, rate: 1/h }]",
    "38: faults[0]: 'at' and 'rate' exclude each other: give one of them"),
  BadScenario(
    adding: "faults: [{ crash: worker 1, rate: 1 s }]",
    "35: faults[0].rate: '1 s' is a duration: expected a frequency (/h, /min or /s)"),
  BadScenario(
    adding: "faults: [{ crash: superviser, at: 3 s }]",
    "19: faults[0].crash: 'superviser' names nobody (allowed: worker 0, worker 1, …, database 0, "
      + "database 1, …, supervisor, master); did you mean 'supervisor'?"),
  BadScenario(
    adding: "faults: [{ crash: worker 1, slow: worker 2 }]",
    "29: faults[0]: 'crash' and 'slow' are two: write a mapping for each"),
  BadScenario(
    adding: "faults: [{ slow: worker 1, factor: 1 }]",
    "36: faults[0].factor: 1 is out of range (allowed: greater than 1, at most 1000)"),
  BadScenario(
    adding: "faults: [{ slow: supervisor, factor: 2 }]",
    "18: faults[0].slow: 'supervisor' names nobody (allowed: worker 0, worker 1, …)"),
  BadScenario(
    adding: "faults: [{ crsh: worker 1, at: 3 s }]",
    "12: faults[0]: there is no fault in this mapping (allowed: crash, slow, attack, storm, fail, "
      + "lose, duplicate); did you mean 'crash'?"),
  BadScenario(
    adding: "faults: [{ crash: worker 1, att: 3 s }]",
    "29: faults[0]: there is no setting 'att' (allowed: crash, at, rate); did you mean 'at'?"),
  BadScenario(
    adding: "faults: [worker 1]",
    "10: faults[0]: expected a mapping that tells one fault, not 'worker 1'"),
  BadScenario(
    adding: "faults: [{ attack: sign-flip, workers: [4] }]",
    "41: faults: there is no worker 4 among 4"),
  BadScenario(
    adding: "faults: [{ attack: gaussian, workers: [1], factor: 3 }]",
    "52: faults: 'gaussian' has no factor (allowed: deviation)"),
  BadScenario(
    adding: "faults: [{ storm: object-stor, at: 0 s, for: 1 s }]",
    "19: faults[0].storm: there is no service or operation 'object-stor' (allowed: object-store, "),
  BadScenario(
    adding: "faults: [{ storm: queue, at: 0 s }]",
    "10: faults[0].for: is missing: How long it lasts."),
  BadScenario(
    adding: "faults: [{ lose: object-store, share: 0.1 }]",
    "18: faults[0].lose: there is no service 'object-store' (allowed: queue, queue-fifo, broker)"),
  BadScenario(
    adding: "faults: [{ fail: object-store.get, share: 10 }]",
    "43: faults[0].share: 10 is out of range (allowed: greater than 0, at most 1)"),
]

@Suite struct FaultSettingTests {
  @Test(arguments: faults)
  func `A fault is told in one mapping`(fault: ToldFault) throws {
    let scenario = try read(minimal + "faults: [{ \(fault.text) }]")
    #expect(scenario.faults.map(\.kind) == [fault.kind])
    // What is absent and has a default is told too.
    #expect(scenario.faults[0].text.hasPrefix(fault.text))
  }

  @Test(arguments: wrong)
  func `A fault that cannot be is reported at its place`(bad: BadScenario) {
    let found = issues(in: bad.text)
    #expect(found.contains { $0.hasPrefix(bad.report) }, "\(found)")
  }

  @Test func `What befalls services reaches the region's options`() throws {
    let all = faults.map { "{ \($0.text) }" }.joined(separator: ", ")
    var options = RegionOptions()
    for fault in try read(minimal + "faults: [\(all)]").faults { options.add(fault) }
    #expect(options.throttleStorms.map(\.operations) == ["object-store", "object-store.get"])
    #expect(options.throttleStorms.map(\.share) == [0.9, 1])
    #expect(options.failureRates == ["object-store.get": 0.001])
    #expect(options.lossRates == ["broker": 0.01])
    #expect(options.duplicateRates == ["queue": 0.01])
  }
}
