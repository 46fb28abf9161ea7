internal import OrderedCollections

/// A value of a provider file, with its dimension.
public enum ProviderValue: Hashable, Sendable {
  /// A plain number, also a count.
  case number(Double)
  /// A time.
  case duration(Duration)
  /// A size.
  case bytes(Int64)
  /// A bandwidth.
  case bytesPerSecond(Double)
  /// A computing speed in floating point operations per second.
  case flopsPerSecond(Double)
  /// A word.
  case text(String)
  /// Yes or no.
  case flag(Bool)
  /// A distribution of times.
  case latency(LatencyModel)
  /// A price.
  case price(Price)

  /// What kind of quantity it is, in words.
  public var dimension: String {
    switch self {
    case .number: "number"
    case .duration: "duration"
    case .bytes: "size"
    case .bytesPerSecond: "bandwidth"
    case .flopsPerSecond: "computing speed"
    case .text: "text"
    case .flag: "yes or no"
    case .latency: "latency"
    case .price: "price"
    }
  }
}

/// One leaf of a provider file: a value, or the values a rule has had over time.
public struct ProviderEntry: Hashable, Sendable {
  /// A value with where it is from.
  public struct Version: Hashable, Sendable {
    /// The first day on which it holds; nil for always.
    public let since: CalendarDate?
    /// The value.
    public let value: ProviderValue
    /// Who says so.
    public let source: String
    /// When they said so.
    public let date: String
    /// Whether it is a guess rather than a fact or a measurement.
    public let isAssumed: Bool
    /// What a reader should know about it.
    public let note: String

    /// A value and its origin.
    public init(
      _ value: ProviderValue, since: CalendarDate? = nil, source: String, date: String,
      isAssumed: Bool = false, note: String = ""
    ) {
      self.value = value
      self.since = since
      self.source = source
      self.date = date
      self.isAssumed = isAssumed
      self.note = note
    }
  }

  /// The dotted path of the leaf, such as `function.timeout-max`.
  public let key: String
  /// The values over time, oldest first.
  public let versions: [Version]

  /// A leaf with its values over time.
  public init(key: String, versions: [Version]) {
    precondition(!versions.isEmpty, "a leaf has a value")
    self.key = key
    self.versions = versions
  }

  /// The value on a day: the last one that had begun, else the first.
  public func version(on day: CalendarDate) -> Version {
    versions.last { $0.since.map { $0 <= day } ?? true } ?? versions[0]
  }
}

/// A provider's value is missing, or is of another kind than the model needs.
public struct ProviderError: Error, Hashable, CustomStringConvertible {
  /// The provider.
  public let provider: String
  /// The dotted path of the value.
  public let key: String
  /// What is wrong with it.
  public let problem: String
  /// The text of it in errors and logs.
  public var description: String { "provider \(provider): \(key) \(problem)" }
}

/// The facts about one cloud region that the services read: limits, latencies, bandwidths, prices.
///
/// A provider is a value. Every fact has a unit, a source and a date; those that changed over time
/// are chosen by `date`.
public struct Provider: Sendable {
  /// The provider's name, such as `aws`.
  public let name: String
  /// The region, such as `us-east-1`.
  public let region: String
  /// The day whose facts the file states.
  public let asOf: CalendarDate
  /// The day whose rules and prices hold in the model.
  public var date: CalendarDate

  private var table: OrderedDictionary<String, ProviderEntry>

  /// A provider with `entries` in file order; of two with the same key the later one holds.
  public init(name: String, region: String, asOf: CalendarDate, entries: [ProviderEntry]) {
    self.name = name
    self.region = region
    self.asOf = asOf
    date = asOf
    table = OrderedDictionary(entries.map { ($0.key, $0) }) { $1 }
  }

  /// The leaves, in file order.
  public var entries: [ProviderEntry] { Array(table.values) }

  /// The prices that hold on `date`: the leaves under `prices.<service>.<item>`.
  public var priceBook: PriceBook {
    var book = PriceBook()
    for entry in table.values {
      let path = entry.key.split(separator: ".", maxSplits: 2)
      if path.count == 3, path[0] == "prices", case .price(let price) = version(of: entry).value {
        book[String(path[1]), String(path[2])] = price
      }
    }
    return book
  }

  /// The values that are guesses on `date`, each as one line of text.
  public var assumptions: [String] { table.keys.compactMap(assumption) }

  /// The line that says a value is a guess; nil when it is none.
  public func assumption(_ key: String) -> String? {
    guard let version = table[key].map(version), version.isAssumed else { return nil }
    return version.note.isEmpty ? key : "\(key): \(version.note)"
  }

  /// Puts another leaf in the place of one, or adds it.
  public mutating func override(_ entry: ProviderEntry) { table[entry.key] = entry }

  /// The value of a leaf on `date`; nil when there is none.
  public subscript(key: String) -> ProviderValue? { table[key].map { version(of: $0).value } }

  private func version(of entry: ProviderEntry) -> ProviderEntry.Version { entry.version(on: date) }

  private func read<Value>(
    _ key: String, as dimension: String, _ convert: (ProviderValue) -> Value?
  ) throws(ProviderError) -> Value {
    guard let value = self[key] else {
      throw ProviderError(provider: "\(name)/\(region)", key: key, problem: "is missing")
    }
    guard let converted = convert(value) else {
      throw ProviderError(
        provider: "\(name)/\(region)", key: key,
        problem: "is a \(value.dimension), but must be a \(dimension)")
    }
    return converted
  }
}

extension Provider {
  /// A time.
  public func duration(_ key: String) throws(ProviderError) -> Duration {
    try read(key, as: "duration") { if case .duration(let value) = $0 { value } else { nil } }
  }

  /// A size in bytes.
  public func bytes(_ key: String) throws(ProviderError) -> Int {
    try read(key, as: "size") { if case .bytes(let value) = $0 { Int(value) } else { nil } }
  }

  /// A bandwidth in bytes per second.
  public func bytesPerSecond(_ key: String) throws(ProviderError) -> Double {
    try read(key, as: "bandwidth") {
      if case .bytesPerSecond(let value) = $0 { value } else { nil }
    }
  }

  /// A computing speed in floating point operations per second.
  public func flopsPerSecond(_ key: String) throws(ProviderError) -> Double {
    try read(key, as: "computing speed") {
      if case .flopsPerSecond(let value) = $0 { value } else { nil }
    }
  }

  /// A plain number.
  public func number(_ key: String) throws(ProviderError) -> Double {
    try read(key, as: "number") { if case .number(let value) = $0 { value } else { nil } }
  }

  /// A whole number.
  public func count(_ key: String) throws(ProviderError) -> Int {
    try read(key, as: "whole number") {
      if case .number(let value) = $0 { Int(exactly: value) } else { nil }
    }
  }

  /// A word.
  public func text(_ key: String) throws(ProviderError) -> String {
    try read(key, as: "text") { if case .text(let value) = $0 { value } else { nil } }
  }

  /// Yes or no.
  public func flag(_ key: String) throws(ProviderError) -> Bool {
    try read(key, as: "yes or no") { if case .flag(let value) = $0 { value } else { nil } }
  }

  /// A distribution of times; a plain duration is a constant one.
  public func latency(_ key: String) throws(ProviderError) -> LatencyModel {
    try read(key, as: "latency") {
      switch $0 {
      case .latency(let value): value
      case .duration(let value): .constant(value)
      default: nil
      }
    }
  }

  /// A price.
  public func price(service: String, item: String) throws(ProviderError) -> Price {
    try read("prices.\(service).\(item)", as: "price") {
      if case .price(let value) = $0 { value } else { nil }
    }
  }
}
