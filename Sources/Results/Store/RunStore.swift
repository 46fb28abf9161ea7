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

  /// Opens the store at `path`, or prepares to make it there.
  ///
  /// - Throws: `StoreError` where the path cannot hold a store, or holds something else.
  public init(path: String) throws {
    self.path = path
    let location = StoreLocation(path: path)
    let existing = try location.holdsStore() ? try Self.connect(to: path) : nil
    database = Mutex(existing)
  }

  /// The connection for reading; nil where nothing has been stored yet.
  var reader: DatabaseQueue? { database.withLock { $0 } }

  /// The connection for writing; makes the file where it does not exist.
  func writer() throws -> DatabaseQueue {
    try database.withLock { current in
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

  private static func connect(to path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    configuration.journalMode = .wal
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try Schema.migrator.migrate(queue)
      // Whether the file can be written shows only when a write begins.
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "BEGIN IMMEDIATE; ROLLBACK")
      }
      return queue
    } catch let error as DatabaseError {
      throw StoreLocation(path: path).error(error)
    }
  }
}

/// A path that is to hold a run store, looked at without changing anything there.
struct StoreLocation {
  let path: String

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
    case .SQLITE_READONLY: self.error("cannot be written")
    case .SQLITE_CANTOPEN: self.error("cannot be opened")
    case .SQLITE_FULL: self.error("cannot grow: the disk is full")
    case .SQLITE_BUSY: self.error("is locked by another program")
    default: self.error(error.message ?? error.description)
    }
  }

  private func error(_ message: String) -> StoreError { StoreError(path: path, message: message) }

  private func inspect() throws -> Bool {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(30)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      return try queue.read { database in
        let id = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
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
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
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
