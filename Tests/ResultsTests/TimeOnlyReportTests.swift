import Foundation
import GRDB
import Scenarios
import Testing

@testable import Results

/// A run of time and cost alone has no accuracy, and nothing is made up in its place.
@Suite("Reports of time-only runs") struct TimeOnlyReportTests {
  private let run = Sample.record(Sample.result(accuracy: nil))

  private func stored(_ run: RunRecord) -> StoredRun {
    StoredRun(id: 1, record: run, scenario: Sample.scenario, environment: Sample.environment)
  }

  @Test("JSON says null and an empty curve, and the summary has no such metric")
  func json() throws {
    let text = JSONReport(scenario: "Sample", runs: [run]).text
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let told = try #require((document["runs"] as? [[String: Any]])?.first)
    for key in ["accuracy", "accuracy_range", "f1", "loss"] { #expect(told[key] is NSNull) }
    #expect((told["curve"] as? [Any])?.isEmpty == true)
    let summary = try #require(document["summary"] as? [[String: Any]])
    #expect(summary.map { $0["metric"] as? String } == ["time_seconds", "cost_usd"])
  }

  @Test("tables have no rows of accuracy, or a dash beside runs that learn")
  func tables() {
    let learned = Sample.record(Sample.result(framework: "mlless"))
    let alone = Comparison(RunGroup.groups(of: [run])).sections[0].rows
    #expect(alone.map(\.label).first == "virtual time")
    let both = Comparison(RunGroup.groups(of: [run, learned])).sections[0].rows
    #expect(both[0].label == "accuracy" && both[0].cells == ["-", "81.25 %"])
    #expect(both[0].best.isEmpty)
    let text = ConsoleReport(
      scenario: "Sample", runs: [stored(run), stored(Sample.record(Sample.result(accuracy: nil)))],
      storePath: "s", command: "c", alternative: "a", style: Style(isColoured: false)
    ).text
    #expect(!text.contains("most accurate") && !text.contains("nan"))
  }

  @Test("a page has bars and no curves, and a table of the curve is its header")
  func pages() {
    let page = HTMLReport([stored(run)]).text
    #expect(page.contains("<rect") && !page.contains("<polyline"))
    #expect(CSVExport.curve(run) == "time_s,cost_usd,step,loss,accuracy\r\n")
  }

  @Test("the store keeps what there is, and faults in their order")
  func store() throws {
    try Sample.withDirectory { folder in
      var faulty = run
      faulty.faults = ["crash: worker 1, at: 30 s", "lose: broker, share: 0.01"]
      try Sample.save(faulty, in: try RunStore(path: folder + "/runs.sqlite"))
      #expect(try RunStore(path: folder + "/runs.sqlite").allRuns().map(\.record) == [faulty])
    }
  }

  @Test("a store of the version before is brought up to date and keeps its runs")
  func migration() throws {
    try Sample.withDirectory { folder in
      let path = folder + "/runs.sqlite"
      let queue = try DatabaseQueue(path: path)
      try Schema.migrator.migrate(queue, upTo: "2: F1 scores and threads")
      try queue.write { try $0.execute(sql: "INSERT INTO scenarios VALUES (1, 'n', 'p', 't', '')") }
      try queue.close()
      let store = try RunStore(path: path)
      try Sample.save(run, in: store)
      #expect(try store.allRuns().map(\.record) == [run])
      let names = try store.reader?.read {
        try String.fetchAll($0, sql: "SELECT name FROM scenarios ORDER BY id")
      }
      #expect(names == ["n", "Sample"])
    }
  }
}
