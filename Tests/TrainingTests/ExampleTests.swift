import Scenarios
import Testing

/// The example package, of which all but `main.swift` is compiled here too.
@Suite struct ExampleTests {
  @Test("A framework that the catalog does not have runs beside those that it has")
  func comparisonEnds() throws {
    let runs = try Comparison.runs()
    #expect(runs.map(\.framework) == ["gossip", "all-reduce", "scatter-reduce"])
    #expect(runs.allSatisfy { $0.status == .completed && ($0.accuracy ?? 0) > 0.4 })
    #expect(Set(runs.map(\.updates)) == [runs[0].updates])
    #expect(Set(runs.map(\.digest)).count == 3)
  }
}
