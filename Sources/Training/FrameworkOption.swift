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
  /// Where the default comes from: a paper, a source file, or `assumed`.
  public let source: String

  /// Declares an option.
  public init(
    _ key: String, _ kind: Kind, default defaultValue: Value, source: String, _ summary: String
  ) {
    self.key = key
    self.kind = kind
    self.defaultValue = defaultValue
    self.source = source
    self.summary = summary
  }
}

/// The options of one framework in one run: what the scenario says, else the defaults.
public struct FrameworkOptions: Sendable, Hashable {
  private var values: [String: FrameworkOption.Value]

  /// Options as a scenario gives them, by key.
  public init(_ values: [String: FrameworkOption.Value] = [:]) { self.values = values }

  /// The value of an option, by its declaration.
  public subscript(_ option: FrameworkOption) -> FrameworkOption.Value {
    values[option.key] ?? option.defaultValue
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

/// What a framework tells about itself before it is made.
public struct FrameworkDeclaration: Sendable, Hashable {
  /// The name in scenario files, in kebab case.
  public let name: String
  /// What it is, in one sentence.
  public let summary: String
  /// The paper or source that defines it.
  public let source: String
  /// The variants it can play: `published`, and `released` where the public code differs.
  public let variants: [String]
  /// Its options.
  public let options: [FrameworkOption]

  /// Declares a framework.
  public init(
    name: String, summary: String, source: String, variants: [String] = ["published"],
    options: [FrameworkOption]
  ) {
    self.name = name
    self.summary = summary
    self.source = source
    self.variants = variants
    self.options = options
  }
}
