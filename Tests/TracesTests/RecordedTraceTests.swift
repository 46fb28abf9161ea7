import Foundation
import Testing
import Traces

/// The directory of the recorded traces.
private let traces =
  URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path + "/traces"

private func storageLatency(_ service: String, _ operation: String) throws -> Samples {
  try TraceFile(path: traces + "/storage-latency/samples.csv.gz", name: "samples.csv.gz").samples(
    column: "latency_ms",
    where: [.init(column: "service", value: service), .init(column: "op", value: operation)])
}

@Suite struct RecordedTraceTests {
  // Median, 75th, 90th and 99th percentile in ms of all the requests, as their authors publish
  // them; the samples are every hundredth of these.
  @Test(
    arguments: [
      ("s3_standard", "read", [26.864, 41.179, 59.077, 105.34]),
      ("s3_express", "write", [7.346, 7.694, 8.287, 12.322]),
    ])
  func `The samples have the percentiles of the full series`(
    service: String, operation: String, published: [Double]
  ) throws {
    let samples = try storageLatency(service, operation)
    #expect(samples.count == 10_000)
    for (probability, milliseconds) in zip([0.5, 0.75, 0.9, 0.99], published) {
      #expect(abs(samples.quantile(probability) / 1e6 / milliseconds - 1) < 0.05)
    }
  }

  @Test func `The table of quantiles is that of the full series`() throws {
    let table = TraceFile(path: traces + "/storage-latency/quantiles.csv", name: "quantiles.csv")
    let points = try table.quantiles(column: "s3_standard_read_ms")
    #expect(points.first?.nanoseconds == 10_113_000)
    #expect(points.first { $0.probability == 0.5 }?.nanoseconds == 26_864_000)
    #expect(points.last?.nanoseconds == 10_050_313_000)
  }

  @Test func `A fit to the reads of S3 finds the middle and admits to the tail`() throws {
    let calibration = try #require(Calibration(of: storageLatency("s3_standard", "read")))
    let errors = Dictionary(
      uniqueKeysWithValues: calibration.comparisons.map { ($0.name, $0.relativeError) })
    #expect(calibration.heldOutCount == 5000)
    #expect(abs(try #require(errors["p50"])) < 0.2)
    #expect(abs(try #require(errors["mean"])) < 0.1)
    #expect(calibration.distance > 0.02, "two modes are no lognormal, and the distance says so")
  }

  @Test func `Missing measurements of a real table are refused or left out by name`() throws {
    let file = TraceFile(path: traces + "/lambda-cpu/memory-scaling.csv", name: "memory.csv")
    let error = #expect(throws: TraceError.self) {
      try file.samples(column: "mean_duration_ms")
    }
    #expect(error?.message == "the value is missing ('N/A')")
    #expect(try file.samples(column: "mean_duration_ms", missing: .skip).count > 300)
  }
}
