internal import OrderedCollections

/// What a price is for one of, and the whole base units in which such usage is counted.
public struct BillingUnit: Hashable, Sendable {
  /// The unit as the provider's price list names it, such as `GB-second`.
  public let name: String
  /// The unit in which usage is metered, such as `MB ms`.
  public let baseUnit: String
  /// How many base units make one unit.
  public let baseUnitsPerUnit: Int64

  /// A unit called `name` made of `baseUnitsPerUnit` base units.
  public init(name: String, baseUnit: String, baseUnitsPerUnit: Int64) {
    self.name = name
    self.baseUnit = baseUnit
    self.baseUnitsPerUnit = baseUnitsPerUnit
  }

  /// The unit that a provider file calls `text`: `GB-second`, `hour`, `1000000 requests`.
  ///
  /// Base units are chosen so that a remainder below one unit times any price stays below 2^63.
  /// A month has 730 hours, and AWS's GB is binary.
  public init?(_ text: String) {
    let words = text.split(separator: " ")
    if words.count == 2, let count = Int64(words[0]), count > 0 {
      self.init(name: text, baseUnit: String(words[1]), baseUnitsPerUnit: count)
      return
    }
    switch text {
    case "GB-second": self.init(name: text, baseUnit: "MB ms", baseUnitsPerUnit: 1_024_000)
    case "vCPU-second": self.init(name: text, baseUnit: "mCPU ms", baseUnitsPerUnit: 1_000_000)
    case "GHz-second": self.init(name: text, baseUnit: "MHz ms", baseUnitsPerUnit: 1_000_000)
    case "hour": self.init(name: text, baseUnit: "s", baseUnitsPerUnit: 3600)
    case "second": self.init(name: text, baseUnit: "s", baseUnitsPerUnit: 1)
    case "GB-month": self.init(name: text, baseUnit: "MB h", baseUnitsPerUnit: 747_520)
    case "GB-hour": self.init(name: text, baseUnit: "MB h", baseUnitsPerUnit: 1024)
    case "GB": self.init(name: text, baseUnit: "KB", baseUnitsPerUnit: 1_048_576)
    case "request": self.init(name: text, baseUnit: "requests", baseUnitsPerUnit: 1)
    default: return nil
    }
  }
}

/// The price of one kind of usage, in tiers.
public struct Price: Hashable, Sendable {
  /// A price that holds up to an amount of usage.
  public struct Tier: Hashable, Sendable {
    /// Units up to which the price holds, counted from zero; nil in the last tier.
    public let upTo: Int64?
    /// The price of one unit.
    public let perUnit: Money
    /// A tier that ends at `upTo` units.
    public init(upTo: Int64? = nil, perUnit: Money) {
      self.upTo = upTo
      self.perUnit = perUnit
    }
  }

  /// What the price is for.
  public let unit: BillingUnit
  /// From the first unit on, in order.
  public let tiers: [Tier]
  /// Units a month that cost nothing where the free tier is on.
  public let freeUnits: Int64

  /// A price in tiers, of which the last must be open.
  public init(per unit: BillingUnit, tiers: [Tier], freeUnits: Int64 = 0) {
    precondition(tiers.last.map { $0.upTo == nil } ?? false, "the last tier must be open")
    self.unit = unit
    self.tiers = tiers
    self.freeUnits = freeUnits
  }

  /// One price for any amount.
  public init(_ perUnit: Money, per unit: BillingUnit, freeUnits: Int64 = 0) {
    self.init(per: unit, tiers: [Tier(perUnit: perUnit)], freeUnits: freeUnits)
  }
}

/// Usage to money: the prices of a provider on one day.
public struct PriceBook: Sendable {
  /// The prices by service and item, in the provider file's order.
  public var items: [(service: String, item: String, price: Price)] {
    prices.elements.map { ($0.key.service, $0.key.item, $0.value) }
  }

  private var prices: OrderedDictionary<UsageMeter.Key, Price> = [:]

  /// A book without prices.
  public init() {}

  /// The price of an item of a service.
  public subscript(service: String, item: String) -> Price? {
    get { prices[UsageMeter.Key(service: service, item: item)] }
    set { prices[UsageMeter.Key(service: service, item: item)] = newValue }
  }

  /// The bill of some usage: one line for every price tier that was reached.
  ///
  /// Usage that has no price here costs nothing and has no line.
  public func bill(_ usage: [UsageMeter.Usage], freeTier: Bool = false) -> Bill {
    Bill(
      lines: usage.flatMap { usage -> [Bill.Line] in
        guard usage.quantity > 0, let price = self[usage.service, usage.item] else { return [] }
        return price.lines(for: usage, freeTier: freeTier)
      })
  }
}

extension Price {
  fileprivate func lines(for usage: UsageMeter.Usage, freeTier: Bool) -> [Bill.Line] {
    var lines: [Bill.Line] = []
    func add(_ quantity: Int64, at perUnit: Money) {
      if quantity > 0 {
        lines.append(
          Bill.Line(
            service: usage.service, item: usage.item, quantity: quantity, unit: unit,
            perUnit: perUnit))
      }
    }
    let free = freeTier ? min(usage.quantity, freeUnits * unit.baseUnitsPerUnit) : 0
    add(free, at: .zero)
    let billable = usage.quantity - free
    var reached: Int64 = 0
    for tier in tiers where reached < billable {
      let end = tier.upTo.map { min(billable, $0 * unit.baseUnitsPerUnit) } ?? billable
      add(end - reached, at: tier.perUnit)
      reached = max(reached, end)
    }
    return lines
  }
}
