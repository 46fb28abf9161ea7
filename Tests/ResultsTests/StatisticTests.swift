import Scenarios
import Testing

@testable import Results

@Suite("Means and intervals") struct StatisticTests {
  /// Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper 0.975 column.
  @Test(
    "Student's t agrees with the published table",
    arguments: [
      (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (10, 2.228),
      (19, 2.093), (30, 2.042), (60, 2.000), (100, 1.984),
    ])
  func quantile(degreesOfFreedom: Int, published: Double) {
    let value = StudentT.quantile95(degreesOfFreedom: degreesOfFreedom)
    #expect(abs(value - published) < 0.0005)
  }

  @Test("two values are 12.706 standard errors from their interval's ends")
  func interval() throws {
    // Mean 2, standard deviation sqrt(2), standard error 1.
    let statistic = try #require(Statistic(of: [1, 3]))
    #expect(statistic.mean == 2)
    let half = try #require(statistic.halfWidth)
    #expect(abs(half - 12.7062) < 0.0001)
  }

  @Test("one value has a mean and no interval, none has neither")
  func few() throws {
    let one = try #require(Statistic(of: [5]))
    #expect(one.count == 1 && one.mean == 5 && one.interval == nil)
    #expect(Statistic(of: []) == nil)
  }

  @Test("replications are grouped by framework and sweep point, failures are left out of means")
  func groups() throws {
    let runs = [
      Sample.record(Sample.result(replication: 0, accuracy: 0.8)),
      Sample.record(Sample.result(framework: "mlless", accuracy: 0.7)),
      Sample.record(Sample.result(replication: 1, accuracy: 0.9)),
      Sample.record(
        Sample.result(
          replication: 2, accuracy: 0,
          failure: .init(kind: "killed", worker: nil, time: .seconds(1), message: "gone"))),
    ]
    let groups = RunGroup.groups(of: runs)
    #expect(groups.map(\.framework) == ["spirt", "mlless"])
    #expect(groups[0].runs.count == 3)
    let accuracy = try #require(groups[0].statistic(of: .accuracy))
    #expect(accuracy.count == 2)
    #expect(abs(accuracy.mean - 0.85) < 1e-12)
  }
}
