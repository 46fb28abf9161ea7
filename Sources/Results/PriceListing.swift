public import Cloud

/// The prices of a provider, as text for people and as one JSON object for programs.
public struct PriceListing {
  private let name: String
  private let book: PriceBook

  /// The prices of the provider `name`.
  public init(_ name: String, _ book: PriceBook) {
    self.name = name
    self.book = book
  }

  /// A line for each price.
  public var text: String {
    TextTable(book.items.map { [$0.service, $0.item, $0.price.text] }).text
  }

  /// One JSON object, described in `docs/json.md`.
  public var json: String {
    let prices = book.items.map { service, item, price in
      JSON.object([
        ("service", .string(service)), ("item", .string(item)), ("price", price.json),
      ])
    }
    return JSON.object([("provider", .string(name)), ("prices", .array(prices))]).pretty() + "\n"
  }
}

extension Price {
  /// What programs read of a price: amounts are exact decimal text.
  var json: JSON {
    .object([
      ("unit", .string(unit.name)),
      (
        "tiers",
        .array(
          tiers.map { tier in
            .object([
              ("up_to", tier.upTo.map { .integer($0) } ?? .null),
              ("usd", .string(tier.perUnit.decimalUSD)),
            ])
          })
      ),
      ("free", .integer(freeUnits)),
    ])
  }
}

extension Price {
  /// As in `0.023 USD per GB-month up to 51200, 0.022 USD up to 512000, then 0.021 USD`.
  var text: String {
    let parts = tiers.map { tier in
      tier.perUnit.shortUSD + (tier.upTo.map { " up to \($0)" } ?? "")
    }
    let free = freeUnits > 0 ? "; \(freeUnits) free in the free tier" : ""
    return parts.joined(separator: ", then ") + " per \(unit.name)\(free)"
  }
}

extension Money {
  /// As in `0.0000166667 USD`, without zeros at the end.
  var shortUSD: String {
    let digits = decimalUSD.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(digits.reversed()) + " USD"
  }
}
