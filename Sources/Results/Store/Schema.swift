import GRDB

/// The tables of the run store; described in `docs/run-store.md`.
enum Schema {
  /// `NEPH`: marks a SQLite file as a run store.
  static let applicationID = 0x4E45_5048

  /// The migrations, oldest first.
  ///
  /// A released migration is never changed.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: runs and what they consumed") { database in
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: runs)
      try database.execute(sql: details)
      try database.execute(sql: spans)
      try database.execute(sql: recomputedBill)
    }
    migrator.registerMigration("2: F1 scores and threads") { database in
      try database.execute(
        sql: """
          ALTER TABLE runs ADD COLUMN f1 REAL;
          ALTER TABLE environment ADD COLUMN threads INTEGER;
          """)
    }
    migrator.registerMigration("3: faults") { database in
      try database.execute(
        sql: """
          CREATE TABLE faults (
            run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (run_id, position)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("4: jobs of a pipeline") { database in
      try database.execute(sql: jobs)
    }
    return migrator
  }

  /// The migrations that a store has been through.
  ///
  /// GRDB reads its table first and looks whether there is one afterwards, when another process may
  /// just have made it.
  static func applied(_ database: Database) throws -> Set<String> {
    guard try database.tableExists("grdb_migrations") else { return [] }
    return try migrator.appliedIdentifiers(database)
  }

  private static let runs = """
    CREATE TABLE scenarios (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      path TEXT NOT NULL,
      text TEXT NOT NULL,
      settings TEXT NOT NULL,
      UNIQUE (path, text, settings)
    ) STRICT;
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL UNIQUE,
      scenario_id INTEGER NOT NULL REFERENCES scenarios (id),
      framework TEXT NOT NULL,
      variant TEXT NOT NULL,
      replication INTEGER NOT NULL,
      seed TEXT NOT NULL,
      digest TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('completed', 'failed')),
      failure_kind TEXT,
      failure_worker TEXT,
      failure_time_ns INTEGER,
      failure_message TEXT,
      accuracy REAL,
      accuracy_low REAL,
      accuracy_high REAL,
      loss REAL,
      updates INTEGER NOT NULL,
      samples INTEGER NOT NULL,
      time_ns INTEGER NOT NULL,
      provisioning_ns INTEGER NOT NULL,
      cost_pico_usd INTEGER NOT NULL,
      alternative_cost_pico_usd INTEGER NOT NULL,
      cold_starts INTEGER NOT NULL,
      peak_concurrency INTEGER NOT NULL,
      events INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_digest ON runs (digest);
    CREATE TABLE environment (
      run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
      version TEXT NOT NULL,
      isa TEXT NOT NULL,
      backend TEXT NOT NULL,
      finished_at TEXT NOT NULL,
      command TEXT NOT NULL
    ) STRICT;
    CREATE TABLE parameters (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE remarks (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('assumption', 'note')),
      position INTEGER NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (run_id, kind, position)
    ) STRICT, WITHOUT ROWID;
    """

  private static let details = """
    CREATE TABLE usage (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      service TEXT NOT NULL,
      item TEXT NOT NULL,
      quantity INTEGER NOT NULL,
      PRIMARY KEY (run_id, position),
      UNIQUE (run_id, service, item)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE prices (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      service TEXT NOT NULL,
      item TEXT NOT NULL,
      tier INTEGER NOT NULL,
      from_quantity INTEGER NOT NULL,
      to_quantity INTEGER,
      unit TEXT NOT NULL,
      base_unit TEXT NOT NULL,
      base_units_per_unit INTEGER NOT NULL,
      pico_usd_per_unit INTEGER NOT NULL,
      PRIMARY KEY (run_id, service, item, tier)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE bill_lines (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      service TEXT NOT NULL,
      item TEXT NOT NULL,
      tier INTEGER NOT NULL,
      quantity INTEGER NOT NULL,
      pico_usd INTEGER NOT NULL,
      PRIMARY KEY (run_id, position),
      UNIQUE (run_id, service, item, tier)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE phases (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      phase TEXT NOT NULL,
      time_ns INTEGER NOT NULL,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE requests (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      operation TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE bytes (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      direction TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE curve (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      step INTEGER NOT NULL,
      time_ns INTEGER NOT NULL,
      cost_pico_usd INTEGER NOT NULL,
      loss REAL,
      accuracy REAL,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    """

  private static let jobs = """
    ALTER TABLE runs ADD COLUMN best_job INTEGER;
    CREATE TABLE jobs (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('completed', 'failed')),
      failure_kind TEXT,
      failure_worker TEXT,
      failure_time_ns INTEGER,
      failure_message TEXT,
      submission_ns INTEGER NOT NULL,
      time_ns INTEGER NOT NULL,
      accuracy REAL,
      loss REAL,
      updates INTEGER NOT NULL,
      samples INTEGER NOT NULL,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE job_parameters (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      job INTEGER NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (run_id, position),
      FOREIGN KEY (run_id, job) REFERENCES jobs (run_id, position)
    ) STRICT, WITHOUT ROWID;
    """

  private static let spans = """
    CREATE TABLE span_names (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (run_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE spans (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      actor INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      detail INTEGER NOT NULL,
      start_ns INTEGER NOT NULL,
      end_ns INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    """

  /// Usage times prices, in exact integers.
  ///
  /// `quantity * price` may pass 2^63, so whole units are priced apart from the rest; base units
  /// are chosen so that a rest times any price fits. A half is rounded to the even neighbour, once
  /// per line.
  private static let recomputedBill = """
    CREATE VIEW recomputed_bill AS
    WITH consumption AS (
      SELECT run_id, service, item, tier, base_units_per_unit AS per, pico_usd_per_unit AS price,
        min(quantity, coalesce(to_quantity, quantity)) - from_quantity AS quantity
      FROM usage JOIN prices USING (run_id, service, item)
      WHERE quantity > from_quantity
    ),
    division AS (
      SELECT run_id, service, item, tier, quantity, per,
        quantity / per * price + quantity % per * price / per AS quotient,
        quantity % per * price % per AS remainder
      FROM consumption
    )
    SELECT run_id, service, item, tier, quantity,
      quotient + (2 * remainder > per OR (2 * remainder = per AND quotient % 2 = 1)) AS pico_usd
    FROM division;
    """
}
