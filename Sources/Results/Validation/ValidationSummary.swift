internal import Scenarios

/// A validation as text for people and as one JSON object for programs.
public struct ValidationSummary {
  let validation: Validation
  private let style: Style

  /// A summary with colour or without.
  public init(_ validation: Validation, style: Style = Style(isColoured: false)) {
    self.validation = validation
    self.style = style
  }

  /// A table a source, and the errors over all points.
  public var text: String {
    (validation.comparisons.map(table) + [closing]).joined(separator: "\n")
  }

  private func table(_ comparison: Validation.Comparison) -> String {
    let hasReplications = comparison.points.contains { ($0.predicted?.count ?? 0) > 1 }
    var rows = [["", "published", "predicted"] + (hasReplications ? ["n"] : []) + ["error"]]
    var measure = ""
    for point in comparison.points {
      // Points of one measure that follow each other are told under its name.
      if point.published.measureText != measure { rows.append([point.published.measureText]) }
      measure = point.published.measureText
      rows.append(
        ["  " + point.published.subject, point.published.text, value(of: point)]
          + (hasReplications ? ["\(point.predicted?.count ?? 0)"] : []) + [error(of: point)])
    }
    let lines = TextTable(rows).lines
    let origin = "\(comparison.source.origin.words), \(comparison.file)"
    return style.heading(comparison.source.source) + "\n" + style.quiet(origin) + "\n"
      + lines.map { "  \($0)\n" }.joined()
  }

  private func value(of point: Validation.Point) -> String {
    guard let predicted = point.predicted else { return "-" }
    let unit = point.published.unit
    func text(_ value: Double) -> String { Wording.significant(value / unit.size) }
    let interval = predicted.halfWidth.map { " ± \(text($0))" } ?? ""
    return text(predicted.mean) + interval + (unit.symbol.isEmpty ? "" : " \(unit.symbol)")
  }

  private func error(of point: Validation.Point) -> String {
    let error = point.error.map(ValidationSummary.percent)
    let remarks = [
      point.published.calibrates ? "fitted to it" : nil, point.failure.map { "failed: \($0)" },
    ].compactMap { $0 }
    return ([error].compactMap { $0 } + remarks).joined(separator: ", ")
  }

  private static func percent(_ error: Double) -> String {
    (error < 0 ? "-" : "+") + Wording.fixed(abs(error) * 100, 1) + " %"
  }

  private var closing: String {
    let points = validation.points
    let fitted = points.count { $0.published.calibrates }
    let missing = points.count { $0.predicted == nil }
    var lines: [String] = []
    if let errors = validation.errors, let worst = validation.worst {
      let shares = errors.within.map { "\($0.count) within \($0.percent) %" }
      lines.append(
        "\(errors.count) point\(errors.count == 1 ? "" : "s"): median error "
          + "\(Wording.fixed(errors.median * 100, 1)) %, mean "
          + "\(Wording.fixed(errors.mean * 100, 1)) %; \(shares.joined(separator: ", ")).")
      let published = worst.point.published
      lines += Wording.wrapped(
        "Worst: \(ValidationSummary.percent(worst.point.error ?? 0)), \(published.measureText) of "
          + "\(published.subject) (\(worst.comparison.source.source)).",
        width: ComparisonTable.width)
    }
    if fitted > 0 {
      lines.append("Scenarios are fitted to \(fitted) more, which do not count.")
    }
    if missing > 0 { lines.append("No completed run predicts \(missing) of them.") }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension PublishedPoint {
  /// What was measured, in words.
  var measureText: String {
    let name =
      switch measure {
      case .metric(let metric): metric.rawValue
      case .phases(let phases, let perUpdate):
        phases.joined(separator: " + ") + (perUpdate ? " an update" : "")
      }
    return switch claim {
    case .value: name
    case .speedUp: "speed-up of \(name)"
    case .saving: "saving of \(name)"
    }
  }

  /// The runs it is about and, for a ratio, what differs in the others.
  var subject: String {
    let own = runs.framework + "."
    let parameters = runs.parameters.map { parameter in
      let key =
        parameter.key.hasPrefix(own) ? parameter.key.dropFirst(own.count) : parameter.key[...]
      return "\(key)=\(parameter.value)"
    }
    let text = ([runs.framework] + parameters).joined(separator: " ")
    guard let others else { return text }
    let differing =
      (others.framework == runs.framework ? [] : [others.framework])
      + others.parameters.filter { !runs.parameters.contains($0) }.map(\.value)
    return text + ", not " + differing.joined(separator: " ")
  }

  /// The unit in which people read the value, and its size in base units.
  var unit: (symbol: String, size: Double) {
    guard case .value = claim else { return ("", 1) }
    guard case .metric(let metric) = measure else { return ("s", 1e9) }
    return switch metric {
    case .time, .provisioning, .totalTime: ("s", 1e9)
    case .cost: ("USD", 1e12)
    case .updateRate: ("/s", 3.6e12)
    case .accuracy, .loss, .updates, .samples, .coldStarts, .peakConcurrency: ("", 1)
    }
  }
}

extension PublishedSource.Origin {
  fileprivate var words: String {
    switch self {
    case .text: "printed in the text"
    case .table: "printed in a table"
    case .label: "printed in a figure"
    case .digitised: "measured on a figure"
    }
  }
}
