public import Scenarios
internal import Traces

/// How well fitted latencies meet the samples that were held out, as text for people and as one
/// JSON object for programs.
public struct CalibrationSummary {
  private let fits: [LatencyProfile.Fit]

  /// The fits of a profile.
  public init(_ profile: LatencyProfile) { fits = profile.fits }

  /// A table with a line for each operation.
  public var text: String {
    let measures = fits.first?.calibration.comparisons.map(\.name) ?? []
    let header =
      ["operation", "samples", "shift", "median", "sigma", "distance"]
      + measures.map { "\($0) error" }
    let rows = fits.map { fit in
      let fitted = fit.calibration.distribution
      return [
        fit.operation, "\(fit.calibration.fittedCount) + \(fit.calibration.heldOutCount)",
        milliseconds(fitted.shift), milliseconds(fitted.median), rounded(fitted.sigma),
        rounded(fit.calibration.distance),
      ] + fit.calibration.comparisons.map { "\(rounded(100 * $0.relativeError, digits: 1)) %" }
    }
    return TextTable([header] + rows).text
  }

  /// One JSON object, described in `docs/json.md`.
  public var json: String {
    let operations = fits.map { fit in
      let fitted = fit.calibration.distribution
      return JSON.object([
        ("operation", .string(fit.operation)),
        ("file", .string(fit.source.file)),
        ("fitted_samples", .integer(fit.calibration.fittedCount)),
        ("held_out_samples", .integer(fit.calibration.heldOutCount)),
        ("shift_ms", .real(fitted.shift / 1e6)),
        ("median_ms", .real(fitted.median / 1e6)),
        ("sigma", .real(fitted.sigma)),
        ("distance", .real(fit.calibration.distance)),
        (
          "held_out",
          .object(
            fit.calibration.comparisons.map { comparison in
              (
                comparison.name,
                .object([
                  ("measured_ms", .real(comparison.measured / 1e6)),
                  ("fitted_ms", .real(comparison.fitted / 1e6)),
                  ("relative_error", .real(comparison.relativeError)),
                ])
              )
            })
        ),
      ])
    }
    return JSON.object([("operations", .array(operations))]).pretty() + "\n"
  }

  private func milliseconds(_ nanoseconds: Double) -> String { "\(rounded(nanoseconds / 1e6)) ms" }

  private func rounded(_ value: Double, digits: Int = 3) -> String {
    Wording.fixed(value, digits)
  }
}
