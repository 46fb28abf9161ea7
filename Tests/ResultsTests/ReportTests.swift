import Cloud
import Foundation
import Scenarios
import SimulationKernel
import Testing

@testable import Results

@Suite("Reports") struct ReportTests {
  private let runs: [RunRecord] = [
    Sample.record(Sample.result(parameters: [.init("workers", "4")], replication: 0)),
    Sample.record(
      Sample.result(parameters: [.init("workers", "4")], replication: 1, accuracy: 0.75)),
    Sample.record(
      Sample.result(
        framework: "all-reduce", parameters: [.init("workers", "4")], accuracy: .nan,
        failure: .init(
          kind: "out-of-memory", worker: "worker 2", time: .milliseconds(2500),
          message: "needs \"600 MB\" of 512 MB"))),
  ]

  @Test("the JSON document has its keys in order, exact money and null where there is nothing")
  func json() throws {
    let text = JSONReport(scenario: "Sample", runs: runs).text
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(document["schema"] as? Int == 1)
    let stored = try #require(document["runs"] as? [[String: Any]])
    #expect(stored.count == 3)
    #expect(stored[0]["cost_usd"] as? String == Decimals.usd(runs[0].picoUSD))
    #expect(stored[0]["parameters"] as? [String: String] == ["workers": "4"])
    #expect(stored[0]["failure"] is NSNull)
    #expect(stored[2]["accuracy"] is NSNull)
    let failure = try #require(stored[2]["failure"] as? [String: Any])
    #expect(failure["time_seconds"] as? Double == 2.5)
    #expect(failure["message"] as? String == "needs \"600 MB\" of 512 MB")
    let bill = try #require(stored[0]["bill"] as? [[String: String]])
    #expect(bill[0].keys.sorted() == ["item", "quantity", "service", "unit", "usd"])
    let order = ["\"schema\"", "\"scenario\"", "\"framework\"", "\"digest\"", "\"summary\""]
    let places = order.compactMap { text.range(of: $0)?.lowerBound }
    #expect(places.count == order.count && places == places.sorted())
  }

  @Test("the summary has n, mean and interval per framework, parameters and metric")
  func summary() throws {
    let text = JSONReport(scenario: "Sample", runs: runs).text
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let summary = try #require(document["summary"] as? [[String: Any]])
    #expect(
      summary.map { $0["metric"] as? String } == ["accuracy", "loss", "time_seconds", "cost_usd"])
    #expect(summary[0]["n"] as? Int == 2)
    #expect(summary[0]["mean"] as? Double == 0.78125)
    // The standard error of 0.8125 and 0.75 is 0.03125; t(0.975, 1) = 12.7062.
    let high = try #require(summary[0]["high95"] as? Double)
    #expect(abs(high - (0.78125 + 12.7062 * 0.03125)) < 1e-5)
    let single = JSONReport(scenario: "Sample", runs: [runs[0]]).text
    #expect(single.contains("\"low95\": null"))
  }

  private func report(coloured: Bool) -> String {
    let stored = runs.enumerated().map { index, run in
      StoredRun(
        id: Int64(index + 1), record: run, scenario: Sample.scenario,
        environment: Sample.environment)
    }
    return ConsoleReport(
      scenario: "Sample", runs: stored, storePath: "runs.sqlite",
      command: "nephoscope run sample.yaml", alternative: "cost if servers are shared",
      style: Style(isColoured: coloured)
    ).text
  }

  @Test("the table fits into 100 columns and says what failed and how to run it again")
  func console() {
    let text = report(coloured: false)
    let longest = text.split(separator: "\n").map(\.count).max() ?? 0
    #expect(longest <= 100)
    #expect(!text.contains("\u{1B}"))
    #expect(
      text.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "failed after 2.5 s; the others ran on until 83.2 s, which cost"))
    for part in [
      "spirt", "all-reduce", "function compute", "object-store.get", "out-of-memory", "± ",
      "memory-store.get: a guess", "3 samples are dropped", "runs.sqlite",
      "nephoscope run sample.yaml", String(runs[0].digest.prefix(16)),
    ] {
      #expect(text.contains(part), "\(part) is missing")
    }
  }

  @Test("what a run has none of counts as zero in the mean of its group")
  func absentItems() {
    let few = Sample.record(
      Sample.result(replication: 1, bill: Bill(lines: [Sample.bill.lines[0]])))
    let groups = RunGroup.groups(of: [Sample.record(Sample.result()), few])
    let bill = Comparison(groups).sections.first { $0.title == "Bill, USD" }
    // 61 s of 0.096 USD an hour are 0.001627 USD; the second run has none of them.
    let row = bill?.rows.first { $0.label == "virtual-machine m5.large" }
    #expect(row?.cells == ["0.000813"])
  }

  @Test("colour is the only difference that colour makes")
  func colour() {
    let coloured = report(coloured: true)
    #expect(coloured.contains("\u{1B}["))
    #expect(coloured.replacing(/\u{1B}\[\d+m/, with: "") == report(coloured: false))
  }

  @Test("the HTML report needs nothing from elsewhere and escapes what it quotes")
  func html() {
    let stored = StoredRun(
      id: 1, record: runs[2], scenario: Sample.scenario, environment: Sample.environment)
    let first = StoredRun(
      id: 2, record: runs[0], scenario: Sample.scenario, environment: Sample.environment)
    let text = HTMLReport([stored, first]).text
    #expect(!text.contains("http") && !text.contains("<script"))
    #expect(text.contains("<polyline") && text.contains("<rect"))
    #expect(text.contains("needs &quot;600 MB&quot; of 512 MB"))
    #expect(text.contains("failed after 2.5 s; the others ran on until 83.2 s, which cost"))
    #expect(text.contains("memory-store.get: a guess"))
    #expect(
      text.components(separatedBy: "<svg").count == text.components(separatedBy: "</svg>").count)
  }
}
