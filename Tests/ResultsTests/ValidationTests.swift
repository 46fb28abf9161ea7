import Foundation
import Scenarios
import SimulationKernel
import Testing

@testable import Results

@Suite("Published measurements beside predictions") struct ValidationTests {
  /// All-reduce with two and with four workers, published of which is one point.
  private func scenario(_ point: String, obtained: String = "text") throws -> Scenario {
    try ScenarioReader(vocabulary: .program).read(
      text: """
        frameworks: [all-reduce]
        training: { model: lenet5, dataset: fashion-mnist }
        sweep: { workers: [2, 4] }
        published: [{ source: "A paper, table 1", obtained: \(obtained), points: [\(point)] }]
        """, file: "sample.yaml")
  }

  /// A run of 83.25 s: 50 s of computing, the rest of waiting.
  private func run(
    workers: Int = 2, seconds: Double = 83.25, replication: Int = 0, failure: String? = nil
  ) -> RunRecord {
    Sample.record(
      Sample.result(
        framework: "all-reduce", parameters: [.init("workers", "\(workers)")],
        replication: replication, seconds: seconds,
        failure: failure.map {
          .init(kind: $0, worker: nil, time: .seconds(1), message: "gone")
        }))
  }

  private func point(_ text: String, beside runs: [RunRecord]) throws -> Validation.Point {
    let validation = Validation().adding(try scenario(text), runs: runs)
    return try #require(validation.points.first)
  }

  @Test("errors are told by their size: median, mean, and how many are within a limit")
  func errors() throws {
    // By size 0.05, 0.1, 0.2, 0.6: the middle two have the mean 0.15, all of them 0.2375.
    let errors = try #require(PredictionErrors(of: [0.6, -0.1, 0.05, -0.2]))
    #expect(errors.count == 4)
    #expect(abs(errors.median - 0.15) < 1e-12 && abs(errors.mean - 0.2375) < 1e-12)
    #expect(errors.within.map(\.percent) == [10, 25, 50])
    #expect(errors.within.map(\.count) == [2, 3, 3])
    let odd = try #require(PredictionErrors(of: [-3, 1.1 / 1.0 - 1, 0]))
    #expect(abs(odd.median - 0.1) < 1e-12 && odd.within[0].count == 2)
    #expect(PredictionErrors(of: []) == nil)
  }

  @Test(
    "a prediction is what the runs report, in the published unit",
    arguments: [
      ("time: 100 s", -0.1675), ("provisioning: 50 s", -0.2), ("total-time: 61.625 s", 1),
      // 12 updates in 83.25 s, and 33.25 s of waiting.
      ("update-rate: 0.072 /s", 12 / 83.25 / 0.072 - 1),
      ("phase-time: 100 s, phases: [compute]", -0.5),
      ("phase-time-per-update: 4 s, phases: [compute]", 50.0 / 48 - 1),
      ("phase-time: 83.25 s, phases: [compute, wait]", 0), ("accuracy: 0.65", 0.25),
      ("updates: 10", 0.2), ("cold-starts: 4", 0),
    ] as [(String, Double)])
  func predictions(text: String, error: Double) throws {
    let point = try point("{ \(text), for: { workers: 2 } }", beside: [run()])
    #expect(abs(try #require(point.error) - error) < 1e-9)
    #expect(point.isJudged && point.failure == nil)
  }

  @Test("several replications have a mean, and an interval of Student's t")
  func replications() throws {
    let runs = [run(seconds: 81), run(seconds: 83, replication: 1)]
    let point = try point("{ time: 80 s, for: { workers: 2 } }", beside: runs)
    let predicted = try #require(point.predicted)
    #expect(predicted.count == 2 && predicted.mean == 82e9)
    // The standard error is 1 s, and Student's t of one degree of freedom 12.706.
    #expect(abs(try #require(predicted.halfWidth) - 12.706e9) < 1e6)
    #expect(abs(try #require(point.error) - 0.025) < 1e-12)
  }

  @Test("a ratio is taken of runs with the same seed, and averaged then")
  func ratios() throws {
    let runs = [
      run(seconds: 120), run(workers: 4, seconds: 60),
      run(seconds: 120, replication: 1), run(workers: 4, seconds: 80, replication: 1),
      run(workers: 4, seconds: 1, replication: 2),
    ]
    let speedUp = try point(
      "{ speed-up: 1.4, for: { workers: 4 }, against: { workers: 2 } }", beside: runs)
    // 2 and 1.5; nothing is to be compared with the third.
    #expect(speedUp.predicted?.count == 2 && speedUp.predicted?.mean == 1.75)
    #expect(abs(try #require(speedUp.error) - 0.25) < 1e-12)
    let saving = try point(
      "{ saving: 0.5, for: { workers: 4 }, against: { workers: 2 } }", beside: [runs[0], runs[1]])
    #expect(saving.predicted?.mean == 0.5 && saving.error == 0)
  }

  @Test("points that calibrate and points without a completed run count in no error")
  func judged() throws {
    let runs = [run(), run(workers: 4, failure: "out-of-memory")]
    let validation = Validation().adding(
      try scenario(
        """
        { time: 100 s, for: { workers: 2 } }, { time: 83.25 s, for: { workers: 4 } },
        { time: 83.25 s, for: { workers: 2 }, calibrates: true }
        """), runs: runs)
    let points = validation.points
    #expect(points.map(\.isJudged) == [true, false, false])
    #expect(points[1].failure == "out-of-memory" && points[1].predicted == nil)
    #expect(points[2].error == 0)
    #expect(validation.errors?.count == 1)
    #expect(validation.worst?.point.published.text == "100 s")
    #expect(
      ValidationSummary(validation).text == """
        A paper, table 1
        printed in the text, sample.yaml
                                  published  predicted  error
          time
            all-reduce workers=2  100 s      83.25 s    -16.8 %
            all-reduce workers=4  83.25 s    -          failed: out-of-memory
            all-reduce workers=2  83.25 s    83.25 s    +0.0 %, fitted to it

        1 point: median error 16.8 %, mean 16.8 %; 0 within 10 %, 1 within 25 %, 1 within 50 %.
        Worst: -16.8 %, time of all-reduce workers=2 (A paper, table 1).
        Scenarios are fitted to 1 more, which do not count.
        No completed run predicts 1 of them.

        """)
  }

  @Test("the JSON object has every point with its prediction, and the errors of all")
  func json() throws {
    let validation = Validation().adding(
      try scenario(
        "{ saving: 0.4, for: { workers: 4 }, against: { workers: 2 } }", obtained: "digitised"),
      runs: [run(seconds: 100), run(workers: 4, seconds: 50)])
    let text = ValidationSummary(validation).json
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let source = try #require((document["sources"] as? [[String: Any]])?.first)
    #expect(source["obtained"] as? String == "digitised")
    #expect(source["file"] as? String == "sample.yaml")
    let point = try #require((source["points"] as? [[String: Any]])?.first)
    #expect(point["measure"] as? String == "saving of time" && point["unit"] is NSNull)
    let against = try #require(point["against"] as? [String: Any])
    #expect(against["parameters"] as? [String: String] == ["workers": "2"])
    #expect(point["published"] as? Double == 0.4 && point["predicted"] as? Double == 0.5)
    #expect(point["n"] as? Int == 1 && point["low95"] is NSNull)
    let errors = try #require(document["errors"] as? [String: Any])
    #expect(errors["points"] as? Int == 1 && errors["within_25_percent"] as? Int == 1)
    #expect((document["worst"] as? [String: Any])?["source"] as? String == "A paper, table 1")
  }
}
