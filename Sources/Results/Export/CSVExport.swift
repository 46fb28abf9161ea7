public import Scenarios
import SimulationKernel

/// Runs as comma-separated values with a header, after RFC 4180.
public enum CSVExport {
  /// The spans of a run, in the order in which they ended.
  public static func spans(_ record: SpanRecord) -> String {
    table(
      ["actor", "operation", "detail", "start_s", "end_s", "bytes"],
      record.spans.map { span in
        [
          record.names[Int(span.actor.index)], record.names[Int(span.operation.index)],
          record.names[Int(span.detail.index)], Decimals.seconds(span.start.nanoseconds),
          Decimals.seconds(span.end.nanoseconds), String(span.bytes),
        ]
      })
  }

  /// The learning curve of a run.
  public static func curve(_ run: RunRecord) -> String {
    table(
      ["time_s", "cost_usd", "step", "loss", "accuracy"],
      run.curve.map { point in
        [
          Decimals.seconds(point.nanoseconds), Decimals.usd(point.picoUSD), String(point.step),
          point.loss?.description ?? "", point.accuracy?.description ?? "",
        ]
      })
  }

  /// The bill of a run, with prices in full.
  public static func bill(_ run: RunRecord) -> String {
    table(
      ["service", "item", "quantity", "unit", "usd"],
      run.bill.map { line in
        let exact = line.exactQuantity
        return [line.service, line.item, exact.text, exact.unit, Decimals.usd(line.picoUSD)]
      })
  }

  /// The jobs of a run that is a pipeline, with the settings that vary in columns of their own.
  public static func jobs(_ run: RunRecord) -> String {
    let varied = run.jobs.first?.parameters.map(\.name) ?? []
    return table(
      ["job"] + varied + [
        "status", "failure", "submission_s", "time_s", "accuracy", "loss", "updates", "samples",
      ],
      run.jobs.enumerated().map { number, job in
        [String(number)] + job.parameters.map(\.value) + [
          job.status, job.failure?.kind ?? "", Decimals.seconds(job.submissionNanoseconds),
          Decimals.seconds(job.nanoseconds), job.accuracy?.description ?? "",
          job.loss?.description ?? "", String(job.updates), String(job.samples),
        ]
      })
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> String {
    ([header] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func field(_ text: String) -> String {
    let isPlain = !text.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
