internal import Traces

/// What the leaves of a provider file may hold.
enum ProviderForms {
  /// A value with where it is from.
  static let leaf = Form.record([
    Setting("value", .anything, .required, "The value, with its unit."),
    Setting("source", .text, .required, "Who says so: a key of 'sources'."),
    Setting("date", .period, .required, "When they said so, as in 2026-10-01 or 2024-04."),
    Setting("since", .date, "The first day on which the value holds."),
    Setting("assumed", .flag, .defaults("false"), "Whether it is a guess."),
    Setting("note", .text, "What a reader should know about it."),
    Setting("per", .text, "What a price is for one of, as in GB-second."),
    Setting("free", .count(0...Int.max), "Units a month that cost nothing in the free tier."),
  ])

  /// A price of one unit.
  static let money = Form.quantity(.money, 0...Int64.max)

  /// A price that falls with usage.
  static let tiers = Form.record([
    Setting(
      "tiers",
      .list(
        .record([
          Setting("up-to", .count(1...Int.max), "Units up to which the price holds."),
          Setting("price", money, .required, "The price of one unit."),
        ])), .required, "Prices from the first unit on.")
  ])

  /// A distribution of times.
  static let distribution = Form.oneOf(
    noun: "distribution",
    [
      Setting("constant", time, "Always the same."),
      Setting(
        "lognormal",
        .record([
          Setting("median", time, .required, "The median of the part that varies."),
          Setting(
            "sigma", .number(.closed(0...10)), .required,
            "The standard deviation of its logarithm."),
          Setting("shift", time, .defaults("0 ns"), "The part that does not vary."),
        ]), "Lognormal, after a shift."),
      Setting(
        "quantiles",
        .record([trace, column, unit]), "A recorded table with a column 'percentile'."),
      Setting(
        "samples",
        .record([
          trace, column, unit,
          Setting(
            "where", .keyed(noun: "column", keys: nil, .text),
            "The values other columns must have."),
        ]), "Recorded samples."),
    ])

  private static let time = Form.quantity(.duration, 0...Int64.max)
  private static let trace = Setting("trace", .text, .required, "The file, under traces/.")
  private static let column = Setting("column", .text, .required, "The column, by name.")
  private static let unit = Setting(
    "unit", .name(noun: "unit", of: TraceUnit.allCases.map(\.rawValue)),
    "The unit of the column, unless its name ends in one.")
}
