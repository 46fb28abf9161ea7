import GRDB
public import Scenarios
import SimulationKernel

extension RunStore {
  /// The stored runs among `keys`, by key.
  public func runs(withKeys keys: [String]) throws -> [String: StoredRun] {
    guard let reader else { return [:] }
    return try access {
      try reader.read { database in
        var found: [String: StoredRun] = [:]
        for key in keys {
          let row = try Row.fetchOne(
            database, sql: "SELECT * FROM runs WHERE key = ?", arguments: [key])
          if let row { found[key] = try Self.run(row, in: database) }
        }
        return found
      }
    }
  }

  /// The run that `reference` names: its number, or a prefix of its digest that no other shares.
  ///
  /// - Throws: `RunReferenceError` where it names none or several.
  public func run(_ reference: String) throws -> StoredRun {
    guard let reader else {
      throw RunReferenceError(description: "there is no run store at \(path)")
    }
    return try access { try reader.read { try find(reference, in: $0) } }
  }

  /// Every stored run, oldest first.
  public func allRuns() throws -> [StoredRun] {
    guard let reader else { return [] }
    return try access {
      try reader.read { database in
        try Row.fetchAll(database, sql: "SELECT * FROM runs ORDER BY id").map {
          try Self.run($0, in: database)
        }
      }
    }
  }

  /// The spans of a run; nil where they were not kept.
  public func spans(of id: Int64) throws -> SpanRecord? {
    guard let reader else { return nil }
    return try access {
      try reader.read { database in
        let texts = try String.fetchAll(
          database, sql: "SELECT text FROM span_names WHERE run_id = ? ORDER BY number",
          arguments: [id])
        if texts.isEmpty { return nil }
        let log = EventLog(.off)
        let names = texts.map(log.name)
        let rows = try Row.fetchAll(
          database, sql: "SELECT * FROM spans WHERE run_id = ? ORDER BY position", arguments: [id])
        return SpanRecord(names: texts, spans: rows.map { Self.span($0, names) })
      }
    }
  }

  private static func span(_ row: Row, _ names: [EventLog.Name]) -> EventLog.Span {
    EventLog.Span(
      actor: names[row["actor"]], operation: names[row["operation"]], detail: names[row["detail"]],
      start: Instant(nanoseconds: row["start_ns"]), end: Instant(nanoseconds: row["end_ns"]),
      bytes: row["bytes"])
  }

  private func find(_ reference: String, in database: Database) throws -> StoredRun {
    if let id = Int64(reference),
      let row = try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE id = ?", arguments: [id])
    {
      return try Self.run(row, in: database)
    }
    let prefix = reference.lowercased()
    guard prefix.count >= 4, prefix.allSatisfy(\.isHexDigit) else {
      throw RunReferenceError(
        description: "'\(reference)' is neither the number of a run in \(path) nor the beginning "
          + "of a digest (four digits or more)")
    }
    let rows = try Row.fetchAll(
      database, sql: "SELECT * FROM runs WHERE digest GLOB ? ORDER BY id",
      arguments: [prefix + "*"])
    guard let row = rows.first else {
      throw RunReferenceError(description: "no run in \(path) has a digest like \(prefix)...")
    }
    guard rows.count == 1 else {
      let ids = rows.map { String($0["id"] as Int64) }.joined(separator: ", ")
      throw RunReferenceError(description: "the digest \(prefix)... is shared by runs \(ids)")
    }
    return try Self.run(row, in: database)
  }

