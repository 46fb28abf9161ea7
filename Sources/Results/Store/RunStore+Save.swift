import GRDB
public import Scenarios
import SimulationKernel

extension RunStore {
  /// Saves a finished run, in place of an earlier one with the same key.
  ///
  /// - Returns: The run's number in the store, which is that of the earlier one: another program
  ///   that made the same run at the same time may have told it.
  /// - Throws: `StoreError` where the file cannot be written; it is then as it was before.
  @discardableResult
  public func save(
    _ record: RunRecord, scenario: StoredScenario, environment: RunEnvironment,
    spans: SpanRecord? = nil
  ) throws -> Int64 {
    try access {
      try writer().write { database in
        let number = try Int64.fetchOne(
          database, sql: "DELETE FROM runs WHERE key = ? RETURNING id", arguments: [record.key])
        let scenarioID = try Self.insert(scenario, into: database)
        let id = try Self.insert(record, of: scenarioID, at: number, into: database)
        try Self.insert(environment, of: id, into: database)
        try Self.insertBill(of: record, id, into: database)
        try Self.insertDetails(of: record, id, into: database)
        if let spans { try Self.insert(spans, of: id, into: database) }
        return id
      }
    }
  }

  private static func insert(
    _ scenario: StoredScenario, into database: Database
  ) throws -> Int64 {
    let arguments: StatementArguments = [
      scenario.name, scenario.path, scenario.text, scenario.settings.joined(separator: "\n"),
    ]
    try database.execute(
      sql: "INSERT OR IGNORE INTO scenarios (name, path, text, settings) VALUES (?, ?, ?, ?)",
      arguments: arguments)
    let id = try Int64.fetchOne(
      database,
      sql: "SELECT id FROM scenarios WHERE name = ? AND path = ? AND text = ? AND settings = ?",
      arguments: arguments)
    guard let id else {
      throw DatabaseError(resultCode: .SQLITE_INTERNAL, message: "a scenario was not stored")
    }
    return id
  }

  private static func insert(
    _ run: RunRecord, of scenarioID: Int64, at number: Int64?, into database: Database
  ) throws -> Int64 {
    try insert(
      into: "runs",
      [
        "id": number, "key": run.key, "scenario_id": scenarioID, "framework": run.framework,
        "variant": run.variant, "replication": run.replication, "seed": String(run.seed),
        "digest": run.digest, "status": run.status, "failure_kind": run.failure?.kind,
        "failure_worker": run.failure?.worker, "failure_time_ns": run.failure?.nanoseconds,
        "failure_message": run.failure?.message, "accuracy": run.accuracy,
        "accuracy_low": run.accuracyRange?.lowerBound,
        "accuracy_high": run.accuracyRange?.upperBound, "f1": run.f1, "loss": run.loss,
        "updates": run.updates, "samples": run.samples, "time_ns": run.nanoseconds,
        "provisioning_ns": run.provisioningNanoseconds, "cost_pico_usd": run.picoUSD,
        "alternative_cost_pico_usd": run.alternativePicoUSD, "cold_starts": run.coldStarts,
        "peak_concurrency": run.peakConcurrency, "events": run.events, "best_job": run.bestJob,
      ], database)
    return database.lastInsertedRowID
  }

  private static func insert(
    _ environment: RunEnvironment, of id: Int64, into database: Database
  ) throws {
    try insert(
      into: "environment",
      [
        "run_id": id, "version": environment.version, "isa": environment.isa,
        "backend": environment.backend, "threads": environment.threads,
        "finished_at": environment.finishedAt, "command": environment.command,
      ], database)
  }

  private static func insertBill(
    of run: RunRecord, _ id: Int64, into database: Database
  ) throws {
    for (position, usage) in run.usage.enumerated() {
      try insert(
        into: "usage",
        [
          "run_id": id, "position": position, "service": usage.service, "item": usage.item,
          "quantity": usage.quantity,
        ], database)
    }
    for (position, line) in run.tieredBill.enumerated() {
      let place: [String: (any DatabaseValueConvertible)?] = [
        "run_id": id, "service": line.bill.service, "item": line.bill.item, "tier": line.tier,
      ]
      let price: [String: (any DatabaseValueConvertible)?] = [
        "from_quantity": line.from, "to_quantity": line.to, "unit": line.bill.unit,
        "base_unit": line.bill.baseUnit, "base_units_per_unit": line.bill.baseUnitsPerUnit,
        "pico_usd_per_unit": line.bill.picoUSDPerUnit,
      ]
      let amount: [String: (any DatabaseValueConvertible)?] = [
        "position": position, "quantity": line.bill.quantity, "pico_usd": line.bill.picoUSD,
      ]
      try insert(into: "prices", place.merging(price) { $1 }, database)
      try insert(into: "bill_lines", place.merging(amount) { $1 }, database)
    }
  }

