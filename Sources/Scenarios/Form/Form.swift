/// What a value in a file may be, as data.
///
/// Reading, errors, sweeps, the JSON schema and the documentation all come from one such value.
public indirect enum Form: Sendable {
  /// `true` or `false`.
  case flag
  /// A whole number in a range.
  case count(ClosedRange<Int>)
  /// A number in a range.
  case number(NumberRange)
  /// A number with a unit, in a range of base units.
  case quantity(Dimension, ClosedRange<Int64>)
  /// Any text that is not empty.
  case text
  /// A calendar day as in `2025-08-01`.
  case date
  /// A day, month or year as in `2024-04`.
  case period
  /// A path, relative to the file it is written in, of something that exists.
  case existingPath
  /// One of some names; `noun` says of what, as in "model". Others are refused, for a reason.
  case name(noun: String, of: [String], refusing: [String: String] = [:])
  /// One of some names, or the path of an existing file whose name ends in `suffix`.
  case nameOrPath(noun: String, of: [String], suffix: String)
  /// One of some names, or a mapping with these keys.
  case nameOrRecord(noun: String, of: [String], [Setting])
  /// A member of a job, as in `worker 2` or, for those there is one of, `supervisor`.
  case member(numbered: [String], single: [String] = [])
  /// A comparison with a bound, as in `>= 0.75` or `< 0.10 USD`.
  case comparison(with: Form)
  /// A mapping with these keys; at most one of each exclusive group may be given.
  case record([Setting], exclusive: [[String]] = [])
  /// A mapping with keys of the user's own, or one of `keys` if that is given.
  case keyed(noun: String, keys: [String]?, Form)
  /// A list of at least one.
  case list(Form)
  /// One of several, as in `iid` or `{ dirichlet: 0.5 }`; a case of form `nothing` is a bare name.
  case oneOf(noun: String, [Setting])
  /// A mapping told by its verb, as in `{ crash: worker 2, at: 30 s }`.
  case sentence(noun: String, [Sentence])
  /// Any value at all, which is read in another way.
  case anything
  /// No value: a case that is a bare name.
  case nothing
  /// The dotted paths of other settings, each with the list of values to try. Others, and what is
  /// below them, are refused, for a reason.
  case sweep(refusing: [String: String])
}

/// A key of a record, with what it may hold.
public struct Setting: Sendable {
  /// Whether the key must be given, and what holds if it is not.
  public enum Presence: Sendable, Hashable {
    /// The file must say it.
    case required
    /// Absent is a meaning of its own.
    case optional
    /// Absent means this, written as in the file.
    case defaults(String)
    /// A record that is filled with the defaults of its own settings.
    case filled
  }

  /// The key as it is written.
  public let key: String
  /// What it may hold.
  public let form: Form
  /// Whether it must be given.
  public let presence: Presence
  /// What it means, as one sentence, with the source of the default if there is one.
  public let summary: String

  /// The setting `key`.
  public init(_ key: String, _ form: Form, _ presence: Presence, _ summary: String) {
    self.key = key
    self.form = form
    self.presence = presence
    self.summary = summary
  }

  /// The setting `key`, whose absence is a meaning of its own.
  public init(_ key: String, _ form: Form, _ summary: String) {
    self.init(key, form, .optional, summary)
  }
}

/// One way to fill a mapping: the key that tells what it is about, and what else it then holds.
public struct Sentence: Sendable {
  /// The key with its object, as in `crash: worker 2`.
  public let verb: Setting
  /// The circumstances, as in `at: 30 s`.
  public let circumstances: [Setting]
  /// Circumstances of which at most one may be given.
  public let exclusive: [[String]]

  /// The sentence of a verb.
  public init(
    _ verb: String, _ object: Form, _ summary: String, _ circumstances: [Setting],
    exclusive: [[String]] = []
  ) {
    self.verb = Setting(verb, object, .required, summary)
    self.circumstances = circumstances
    self.exclusive = exclusive
  }

  /// All keys of the mapping, the verb first.
  var settings: [Setting] { [verb] + circumstances }
}

/// A range of numbers whose ends may be open.
public struct NumberRange: Sendable, Hashable, CustomStringConvertible {
  let lowest: Double
  let includesLowest: Bool
  let highest: Double
  let includesHighest: Bool

  /// The numbers from `range.lowerBound` through `range.upperBound`.
  public static func closed(_ range: ClosedRange<Double>) -> NumberRange {
    NumberRange(
      lowest: range.lowerBound, includesLowest: true, highest: range.upperBound,
      includesHighest: true)
  }

  /// The numbers greater than `lowest`, up to `highest`.
  public static func above(_ lowest: Double, through highest: Double) -> NumberRange {
    NumberRange(lowest: lowest, includesLowest: false, highest: highest, includesHighest: true)
  }

  /// The numbers from `lowest` and less than `highest`.
  public static func from(_ lowest: Double, below highest: Double) -> NumberRange {
    NumberRange(lowest: lowest, includesLowest: true, highest: highest, includesHighest: false)
  }

  /// Whether `number` lies in the range.
  public func contains(_ number: Double) -> Bool {
    (includesLowest ? number >= lowest : number > lowest)
      && (includesHighest ? number <= highest : number < highest)
  }

  /// The range in words, as in "greater than 0, at most 10".
  public var description: String {
    if includesLowest, includesHighest { return "\(plain(lowest)) to \(plain(highest))" }
    let lower = includesLowest ? "at least \(plain(lowest))" : "greater than \(plain(lowest))"
    return lower + (includesHighest ? ", at most " : ", less than ") + plain(highest)
  }

  private func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