  private static func run(_ row: Row, in database: Database) throws -> StoredRun {
    let id: Int64 = row["id"]
    let scenario = try Row.fetchOne(
      database, sql: "SELECT * FROM scenarios WHERE id = ?", arguments: [row["scenario_id"]])
    let environment = try Row.fetchOne(
      database, sql: "SELECT * FROM environment WHERE run_id = ?", arguments: [id])
    guard let scenario, let environment else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "run \(id) is incomplete")
    }
    let settings: String = scenario["settings"]
    return StoredRun(
      id: id,
      record: try record(row, Details(of: id, in: database)),
      scenario: StoredScenario(
        name: scenario["name"], path: scenario["path"], text: scenario["text"],
        settings: settings.split(separator: "\n").map(String.init)),
      environment: RunEnvironment(
        version: environment["version"], isa: environment["isa"], backend: environment["backend"],
        threads: environment["threads"], finishedAt: environment["finished_at"],
        command: environment["command"]))
  }

  private static func record(_ row: Row, _ details: Details) throws -> RunRecord {
    let seedText: String = row["seed"]
    guard let seed = UInt64(seedText) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "'\(seedText)' is no seed")
    }
    return RunRecord(
      key: row["key"],
      framework: row["framework"],
      variant: row["variant"],
      parameters: try details.list("parameters") { .init($0["name"], $0["value"]) },
      replication: row["replication"],
      seed: seed,
      digest: row["digest"],
      faults: try details.list("faults") { $0["text"] },
      failure: RunRecord.Failure(row),
      accuracy: row["accuracy"],
      f1: row["f1"],
      accuracyRange: accuracyRange(row),
      loss: row["loss"],
      updates: row["updates"],
      samples: row["samples"],
      nanoseconds: row["time_ns"],
      provisioningNanoseconds: row["provisioning_ns"],
      picoUSD: row["cost_pico_usd"],
      alternativePicoUSD: row["alternative_cost_pico_usd"],
      bill: try details.bill(),
      usage: try details.usage(),
      phases: try details.list("phases") { .init($0["phase"], $0["time_ns"]) },
      requests: try details.list("requests") { .init($0["operation"], $0["count"]) },
      bytes: try details.list("bytes") { .init($0["direction"], $0["bytes"]) },
      coldStarts: row["cold_starts"],
      peakConcurrency: row["peak_concurrency"],
      events: row["events"],
      jobs: try details.jobs(),
      bestJob: row["best_job"],
      curve: try details.curve(),
      assumptions: try details.list("remarks", where: "kind = 'assumption'") { $0["text"] },
      notes: try details.list("remarks", where: "kind = 'note'") { $0["text"] })
  }

  private static func accuracyRange(_ row: Row) -> ClosedRange<Double>? {
    guard let low: Double = row["accuracy_low"], let high: Double = row["accuracy_high"] else {
      return nil
    }
    return low...high
  }
}

extension RunRecord.Failure {
  /// What ended the run or the job of a row; nil where it completed.
  fileprivate init?(_ row: Row) {
    guard let kind: String = row["failure_kind"] else { return nil }
    self.init(
      kind: kind, worker: row["failure_worker"], nanoseconds: row["failure_time_ns"] ?? 0,
      message: row["failure_message"] ?? "")
  }
}

/// The lists that belong to one stored run.
private struct Details {
  let id: Int64
  let database: Database

  init(of id: Int64, in database: Database) {
    self.id = id
    self.database = database
  }

  func list<Value>(
    _ table: String, where condition: String = "true", _ value: (Row) -> Value
  ) throws -> [Value] {
    try Row.fetchAll(
      database,
      sql: "SELECT * FROM \(table) WHERE run_id = ? AND \(condition) ORDER BY position",
      arguments: [id]
    ).map(value)
  }

  func usage() throws -> [RunRecord.Usage] {
    try list("usage") {
      RunRecord.Usage(
        service: $0["service"], item: $0["item"], quantity: $0["quantity"])
    }
  }

  func bill() throws -> [RunRecord.BillLine] {
    try list("bill_lines JOIN prices USING (run_id, service, item, tier)") {
      RunRecord.BillLine(
        service: $0["service"], item: $0["item"], quantity: $0["quantity"],
        baseUnit: $0["base_unit"], unit: $0["unit"],
        baseUnitsPerUnit: $0["base_units_per_unit"], picoUSDPerUnit: $0["pico_usd_per_unit"],
        picoUSD: $0["pico_usd"])
    }
  }

  func jobs() throws -> [RunRecord.Job] {
    let parameters: [(job: Int, parameter: RunRecord.Named<String>)] =
      try list("job_parameters") { ($0["job"], .init($0["name"], $0["value"])) }
    return try list("jobs") { row in
      let number: Int = row["position"]
      return RunRecord.Job(
        parameters: parameters.filter { $0.job == number }.map(\.parameter),
        failure: RunRecord.Failure(row), submissionNanoseconds: row["submission_ns"],
        nanoseconds: row["time_ns"], accuracy: row["accuracy"], loss: row["loss"],
        updates: row["updates"], samples: row["samples"])
    }
  }

  func curve() throws -> [RunRecord.CurvePoint] {
    try list("curve") {
      RunRecord.CurvePoint(
        nanoseconds: $0["time_ns"], picoUSD: $0["cost_pico_usd"], step: $0["step"],
        loss: $0["loss"], accuracy: $0["accuracy"])
    }
  }
}
