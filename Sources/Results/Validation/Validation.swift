public import Scenarios

/// What was measured and published, beside what the runs of its scenario predict.
public struct Validation: Sendable {
  /// The measurements of one source.
  public struct Comparison: Sendable {
    /// Where they stand.
    public let source: PublishedSource
    /// The scenario file that has them.
    public let file: String
    /// Each with its prediction.
    public let points: [Point]
  }

  /// One measurement with its prediction.
  public struct Point: Sendable {
    /// What was measured.
    public let published: PublishedPoint
    /// Its mean over replications, in the units of the published value; nil where no run completed.
    public let predicted: Statistic?
    /// What ended the first run that failed; nil where all completed.
    public let failure: String?

    /// A measurement beside the runs of its scenario.
    ///
    /// A ratio is taken of runs with the same seed, and averaged then.
    public init(_ published: PublishedPoint, beside runs: [RunRecord]) {
      self.published = published
      let own = runs.filter { $0.isOf(published.runs) }
      let others = published.others.map { choice in runs.filter { $0.isOf(choice) } }
      failure = (own + (others ?? [])).lazy.compactMap(\.failure?.kind).first
      let completed = own.filter(\.isCompleted)
      predicted = Statistic(
        of: completed.compactMap { run in
          let other = others?.first { $0.isCompleted && $0.replication == run.replication }
          return Point.prediction(of: published, by: run, and: other)
        })
    }

    private static func prediction(
      of published: PublishedPoint, by run: RunRecord, and other: RunRecord?
    ) -> Double? {
      guard let value = run.value(of: published.measure) else { return nil }
      let reference = other?.value(of: published.measure) ?? 0
      switch published.claim {
      case .value: return value
      case .speedUp: return reference > 0 && value > 0 ? reference / value : nil
      case .saving: return reference > 0 ? 1 - value / reference : nil
      }
    }

    /// Predicted / published - 1; nil without a prediction.
    public var error: Double? { predicted.map { $0.mean / published.value - 1 } }

    /// Whether it counts in the errors over all points.
    public var isJudged: Bool { !published.calibrates && error != nil }
  }

  /// The sources in the order of their files.
  public let comparisons: [Comparison]

  /// A validation of nothing, or of these sources.
  public init(_ comparisons: [Comparison] = []) { self.comparisons = comparisons }

  /// The validation with the sources of one more scenario, beside its runs.
  public func adding(_ scenario: Scenario, runs: [RunRecord]) -> Validation {
    Validation(
      comparisons
        + scenario.published.map { source in
          Comparison(
            source: source, file: scenario.file,
            points: source.points.map { Point($0, beside: runs) })
        })
  }

  /// All points.
  public var points: [Point] { comparisons.flatMap(\.points) }

  /// The errors of the points that count; nil where there are none.
  public var errors: PredictionErrors? {
    PredictionErrors(of: points.filter(\.isJudged).compactMap(\.error))
  }

  /// The point with the largest error of those that count, and where it was published.
  public var worst: (point: Point, comparison: Comparison)? {
    let judged = comparisons.flatMap { comparison in
      comparison.points.filter(\.isJudged).map { (point: $0, comparison: comparison) }
    }
    return judged.max { abs($0.point.error ?? 0) < abs($1.point.error ?? 0) }
  }
}

/// How large relative errors are, whatever their sign.
public struct PredictionErrors: Sendable, Equatable {
  /// How many of the errors are at most a limit.
  public struct Share: Sendable, Equatable {
    /// The limit, in percent.
    public let percent: Int
    /// How many errors are within it.
    public let count: Int
  }

  /// How many errors there are.
  public let count: Int
  /// The middle one by size, or the mean of the two in the middle.
  public let median: Double
  /// Their mean size.
  public let mean: Double
  /// How many are within 10, 25 and 50 percent.
  public let within: [Share]

  /// The sizes of `errors`; nil where there are none.
  public init?(of errors: [Double]) {
    let sizes = errors.map(abs).sorted()
    guard !sizes.isEmpty else { return nil }
    count = sizes.count
    median = (sizes[(sizes.count - 1) / 2] + sizes[sizes.count / 2]) / 2
    mean = sizes.reduce(0, +) / Double(sizes.count)
    within = [10, 25, 50].map { percent in
      // 1.1 / 1.0 - 1 is a rounding error more than a tenth.
      let limit = Double(percent) / 100 + 1e-12
      return Share(percent: percent, count: sizes.count { $0 <= limit })
    }
  }
}
