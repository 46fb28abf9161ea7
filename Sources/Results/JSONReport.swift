/// The document that `nephoscope run --json` prints.
///
/// Keys come in a fixed order; money and billed quantities are exact decimal strings. The
/// document is described in `docs/json.md`.
public struct JSONReport: Sendable {
  /// The version of the document's layout: it grows when a reader of the old one would be misled.
  public static let schema = 1

  /// What was run.
  public let scenario: String
  /// The runs, in the order of the plan.
  public let runs: [RunRecord]

  /// A document of `runs`.
  public init(scenario: String, runs: [RunRecord]) {
    self.scenario = scenario
    self.runs = runs
  }

  /// The document's text, ending in a new line.
  public var text: String {
    JSON.object([
      ("schema", .integer(Self.schema)),
      ("scenario", .string(scenario)),
      ("runs", .array(runs.map(\.json))),
      ("summary", .array(RunGroup.groups(of: runs).flatMap(\.json))),
    ]).pretty(width: 140) + "\n"
  }
}

extension RunRecord {
  fileprivate var json: JSON {
    .object(
      identity + outcome + [
        ("bill", .array(bill.map(\.json))),
        ("phases", .object(phases.map { ($0.name, .number(Decimals.seconds($0.value))) })),
        ("requests", .object(requests.map { ($0.name, .integer($0.value)) })),
        ("bytes", .object(bytes.map { ($0.name, .integer($0.value)) })),
        ("cold_starts", .integer(coldStarts)),
        ("peak_concurrency", .integer(peakConcurrency)),
        ("events", .integer(events)),
        ("best_job", bestJob.map { JSON.integer($0) } ?? .null),
        ("jobs", .array(jobs.map(\.json))),
        ("curve", .array(curve.map(\.json))),
        ("assumptions", .array(assumptions.map(JSON.string))),
        ("notes", .array(notes.map(JSON.string))),
      ])
  }

  private var identity: [(String, JSON)] {
    [
      ("framework", .string(framework)),
      ("variant", .string(variant)),
      ("parameters", parameters.json),
      ("replication", .integer(replication)),
      ("seed", .integer(seed)),
      ("digest", .string(digest)),
    ]
  }

  private var outcome: [(String, JSON)] {
    let range = accuracyRange.map { JSON.array([.real($0.lowerBound), .real($0.upperBound)]) }
    return [
      ("faults", .array(faults.map(JSON.string))),
      ("status", .string(status)),
      ("failure", failure?.json ?? .null),
      ("accuracy", .real(accuracy)),
      ("accuracy_range", range ?? .null),
      ("f1", .real(f1)),
      ("loss", .real(loss)),
      ("updates", .integer(updates)),
      ("samples", .integer(samples)),
      ("time_seconds", .number(Decimals.seconds(nanoseconds))),
      ("provisioning_seconds", .number(Decimals.seconds(provisioningNanoseconds))),
      ("cost_usd", .string(Decimals.usd(picoUSD))),
      ("alternative_cost_usd", .string(Decimals.usd(alternativePicoUSD))),
    ]
  }
}

extension RunRecord.Failure {
  fileprivate var json: JSON {
    .object([
      ("kind", .string(kind)),
      ("worker", .text(worker)),
      ("time_seconds", .number(Decimals.seconds(nanoseconds))),
      ("message", .string(message)),
    ])
  }
}

extension RunRecord.Job {
  fileprivate var json: JSON {
    .object([
      ("parameters", parameters.json),
      ("status", .string(status)),
      ("failure", failure?.json ?? .null),
      ("accuracy", .real(accuracy)),
      ("loss", .real(loss)),
      ("updates", .integer(updates)),
      ("samples", .integer(samples)),
      ("submission_seconds", .number(Decimals.seconds(submissionNanoseconds))),
      ("time_seconds", .number(Decimals.seconds(nanoseconds))),
    ])
  }
}

extension RunRecord.BillLine {
  fileprivate var json: JSON {
    let exact = exactQuantity
    return .object([
      ("service", .string(service)),
      ("item", .string(item)),
      ("quantity", .string(exact.text)),
      ("unit", .string(exact.unit)),
      ("usd", .string(Decimals.usd(picoUSD))),
    ])
  }
}

extension RunRecord.CurvePoint {
  fileprivate var json: JSON {
    .object([
      ("time_seconds", .number(Decimals.seconds(nanoseconds))),
      ("cost_usd", .string(Decimals.usd(picoUSD))),
      ("step", .integer(step)),
      ("loss", .real(loss)),
      ("accuracy", .real(accuracy)),
    ])
  }
}

extension [RunRecord.Named<String>] {
  fileprivate var json: JSON { .object(map { ($0.name, .string($0.value)) }) }
}

extension RunGroup {
  /// One entry per metric; the mean of exact numbers is an estimate, and so a plain number.
  fileprivate var json: [JSON] {
    Metric.allCases.compactMap { metric in
      guard let statistic = statistic(of: metric) else { return nil }
      return .object([
        ("framework", .string(framework)),
        ("variant", .string(variant)),
        ("parameters", parameters.json),
        ("metric", .string(metric.rawValue)),
        ("n", .integer(statistic.count)),
        ("mean", .real(statistic.mean)),
        ("low95", .real(statistic.interval?.lowerBound)),
        ("high95", .real(statistic.interval?.upperBound)),
      ])
    }
  }
}
