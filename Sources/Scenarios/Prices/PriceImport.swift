internal import Cloud
public import Traces

/// Makes a provider file of AWS price lists, on top of another provider.
///
/// Only prices that the provider has are taken: a machine without its processors and its network
/// is of no use, and a list of hundreds of megabytes becomes a page.
public struct PriceImport {
  private struct Tier {
    let upTo: Int64?
    let perUnit: Money
    let sku: String
  }

  private let baseName: String
  private let engine: String
  private let book: PriceBook
  private var tiers: [String: [Int64: Tier]] = [:]
  private var sources: [(key: String, text: String, date: String)] = []
  /// Which of the sources a price is from.
  private var origins: [String: Int] = [:]

  /// How many prices have been read.
  public var count: Int { tiers.count }

  /// An import on top of the provider `name`, or the file at that absolute path, with memory stores
  /// of `engine`.
  ///
  /// - Throws: `ScenarioErrors` where the provider cannot be read.
  public init(extending name: String, engine: String) throws(ScenarioErrors) {
    baseName = name
    self.engine = engine
    book = try ProviderReader(library: TraceLibrary(beside: name)).provider(called: name).priceBook
  }

  /// Takes the prices of the list at `path`.
  ///
  /// - Throws: `TraceError` where the file is no price list, has none of the provider's prices, or
  ///   has two for the same.
  public mutating func read(file path: String) throws(TraceError) {
    let (book, engine) = (book, engine)
    var read: [String: [Int64: Tier]] = [:]
    let list = try PriceList(path: path) { attributes in
      PriceListProducts.match(attributes, engine: engine).map { match in
        match.keys.contains { PriceImport.price($0, in: book) != nil }
      } ?? false
    } take: { rate throws(TraceError) in
      guard let match = PriceListProducts.match(rate.attributes, engine: engine) else { return }
      for key in match.keys {
        guard let unit = PriceImport.price(key, in: book)?.unit else { continue }
        let (from, tier) = try PriceImport.tier(rate, match, unit: unit, file: path)
        if let other = read[key]?[from], other.perUnit != tier.perUnit || other.upTo != tier.upTo {
          throw TraceError(
            file: path,
            "\(key) has two prices, of the products \(other.sku) and \(rate.sku): is this the "
              + "list of one region?")
        }
        read[key, default: [:]][from] = tier
      }
    }
    guard !read.isEmpty else {
      throw TraceError(file: path, "has no price that \(baseName) has")
    }
    for (key, tiers) in read.sorted(by: { $0.key < $1.key }) {
      try PriceImport.check(tiers, of: key, file: path)
    }
    guard CalendarDate(list.published) != nil else {
      throw TraceError(file: path, "does not say when it was published")
    }
    sources.append(
      (
        "price-list-\(sources.count + 1)",
        "AWS Price List \(list.offer), version \(list.version)", list.published
      ))
    for (key, value) in read {
      tiers[key] = value
      origins[key] = sources.count - 1
    }
  }

  /// Every unit must have one price: a list may lack a tier, or have it in another currency.
  private static func check(
    _ tiers: [Int64: Tier], of key: String, file: String
  ) throws(TraceError) {
    var end: Int64? = 0
    for (from, tier) in tiers.sorted(by: { $0.key < $1.key }) {
      guard from == end else {
        let start = end.map(String.init) ?? "any"
        throw TraceError(
          file: file,
          "\(key) has no single price in USD from unit \(start) on: the product \(tier.sku) "
            + "begins at \(from)")
      }
      end = tier.upTo
    }
    if let end { throw TraceError(file: file, "\(key) has no price in USD from unit \(end) on") }
  }

  /// A price of the book by `service.item`.
  private static func price(_ key: String, in book: PriceBook) -> Price? {
    let parts = key.split(separator: ".", maxSplits: 1)
    return book[String(parts[0]), String(parts[1])]
  }

  /// Where a rate begins, in the provider's units, and what it says.
  private static func tier(
    _ rate: PriceListRate, _ match: PriceListProducts.Match, unit: BillingUnit, file: String
  ) throws(TraceError) -> (from: Int64, tier: Tier) {
    func error(_ problem: String) -> TraceError {
      TraceError(file: file, "the product \(rate.sku) has \(problem)")
    }
    // How many of the list's units make one of the provider's.
    let factor = match.baseUnits.map { unit.baseUnitsPerUnit / $0 } ?? 1
    func edge(_ text: String) throws(TraceError) -> Int64? {
      if text == "Inf" { return nil }
      guard case .whole(let value)? = DecimalNumber(text)?.scaled(by: 1), value % factor == 0 else {
        throw error("a tier that begins or ends at '\(text)', which is no number of \(unit.name)")
      }
      return value / factor
    }
    guard case .whole(let price)? = DecimalNumber(rate.usd)?.scaled(by: factor * 1_000_000_000_000),
      price >= 0
    else { throw error("a price of '\(rate.usd)', which is none in whole 1e-12 USD") }
    let tier = Tier(upTo: try edge(rate.to), perUnit: Money(picoUSD: price), sku: rate.sku)
    return (try edge(rate.from) ?? 0, tier)
  }

  // MARK: The file

  /// The provider file.
  public var text: String {
    var lines = [
      "# Prices of AWS price lists, on top of the values of \(baseName).",
      "extends: \(ProviderReader.written(baseName))",
      "", "sources:",
    ]
    lines += sources.map { "  \($0.key): \"\($0.text)\"" }
    lines += ["", "prices:"]
    var service = ""
    for (name, item, price) in book.items {
      let key = "\(name).\(item)"
      guard let read = tiers[key], let origin = origins[key] else { continue }
      if name != service { lines.append("  \(name):") }
      service = name
      let source = sources[origin]
      lines.append("    \(item):")
      lines += PriceImport.leaf(read, replacing: price).map { "      " + $0 }
      lines += ["      source: \(source.key)", "      date: \(source.date)"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Units that a list gives for nothing come first in it; they are the free tier.
  private static func leaf(_ read: [Int64: Tier], replacing old: Price) -> [String] {
    var tiers = read.sorted { $0.key < $1.key }.map(\.value)
    var free = old.freeUnits
    if tiers.count > 1, tiers[0].perUnit == .zero {
      free = tiers[0].upTo ?? 0
      tiers.removeFirst()
    }
    let value =
      tiers.count == 1
      ? tiers[0].perUnit.shortUSD
      : "{ tiers: [ "
        + tiers.map { tier in
          let end = tier.upTo.map { "up-to: \($0), " } ?? ""
          return "{ \(end)price: \(tier.perUnit.shortUSD) }"
        }.joined(separator: ", ") + " ] }"
    return ["value: \(value)", "per: \(old.unit.name)"] + (free > 0 ? ["free: \(free)"] : [])
  }
}

extension Money {
  /// As in `0.0000166667 USD`, without zeros at the end.
  fileprivate var shortUSD: String {
    let digits = decimalUSD.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(digits.reversed()) + " USD"
  }
}
