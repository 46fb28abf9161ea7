import Foundation
import GRDB
import Synchronization

/// Finished runs in one SQLite file.
///
/// A run is written in one transaction when it ends, so that a killed program loses nothing that
/// was finished and leaves nothing half written. The file is made when its first run is saved.
public final class RunStore: Sendable {
  /// The store's path, as it was given.
  public let path: String
  /// Nil until the file exists.
  let database: Mutex<DatabaseQueue?>
  private let isForReading: Bool
  /// How long to wait for others who use the file.
  private static let patience = Duration.seconds(30)

  /// Opens the store at `path`, or prepares to make it there.
  ///
  /// - Throws: `StoreError` where the path cannot hold a store, or holds something else.
  public init(path: String) throws {
    self.path = path
    isForReading = false
    let location = StoreLocation(path: path)
    let existing = try location.holdsStore() ? try Self.connect(to: path) : nil
    database = Mutex(existing)
  }

  /// Opens the store at `path` to read it.
  ///
  /// That needs no right to write it and waits for nobody who does, unless the store is of an
  /// earlier version, which gets what it lacks.
  ///
  /// - Throws: `StoreError` where the path holds something else.
  public init(reading path: String) throws {
    self.path = path
    isForReading = true
    let location = StoreLocation(path: path)
    guard FileManager.default.fileExists(atPath: path), try location.holdsStore() else {
      database = Mutex(nil)
      return
    }
    do {
      // Only who may write takes away the files that SQLite makes to read in WAL mode.
      var configuration = Configuration.reading
      configuration.readonly = !location.isWritable
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let isComplete = try queue.read(Schema.migrator.hasCompletedMigrations)
      database = Mutex(isComplete ? queue : try Self.connect(to: path))
    } catch let error as DatabaseError {
      throw location.error(error)
    }
  }

  /// The connection for reading; nil where nothing has been stored yet.
  var reader: DatabaseQueue? { database.withLock { $0 } }

  /// The connection for writing; makes the file where it does not exist.
  func writer() throws -> DatabaseQueue {
    if isForReading { throw StoreError(path: path, message: "was opened only to be read") }
    return try database.withLock { current in
      if let current { return current }
      let made = try Self.connect(to: path)
      current = made
      return made
    }
  }

  /// Runs `body` and words what SQLite says about the file as a `StoreError`.
  func access<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError {
      throw StoreLocation(path: path).error(error)
    }
  }

  /// Opens the file, or makes it, and brings it up to date.
  ///
  /// SQLite waits for others who write, but not for those who have just opened a new file when it
  /// is to get its journal: that is tried again.
  private static func connect(to path: String) throws -> DatabaseQueue {
    let start = ContinuousClock.now
    while true {
      do { return try open(path) } catch let error as DatabaseError {
        guard error.resultCode == .SQLITE_BUSY, start.duration(to: .now) < patience else {
          throw StoreLocation(path: path).error(error)
        }
        usleep(10_000)
      }
    }
  }

  private static func open(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience / .seconds(1))
    configuration.journalMode = .wal
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try migrate(queue)
    // Whether the file can be written shows only when a write begins.
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "BEGIN IMMEDIATE; ROLLBACK")
    }
    return queue
  }

  /// Brings the store up to date.
  ///
  /// Another process may do so at the same time. Each step is one transaction: where the other was
  /// first, ours is undone, and what is then left is tried again.
  private static func migrate(_ queue: DatabaseQueue) throws {
    var done = try queue.read(Schema.applied)
    while true {
      do {
        return try Schema.migrator.migrate(queue)
      } catch let error as DatabaseError {
        let before = done
        done = try queue.read(Schema.applied)
        if done == before { throw error }
      }
    }
  }
}

extension Configuration {
  /// That of a connection which only reads.
  fileprivate static var reading: Configuration {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(30)
    return configuration
  }
}

/// A path that is to hold a run store, looked at without changing anything there.
struct StoreLocation {
  let path: String

  /// The directory that the path leads to.
  private var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

  /// Whether the file can be written, and others beside it.
  var isWritable: Bool {
    [path, folder].allSatisfy(FileManager.default.isWritableFile)
  }

  /// Whether a run store of this version lies there; false where a new one can be made.
  func holdsStore() throws -> Bool {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      if isDirectory.boolValue { throw error("is a directory; name a file for the run store") }
      return try inspect()
    }
    try requireRoomForNewFile()
    return false
  }

  /// Says in the store's terms what SQLite reported.
  func error(_ error: DatabaseError) -> StoreError {
    switch error.resultCode {
    case .SQLITE_NOTADB: self.error("is not a SQLite file; name another file for the run store")
    case .SQLITE_CORRUPT: self.error("is damaged (\(error.message ?? "SQLITE_CORRUPT"))")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN: self.error(accessProblem(error))
    case .SQLITE_FULL: self.error("cannot grow: the disk is full")
    case .SQLITE_BUSY: self.error("is locked by another program")
    default: self.error(error.message ?? error.description)
    }
  }

  private func error(_ message: String) -> StoreError { StoreError(path: path, message: message) }

  /// Why a file cannot be opened or written: SQLite makes files beside one in WAL mode to read it.
  private func accessProblem(_ error: DatabaseError) -> String {
    let files = FileManager.default
    if files.isReadableFile(atPath: path), !files.isWritableFile(atPath: folder) {
      return "cannot be used where it is: SQLite makes files beside a store even to read it, and "
        + "\(folder) cannot be written; copy the store to another directory"
    }
    return error.resultCode == .SQLITE_READONLY ? "cannot be written" : "cannot be opened"
  }

  private func inspect() throws -> Bool {
    do {
      let queue = try DatabaseQueue(path: path, configuration: .reading)
      return try queue.read { database in
        let id = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        // Another process may be making the store, of whose tables this one is the first.
        let tables =
          try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") ?? 0
        if id == 0, tables == 0 { return false }
        guard id == Schema.applicationID else {
          throw error("is a SQLite file of something else; name another file for the run store")
        }
        guard try !Schema.migrator.hasBeenSuperseded(database) else {
          throw error("was written by a newer Nephoscope; update this one or name another file")
        }
        return true
      }
    } catch let error as DatabaseError {
      throw self.error(error)
    }
  }

  private func requireRoomForNewFile() throws {
    guard FileManager.default.fileExists(atPath: folder) else {
      throw error("cannot be made: there is no directory \(folder)")
    }
    let probe = folder + "/.nephoscope-\(UUID().uuidString)"
    guard FileManager.default.createFile(atPath: probe, contents: nil) else {
      throw error("cannot be made: \(folder) cannot be written")
    }
    try FileManager.default.removeItem(atPath: probe)
  }
}
