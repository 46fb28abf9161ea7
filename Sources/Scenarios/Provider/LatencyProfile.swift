internal import Cloud
public import Traces

/// Distributions fitted to recorded latencies, as a provider file on top of another provider.
public struct LatencyProfile: Sendable {
  /// One operation's recording and what was fitted to it.
  public struct Fit: Sendable {
    /// The recording.
    public let source: TraceSource
    /// The distribution, and its errors on the half of the samples that it was not fitted to.
    public let calibration: Calibration
  }

  /// The fits, in the order of the recordings.
  public let fits: [Fit]

  private let baseName: String
  private let date: String

  /// Fits every recording of `sources`.
  ///
  /// - Parameters:
  ///   - name: The provider whose other values hold, such as `aws/us-east-1`, or the absolute path
  ///     of a provider file.
  ///   - library: Where the recordings are looked up.
  ///   - date: The day to note for the values, as in `2026-11-27`.
  /// - Throws: `ScenarioErrors` with every recording that cannot be read or fitted.
  public init(
    of sources: [TraceSource], extending name: String, library: TraceLibrary, date: String
  ) throws(ScenarioErrors) {
    var log = IssueLog()
    let provider = try ProviderReader(library: library).provider(called: name)
    var fits: [Fit] = []
    for (source, samples) in library.recordings(of: sources, provider: provider, into: &log) {
      let path = "traces." + source.operation
      if source.includesTransfer {
        log.report(
          source.place, path,
          "its times include the transfer of bytes, which a provider's latency does not; run the "
            + "scenario with the trace itself")
      } else if fits.contains(where: { $0.source.operation == source.operation }) {
        log.report(source.place, path, "is there twice")
      } else if let calibration = Calibration(of: samples) {
        fits.append(Fit(source: source, calibration: calibration))
      } else {
        log.report(
          source.place, path,
          "no distribution can be fitted to \(samples.count) samples from "
            + "\(milliseconds(samples.minimum)) to \(milliseconds(samples.maximum))",
          allowed: "every second one is fitted: those must be above zero and differ")
      }
    }
    try log.throwIfAny()
    self.fits = fits
    self.date = date
    baseName = name
  }

  // MARK: The file

  /// The provider file, to be named in a scenario: `provider: profile.yaml`.
  public var text: String {
    var lines = [
      "# Latencies fitted to recorded traces, on top of the values of \(baseName).",
      "# Every second sample was fitted; the errors are those on the others.",
      "extends: \(ProviderReader.written(baseName))", "", "sources:",
    ]
    lines += fits.enumerated().map { "  trace-\($0 + 1): \(quoted($1.source.origin))" }
    var groups: [Substring] = []
    let ordered = fits.enumerated().sorted { $0.element.operation < $1.element.operation }
    for (index, fit) in ordered {
      // The groups that the operation has in common with the one before stand there already.
      let path = fit.source.operation.split(separator: ".")
      let shared = zip(path, groups).prefix { $0 == $1 }.count
      if shared == 0 { lines.append("") }
      lines += path.enumerated().dropFirst(shared).map { indented($0, "\($1):") }
      groups = path.dropLast()
      lines += fit.leaf(source: "trace-\(index + 1)", date: date).map { indented(path.count, $0) }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension LatencyProfile.Fit {
  /// The operation, such as `object-store.get`.
  public var operation: String { source.operation }

  fileprivate func leaf(source: String, date: String) -> [String] {
    let fitted = calibration.distribution
    let errors = calibration.comparisons.map { comparison in
      let percent = (1000 * comparison.relativeError).rounded() / 10
      return "\(comparison.name) \(percent > 0 ? "+" : "")\(percent) %"
    }
    let distribution =
      "median: \(milliseconds(Int64(fitted.median.rounded()))), sigma: \(fitted.sigma), "
      + "shift: \(milliseconds(Int64(fitted.shift.rounded())))"
    return [
      "value: { lognormal: { \(distribution) } }", "source: \(source)", "date: \(date)",
      "note: "
        + quoted(
          "\(calibration.heldOutCount) samples held out: \(errors.joined(separator: ", "))"),
    ]
  }
}

extension TraceSource {
  /// Where the samples are from, in words.
  fileprivate var origin: String {
    let conditions = filters.map { "\($0.column) is \($0.value)" }.joined(separator: " and ")
    return "\(file), \(column)" + (conditions.isEmpty ? "" : " where \(conditions)")
  }
}

private func indented(_ depth: Int, _ line: String) -> String {
  String(repeating: "  ", count: depth) + line
}

/// A text as YAML and JSON write it.
func quoted(_ text: String) -> String {
  "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}

/// Nanoseconds as exact milliseconds.
private func milliseconds(_ nanoseconds: Int64) -> String {
  let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
  if rest == 0 { return "\(whole) ms" }
  let digits = String(1_000_000 + rest).dropFirst().reversed().drop { $0 == "0" }.reversed()
  return "\(whole).\(String(digits)) ms"
}
