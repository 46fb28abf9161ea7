public import Cloud

/// Where two price books differ, and what that is in money for recorded runs; as text for people
/// and as one JSON object for programs.
public struct PriceComparison {
  /// A price that only one of the books has, or that differs.
  private struct Difference {
    let service: String
    let item: String
    let prices: [Price?]
  }

  /// A run's bill at both prices.
  private struct Bills {
    let run: RunRecord
    let bills: [Bill]
    /// The services that the run used, in the order of their first use.
    let services: [String]
  }

  /// A run used something that a book has no price for, or a price for another unit.
  public struct Mismatch: Error, Hashable {
    /// What is wrong, in words.
    public let problem: String
  }

  private let names: [String]
  private let providers: [Provider]
  private let books: [PriceBook]
  private let differences: [Difference]
  private var bills: [Bills] = []

  /// The differences of two providers, each with the name by which it was asked for.
  public init(
    _ first: (name: String, provider: Provider), _ second: (name: String, provider: Provider)
  ) {
    names = [first.name, second.name]
    providers = [first.provider, second.provider]
    let books = providers.map(\.priceBook)
    self.books = books
    let items =
      books[0].items.map { ($0.service, $0.item) }
      + books[1].items.map { ($0.service, $0.item) }.filter { books[0][$0.0, $0.1] == nil }
    differences = items.compactMap { service, item in
      let prices = [books[0][service, item], books[1][service, item]]
      return prices[0] == prices[1]
        ? nil : Difference(service: service, item: item, prices: prices)
    }
  }

  /// Bills what a run used at both prices.
  ///
  /// - Parameter provider: That of the run, by whose rules its usage was counted.
  /// - Throws: `Mismatch`.
  public mutating func add(
    _ run: RunRecord, of provider: Provider, freeTier: Bool
  ) throws(Mismatch) {
    try requireSameUnits(run)
    for (name, other) in zip(names, providers) {
      try requireSameRules(run, name, other, as: provider)
    }
    let usage = run.usage.map {
      UsageMeter.Usage(service: $0.service, item: $0.item, quantity: $0.quantity)
    }
    var services: [String] = []
    for item in usage where !services.contains(item.service) { services.append(item.service) }
    bills.append(
      Bills(run: run, bills: books.map { $0.bill(usage, freeTier: freeTier) }, services: services))
  }

  /// What is counted in other units cannot be billed at another provider's prices.
  private func requireSameUnits(_ run: RunRecord) throws(Mismatch) {
    for line in run.bill {
      for (name, book) in zip(names, books) {
        guard let unit = book[line.service, line.item]?.unit else {
          throw Mismatch(
            problem: "\(name) has no price of \(line.service)/\(line.item), which the scenario uses"
          )
        }
        guard unit.baseUnit == line.baseUnit else {
          throw Mismatch(
            problem: "\(name) charges \(line.service)/\(line.item) by the \(unit.name), the "
              + "scenario's provider by the \(line.unit): run the scenario with each provider")
        }
      }
    }
  }

  /// How usage is rounded, after the name of the service.
  private static let rules = [
    "billing-granularity", "billing-minimum", "billed-memory-step", "billed-chunk",
    "express-granularity",
  ]

  /// What another provider would have counted besides, or otherwise, is not in the usage.
  private func requireSameRules(
    _ run: RunRecord, _ name: String, _ other: Provider, as own: Provider
  ) throws(Mismatch) {
    let hint = "run the scenario with each provider"
    let used = Set(run.usage.map(\.service))
    let (book, ownBook) = (other.priceBook, own.priceBook)
    for (service, item, _) in book.items where service == "function" && used.contains(service) {
      guard ownBook[service, item] == nil else { continue }
      throw Mismatch(
        problem: "\(name) charges \(service)/\(item) too, which the scenario's provider does not: "
          + hint)
    }
    for service in used.sorted() {
      for key in Self.rules.map({ "\(service).\($0)" }) where other[key] != own[key] {
        throw Mismatch(
          problem: "\(key) of \(name) is not that of the scenario's provider: " + hint)
      }
    }
  }

  // MARK: Text

  /// Two tables: the prices that differ, those only one book has with a dash, and the bills.
  public var text: String {
    let prices =
      differences.isEmpty
      ? "all prices are the same\n"
      : TextTable([["price", "first", "second", "change"]] + differences.map(row)).text
    if bills.isEmpty { return prices }
    let header = ["bill", "first", "second", "change"]
    return prices + "\n" + TextTable([header] + bills.flatMap(rows)).text
  }

  private func row(_ difference: Difference) -> [String] {
    ["\(difference.service)/\(difference.item)"] + difference.prices.map { $0?.text ?? "-" }
      + [change(difference).map(PriceComparison.percent) ?? ""]
  }

  private func rows(for bills: Bills) -> [[String]] {
    let run = bills.run
    let parameters = run.parameters.map { " \($0.name)=\($0.value)" }.joined()
    func row(_ name: String, _ sums: [Money]) -> [String] {
      [name] + sums.map(\.shortUSD)
        + [PriceComparison.change(sums).map(PriceComparison.percent) ?? ""]
    }
    let services = bills.services.compactMap { service -> [String]? in
      let sums = bills.bills.map { $0.total(of: service) }
      return sums[0] == sums[1] ? nil : row("  \(service)", sums)
    }
    let name = "\(run.framework)\(parameters), replication \(run.replication)"
    return [row(name, bills.bills.map(\.total))] + services
  }

  private static func percent(_ part: Double) -> String {
    let tenths = Int((part * 1000).rounded())
    let size = tenths.magnitude
    return "\(tenths < 0 ? "-" : "+")\(size / 10).\(size % 10) %"
  }

  // MARK: JSON

  /// One JSON object, described in `docs/json.md`.
  public var json: String {
    JSON.object([
      ("first", .string(names[0])), ("second", .string(names[1])),
      ("prices", .array(differences.map(document))), ("bills", .array(bills.map(document))),
    ]).pretty() + "\n"
  }

  private func document(_ difference: Difference) -> JSON {
    .object([
      ("service", .string(difference.service)), ("item", .string(difference.item)),
      ("first", difference.prices[0]?.json ?? .null),
      ("second", difference.prices[1]?.json ?? .null), ("change", .real(change(difference))),
    ])
  }

  private func document(_ bills: Bills) -> JSON {
    func sums(_ sums: [Money]) -> [(String, JSON)] {
      [
        ("first_usd", .string(sums[0].decimalUSD)), ("second_usd", .string(sums[1].decimalUSD)),
        ("change", .real(PriceComparison.change(sums))),
      ]
    }
    let run = bills.run
    let services = bills.services.map { service in
      JSON.object(
        [("service", .string(service))] + sums(bills.bills.map { $0.total(of: service) }))
    }
    return .object(
      [
        ("framework", .string(run.framework)),
        ("parameters", .object(run.parameters.map { ($0.name, .string($0.value)) })),
        ("replication", .integer(run.replication)),
      ] + sums(bills.bills.map(\.total)) + [("services", .array(services))])
  }

  // MARK: Changes

  /// By how much the first tier's price changes, where both are for the same unit.
  private func change(_ difference: Difference) -> Double? {
    guard let first = difference.prices[0], let second = difference.prices[1],
      first.unit == second.unit, let old = first.tiers.first, let new = second.tiers.first
    else { return nil }
    return PriceComparison.change([old.perUnit, new.perUnit])
  }

  private static func change(_ sums: [Money]) -> Double? {
    sums[0] > .zero ? sums[1].inUSD / sums[0].inUSD - 1 : nil
  }
}