  private static func insertDetails(
    of run: RunRecord, _ id: Int64, into database: Database
  ) throws {
    func insertList<Row>(
      _ table: String, _ rows: [Row], _ columns: (Row) -> [String: (any DatabaseValueConvertible)?]
    ) throws {
      for (position, row) in rows.enumerated() {
        let place: [String: (any DatabaseValueConvertible)?] = ["run_id": id, "position": position]
        try insert(into: table, place.merging(columns(row)) { $1 }, database)
      }
    }
    try insertList("parameters", run.parameters) { ["name": $0.name, "value": $0.value] }
    try insertList("faults", run.faults) { ["text": $0] }
    try insertList("remarks", run.assumptions) { ["kind": "assumption", "text": $0] }
    try insertList("remarks", run.notes) { ["kind": "note", "text": $0] }
    try insertList("phases", run.phases) { ["phase": $0.name, "time_ns": $0.value] }
    try insertList("requests", run.requests) { ["operation": $0.name, "count": $0.value] }
    try insertList("bytes", run.bytes) { ["direction": $0.name, "bytes": $0.value] }
    try insertList("jobs", run.jobs) { job in
      [
        "status": job.status, "failure_kind": job.failure?.kind,
        "failure_worker": job.failure?.worker, "failure_time_ns": job.failure?.nanoseconds,
        "failure_message": job.failure?.message, "submission_ns": job.submissionNanoseconds,
        "time_ns": job.nanoseconds, "accuracy": job.accuracy, "loss": job.loss,
        "updates": job.updates, "samples": job.samples,
      ]
    }
    let parameters = run.jobs.enumerated().flatMap { number, job in
      job.parameters.map { (job: number, parameter: $0) }
    }
    try insertList("job_parameters", parameters) { row in
      ["job": row.job, "name": row.parameter.name, "value": row.parameter.value]
    }
    try insertList("curve", run.curve) { point in
      [
        "step": point.step, "time_ns": point.nanoseconds, "cost_pico_usd": point.picoUSD,
        "loss": point.loss, "accuracy": point.accuracy,
      ]
    }
  }

  private static func insert(
    _ record: SpanRecord, of id: Int64, into database: Database
  ) throws {
    let name = try database.makeStatement(sql: "INSERT INTO span_names VALUES (?, ?, ?)")
    for (number, text) in record.names.enumerated() {
      try name.execute(arguments: [id, number, text])
    }
    let span = try database.makeStatement(sql: "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    for (position, value) in record.spans.enumerated() {
      try span.execute(arguments: [
        id, position, value.actor.index, value.operation.index, value.detail.index,
        value.start.nanoseconds, value.end.nanoseconds, value.bytes,
      ])
    }
  }

  private static func insert(
    into table: String, _ values: [String: (any DatabaseValueConvertible)?], _ database: Database
  ) throws {
    let columns = values.keys.sorted()
    let places = columns.map { ":" + $0 }.joined(separator: ", ")
    let statement = try database.cachedStatement(
      sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))")
    try statement.execute(arguments: StatementArguments(values))
  }
}

/// A line of the bill with the place of its price tier among those of its item.
struct TieredBillLine {
  let bill: RunRecord.BillLine
  let tier: Int
  /// Where the tier begins, in base units.
  let from: Int64
  /// Where the tier ends; nil for the last that was reached.
  let to: Int64?
}

extension RunRecord {
  /// The lines of the bill with their tiers: lines of one item follow one another in tier order.
  var tieredBill: [TieredBillLine] {
    bill.enumerated().map { index, line in
      let earlier = bill[..<index].filter { $0.isSameItem(as: line) }
      let isLast = !bill[(index + 1)...].contains { $0.isSameItem(as: line) }
      let from = earlier.map(\.quantity).reduce(0, +)
      return TieredBillLine(
        bill: line, tier: earlier.count, from: from, to: isLast ? nil : from + line.quantity)
    }
  }
}

extension RunRecord.BillLine {
  fileprivate func isSameItem(as other: RunRecord.BillLine) -> Bool {
    service == other.service && item == other.item
  }
}
