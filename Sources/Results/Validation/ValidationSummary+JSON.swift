internal import Scenarios

extension ValidationSummary {
  /// One JSON object, described in `docs/json.md`.
  public var json: String {
    JSON.object([
      ("sources", .array(validation.comparisons.map(\.json))),
      ("errors", validation.errors?.json ?? .null),
      (
        "worst",
        validation.worst.map { worst in
          .object(
            [("source", .string(worst.comparison.source.source))] + worst.point.members)
        } ?? .null
      ),
    ]).pretty() + "\n"
  }
}

extension Validation.Comparison {
  fileprivate var json: JSON {
    .object([
      ("source", .string(source.source)),
      ("obtained", .string(source.origin.rawValue)),
      ("file", .string(file)),
      ("points", .array(points.map { .object($0.members) })),
    ])
  }
}

extension Validation.Point {
  fileprivate var members: [(String, JSON)] {
    let size = published.unit.size
    return [
      ("measure", .string(published.measureText)),
      ("unit", published.unit.symbol.isEmpty ? .null : .string(published.unit.symbol)),
      ("of", published.runs.json),
      ("against", published.others?.json ?? .null),
      ("published", .real(published.value / size)),
      ("predicted", .real(predicted.map { $0.mean / size })),
      ("n", .integer(predicted?.count ?? 0)),
      ("low95", .real(predicted?.interval.map { $0.lowerBound / size })),
      ("high95", .real(predicted?.interval.map { $0.upperBound / size })),
      ("error", .real(error)),
      ("calibrates", .boolean(published.calibrates)),
      ("failure", .text(failure)),
    ]
  }
}

extension RunChoice {
  fileprivate var json: JSON {
    .object([
      ("framework", .string(framework)),
      ("variant", .string(variant)),
      ("parameters", .object(parameters.map { ($0.key, .string($0.value)) })),
    ])
  }
}

extension PredictionErrors {
  fileprivate var json: JSON {
    .object(
      [("points", .integer(count)), ("median", .real(median)), ("mean", .real(mean))]
        + within.map { ("within_\($0.percent)_percent", .integer($0.count)) })
  }
}
