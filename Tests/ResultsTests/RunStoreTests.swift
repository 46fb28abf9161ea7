import Cloud
import Dispatch
import Foundation
import GRDB
import Scenarios
import Synchronization
import Testing

@testable import Results

@Suite("Run store") struct RunStoreTests {
  @Test("a run read back is the run that was saved, also by another connection")
  func roundTrip() throws {
    try Sample.withDirectory { folder in
      let path = folder + "/runs.sqlite"
      let failed = Sample.record(
        Sample.result(
          framework: "mlless",
          parameters: [.init("workers", "4"), .init("function.memory", "1 GB")],
          replication: 3, accuracy: .nan,
          failure: .init(kind: "out-of-memory", worker: "worker 2", time: .seconds(2), message: "x")
        ), key: "other")
      let completed = Sample.record(Sample.result(jobs: Sample.jobs))
      let store = try RunStore(path: path)
      #expect(!FileManager.default.fileExists(atPath: path))
      let ids = [
        try Sample.save(completed, in: store), try Sample.save(failed, in: store),
      ]
      let again = try RunStore(path: path)
      let runs = try again.allRuns()
      #expect(runs.map(\.id) == ids)
      #expect(runs.map(\.record) == [completed, failed])
      #expect(runs.allSatisfy { $0.scenario == Sample.scenario })
      #expect(runs.allSatisfy { $0.environment == Sample.environment })
      #expect(failed.accuracy == nil)
      let found = try again.runs(withKeys: ["other", "unknown"])
      #expect(found.keys.sorted() == ["other"])
    }
  }

  @Test("a run with the same key replaces the earlier one and all that belonged to it")
  func replacement() throws {
    try Sample.withDirectory { folder in
      let store = try RunStore(path: folder + "/runs.sqlite")
      try Sample.save(Sample.record(Sample.result(accuracy: 0.25)), in: store)
      try Sample.save(Sample.record(Sample.result(accuracy: 0.5)), in: store)
      #expect(try store.allRuns().map(\.record.accuracy) == [0.5])
      // Somebody may have been told its number.
      #expect(try store.run("1").record.accuracy == 0.5)
      let lines = try store.reader?.read { database in
        try Int.fetchOne(database, sql: "SELECT count(*) FROM bill_lines")
      }
      #expect(lines == Sample.bill.lines.count)
    }
  }

  @Test("a run is named by its number or by the beginning of its digest")
  func references() throws {
    try Sample.withDirectory { folder in
      let store = try RunStore(path: folder + "/runs.sqlite")
      #expect(throws: RunReferenceError.self) { try store.run("1") }
      for (key, digest) in [("a", "abcd11"), ("b", "abcd22"), ("c", "123456")] {
        try Sample.save(Sample.record(Sample.result(digest: digest), key: key), in: store)
      }
      #expect(try store.run("2").record.key == "b")
      #expect(try store.run("abcd1").record.key == "a")
      #expect(try store.run("ABCD2").record.key == "b")
      #expect(try store.run("1234").record.key == "c")
      let problems = ["abcd", "abc", "ffff", "99", "run one"].map { reference in
        #expect(throws: RunReferenceError.self) { try store.run(reference) }?.description ?? ""
      }
      #expect(problems[0].contains("shared by runs 1, 2"))
      #expect(problems[2].contains("no run in"))
    }
  }

  @Test("a directory, a text, a foreign database and a missing folder are refused and left alone")
  func refusals() throws {
    try Sample.withDirectory { folder in
      let text = folder + "/text.sqlite"
      try Data("this is not a database, but long enough to be read as one".utf8)
        .write(to: URL(fileURLWithPath: text))
      let foreign = folder + "/foreign.sqlite"
      let other = try DatabaseQueue(path: foreign)
      try other.write { try $0.execute(sql: "CREATE TABLE birds (name TEXT)") }
      try other.close()
      let before = [text, foreign].map { FileManager.default.contents(atPath: $0) }
      let expectations = [
        (folder, "is a directory"), (text, "is not a SQLite file"),
        (foreign, "SQLite file of something else"),
        (folder + "/none/runs.sqlite", "there is no directory"),
        ("/proc/runs.sqlite", "cannot be written"),
      ]
      for (path, message) in expectations {
        let error = #expect(throws: StoreError.self) { try RunStore(path: path) }
        #expect(error?.path == path)
        #expect(error?.message.contains(message) == true, "\(path): \(error?.message ?? "")")
      }
      #expect([text, foreign].map { FileManager.default.contents(atPath: $0) } == before)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(files.sorted() == ["foreign.sqlite", "text.sqlite"])
    }
  }

  @Test("many that make a store at the same time all find it made")
  func simultaneous() throws {
    for _ in 0..<10 {
      try Sample.withDirectory { folder in
        let path = folder + "/runs.sqlite"
        let problems = Mutex([String]())
        DispatchQueue.concurrentPerform(iterations: 8) { index in
          do {
            let store = try RunStore(path: path)
            try Sample.save(Sample.record(Sample.result(), key: "\(index)"), in: store)
          } catch {
            problems.withLock { $0.append("\(error)") }
          }
        }
        #expect(problems.withLock { $0 } == [])
        let runs = try RunStore(reading: path).allRuns()
        #expect(runs.count == 8)
      }
    }
  }

  @Test("a store opened to be read is not written")
  func reading() throws {
    try Sample.withDirectory { folder in
      let path = folder + "/runs.sqlite"
      #expect(throws: RunReferenceError.self) { try RunStore(reading: path).run("1") }
      try Sample.save(Sample.record(Sample.result()), in: RunStore(path: path))
      let store = try RunStore(reading: path)
      #expect(try store.run("1").record.key == "k")
      let other = Sample.record(Sample.result(), key: "other")
      #expect(throws: StoreError.self) { try Sample.save(other, in: store) }
    }
  }

  @Test("a store of a newer version is refused")
  func newer() throws {
    try Sample.withDirectory { folder in
      let path = folder + "/runs.sqlite"
      try Sample.save(Sample.record(Sample.result()), in: RunStore(path: path))
      let queue = try DatabaseQueue(path: path)
      try queue.write { database in
        try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: of tomorrow')")
      }
      try queue.close()
      let error = #expect(throws: StoreError.self) { try RunStore(path: path) }
      #expect(error?.message.contains("newer Nephoscope") == true)
    }
  }

  @Test("a damaged store is an error, not a crash")
  func damaged() throws {
    try Sample.withDirectory { folder in
      let path = folder + "/runs.sqlite"
      try Sample.save(Sample.record(Sample.result()), in: RunStore(path: path))
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      bytes.replaceSubrange(100..<min(bytes.count, 8192), with: repeatElement(0xA5, count: 8092))
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(throws: StoreError.self) { try RunStore(path: path).allRuns() }
    }
  }
}
