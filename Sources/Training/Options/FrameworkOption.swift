/// One option of a framework, declared once as data.
///
/// The scenario reader, `nephoscope list`, the schema and the documentation all read this
/// declaration; a framework reads the value with the same declaration as the key.
public struct FrameworkOption: Sendable, Hashable {
  /// What values an option may take.
  public enum Kind: Sendable, Hashable {
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// A number in a range.
    case real(ClosedRange<Double>)
    /// A duration in a range, written with a unit.
    case duration(ClosedRange<Duration>)
    /// One word of a list.
    case choice([String])
    /// `true` or `false`.
    case flag
  }

  /// The value of an option.
  public enum Value: Sendable, Hashable {
    /// A whole number.
    case integer(Int)
    /// A number.
    case real(Double)
    /// A duration.
    case duration(Duration)
    /// One word of a list.
    case choice(String)
    /// `true` or `false`.
    case flag(Bool)
  }

  /// The key in a scenario file, in kebab case.
  public let key: String
  /// What it does, in one sentence.
  public let summary: String
  /// What values it may take.
  public let kind: Kind
  /// Its value where the scenario says nothing.
  public let defaultValue: Value
  /// Its value in the `released` variant where the scenario says nothing; nil for the default.
  public let releasedValue: Value?
  /// Where the default comes from: a paper, a source file, or `assumed`.
  public let source: String
  /// Words of the list that this framework refuses, each with the reason.
  public let refusals: [Refusal]

  /// The only words of another option with which it is read; nil where it always is.
  public let condition: Condition?

  /// Words of another option.
  public struct Condition: Sendable, Hashable {
    /// The key of the other option.
    public let key: String
    /// The words with which the option is read.
    public let words: [String]
  }

  /// A word that others understand and this framework refuses.
  public struct Refusal: Sendable, Hashable {
    /// The word.
    public let word: String
    /// Why it makes no sense here.
    public let reason: String
  }

  /// Declares an option.
  ///
  /// - Parameters:
  ///   - released: the default of the `released` variant, where it differs.
  ///   - source: where the defaults come from.
  ///   - refusing: words of a choice that make no sense for this framework, with the reason.
  ///   - condition: the words of another option without which it would change nothing.
  public init(
    _ key: String, _ kind: Kind, default defaultValue: Value, released: Value? = nil,
    source: String, _ summary: String, refusing: KeyValuePairs<String, String> = [:],
    onlyWith condition: Condition? = nil
  ) {
    self.key = key
    self.kind = kind
    self.defaultValue = defaultValue
    releasedValue = released
    self.source = source
    self.summary = summary
    self.condition = condition
    refusals = refusing.map { Refusal(word: $0.key, reason: $0.value) }
  }

  /// Its value in a variant where the scenario says nothing.
  public func defaultValue(in variant: String) -> Value {
    variant == FrameworkDeclaration.released ? releasedValue ?? defaultValue : defaultValue
  }
}

/// The options of one framework in one run: what the scenario says, else the defaults.
public struct FrameworkOptions: Sendable, Hashable {
  /// The variant whose defaults hold.
  public let variant: String
  private var values: [String: FrameworkOption.Value]

  /// Options as a scenario gives them, by key.
  public init(
    _ values: [String: FrameworkOption.Value] = [:],
    variant: String = FrameworkDeclaration.published
  ) {
    self.values = values
    self.variant = variant
  }

  /// The value of an option, by its declaration.
  public subscript(_ option: FrameworkOption) -> FrameworkOption.Value {
    values[option.key] ?? option.defaultValue(in: variant)
  }

  /// The value of a whole-number option.
  public func integer(_ option: FrameworkOption) -> Int {
    guard case .integer(let value) = self[option] else { preconditionFailure(mismatch(option)) }
    return value
  }

  /// The value of a real option.
  public func real(_ option: FrameworkOption) -> Double {
    guard case .real(let value) = self[option] else { preconditionFailure(mismatch(option)) }
    return value
  }

  /// The value of a duration option.
  public func duration(_ option: FrameworkOption) -> Duration {
    guard case .duration(let value) = self[option] else { preconditionFailure(mismatch(option)) }
    return value
  }

  /// The word of a choice option.
  public func choice(_ option: FrameworkOption) -> String {
    guard case .choice(let value) = self[option] else { preconditionFailure(mismatch(option)) }
    return value
  }

  /// The value of a flag.
  public func flag(_ option: FrameworkOption) -> Bool {
    guard case .flag(let value) = self[option] else { preconditionFailure(mismatch(option)) }
    return value
  }

  private func mismatch(_ option: FrameworkOption) -> String {
    "option \(option.key) was given a value of another kind than it declares"
  }
}
