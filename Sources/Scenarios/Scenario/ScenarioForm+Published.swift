internal import Training

extension Vocabulary {
  /// Measurements that were published, each with the runs that predict it.
  var publishedForm: Form {
    .list(
      .record([
        Setting("source", .text, .required, "The paper, with its table, figure or section."),
        Setting(
          "obtained",
          .name(noun: "origin", of: PublishedSource.Origin.allCases.map(\.rawValue)), .required,
          "How: printed in the text, in a table or beside the marks of a figure, or measured there."
        ),
        Setting("points", .list(pointForm), .required, "The measurements, one mapping each."),
      ]))
  }

  private var pointForm: Form {
    let values = valueSettings
    let ratios = [
      Setting(
        PublishedKey.speedUp, .number(.above(0, through: 1e9)),
        "What the runs of 'against' take, divided by what these take."),
      Setting(
        PublishedKey.saving, .number(.above(0, through: 1)),
        "The part of what the runs of 'against' take that these save."),
    ]
    let runs = Form.keyed(noun: "setting", keys: nil, .text)
    return .record(
      values + ratios + [
        Setting(
          "of", .name(noun: "measure", of: PublishedKey.spent),
          "What a ratio is about; the time if absent."),
        Setting(
          "phases", .list(.name(noun: "phase", of: Phase.allCases.map(\.rawValue))),
          "The phases whose time is added up."),
        Setting(
          "for", runs,
          "Which runs: framework, variant, and values of what the runs differ in."),
        Setting("against", runs, "Which runs a ratio compares with: what differs from 'for'."),
        Setting(
          "calibrates", .flag, .defaults("false"),
          "Whether the scenario is fitted to this point, which then counts in no error."),
      ], exclusive: [(values + ratios).map(\.key)])
  }

  private var valueSettings: [Setting] {
    let time = Form.quantity(.duration, 0...Int64.max)
    return Metric.allCases.map { Setting($0.rawValue, $0.form, $0.summary) } + [
      Setting(
        PublishedKey.phaseTime, time, "Time of the worker that ends last in some of its phases."),
      Setting(PublishedKey.phaseTimePerUpdate, time, "The same, of each update of the model."),
    ]
  }
}

/// Keys of a published measurement that are no metric.
enum PublishedKey {
  static let phaseTime = "phase-time"
  static let phaseTimePerUpdate = "phase-time-per-update"
  static let speedUp = "speed-up"
  static let saving = "saving"

  /// What a ratio can be about: measures of which less is better.
  static let spent =
    [Metric.time, .totalTime, .cost].map(\.rawValue) + [phaseTime, phaseTimePerUpdate]
}
