/// What usage costs: exact lines and their exact sum.
public struct Bill: Hashable, Sendable {
  /// Usage of one kind within one price tier.
  public struct Line: Hashable, Sendable {
    /// The service, such as `object-store`.
    public let service: String
    /// What was used of it, such as `put`.
    public let item: String
    /// How much, in base units.
    public let quantity: Int64
    /// The unit of the price and the base unit of the quantity.
    public let billingUnit: BillingUnit
    /// The price of one unit, in 1e-12 US dollars.
    public let picoUSDPerUnit: Int64
    /// Quantity times price, rounded half to even once.
    public let amount: Money

    /// The base unit of the quantity, such as `MB ms`.
    public var baseUnit: String { billingUnit.baseUnit }
    /// The unit of the price, such as `GB-second`.
    public var unit: String { billingUnit.name }
    /// How many base units make one unit.
    public var baseUnitsPerUnit: Int64 { billingUnit.baseUnitsPerUnit }

    /// The line for `quantity` base units at `perUnit` a unit.
    public init(
      service: String, item: String, quantity: Int64, unit: BillingUnit, perUnit: Money
    ) {
      self.service = service
      self.item = item
      self.quantity = quantity
      billingUnit = unit
      picoUSDPerUnit = perUnit.picoUSD
      amount = Money(quantity, baseUnitsPerUnit: unit.baseUnitsPerUnit, at: perUnit)
    }
  }

  /// The lines, in the order in which the items were first used.
  public let lines: [Line]

  /// A bill of `lines`.
  public init(lines: [Line] = []) { self.lines = lines }

  /// The sum of all lines.
  public var total: Money { lines.reduce(.zero) { $0 + $1.amount } }

  /// The sum of the lines of one service.
  public func total(of service: String) -> Money {
    lines.reduce(.zero) { $1.service == service ? $0 + $1.amount : $0 }
  }
}
