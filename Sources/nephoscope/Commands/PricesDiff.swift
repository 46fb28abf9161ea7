import ArgumentParser
import Cloud
import Foundation
import Results
import Scenarios

/// `nephoscope prices diff A B`: where two providers' prices differ, and what that is in money.
struct PricesDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare the prices of two providers, also for a scenario.",
    discussion: """
      A and B are providers that come with the program, or provider files. With a scenario its \
      runs are made, or taken from the store, and what they used is billed at both prices.
      """)

  @Argument(help: "A provider.")
  var first: String

  @Argument(help: "Another provider.")
  var second: String

  @Option(name: .long, help: "The scenario whose bill is compared.")
  var scenario: String?

  @OptionGroup(title: "What is run")
  var options: ScenarioOptions

  @OptionGroup(title: "Where runs are kept")
  var place: StoreOptions

  func run() throws {
    try Fault.reporting {
      var providers = [try Provider.load(first), try Provider.load(second)]
      guard let scenario else {
        return try Terminal.write(Self.prices(providers[0].priceBook, providers[1].priceBook))
      }
      let session = try RunSession(
        file: scenario, options: options, only: nil,
        threads: ProcessInfo.processInfo.activeProcessorCount, keepsSpans: false)
      if let day = session.scenario.date.flatMap(CalendarDate.init) {
        for index in providers.indices { providers[index].date = day }
      }
      let books = providers.map(\.priceBook)
      let runs = try session.run(into: try RunStore(path: place.store), isFresh: false)
      try Terminal.write(Self.prices(books[0], books[1]) + "\n")
      try Terminal.write(bills(of: runs.map(\.record), books, session.scenario.freeTier))
    }
  }

  /// The prices that differ, those only one of them has with a dash.
  private static func prices(_ first: PriceBook, _ second: PriceBook) -> String {
    let items =
      first.items.map { ($0.service, $0.item) }
      + second.items.filter { first[$0.service, $0.item] == nil }.map { ($0.service, $0.item) }
    let rows = items.compactMap { service, item -> [String]? in
      let prices = [first[service, item], second[service, item]]
      if prices[0] == prices[1] { return nil }
      return ["\(service)/\(item)"] + prices.map { $0?.text ?? "-" } + [change(prices)]
    }
    if rows.isEmpty { return "all prices are the same\n" }
    return TextTable([["price", "first", "second", "change"]] + rows).text
  }

  /// By how much the first tier's price changes, where both are for the same unit.
  private static func change(_ prices: [Price?]) -> String {
    guard let first = prices[0], let second = prices[1], first.unit == second.unit,
      let old = first.tiers.first?.perUnit.inUSD, let new = second.tiers.first?.perUnit.inUSD,
      old > 0
    else { return "" }
    return percent(new / old - 1)
  }

  private static func percent(_ part: Double) -> String {
    let tenths = Int((part * 1000).rounded())
    let size = tenths.magnitude
    return "\(tenths < 0 ? "-" : "+")\(size / 10).\(size % 10) %"
  }

  /// The bill of each run at both prices, with the services whose sums differ.
  private func bills(
    of runs: [RunRecord], _ books: [PriceBook], _ freeTier: Bool
  ) throws -> String {
    var rows = [["bill", "first", "second", "change"]]
    for run in runs {
      let usage = run.usage.map {
        UsageMeter.Usage(service: $0.service, item: $0.item, quantity: $0.quantity)
      }
      try requireSameUnits(run, books)
      let bills = books.map { $0.bill(usage, freeTier: freeTier) }
      let parameters = run.parameters.map { " \($0.name)=\($0.value)" }.joined()
      rows.append(
        Self.row(
          "\(run.framework)\(parameters), replication \(run.replication)", bills.map(\.total)))
      var services: [String] = []
      for item in usage where !services.contains(item.service) { services.append(item.service) }
      for service in services {
        let sums = bills.map { $0.total(of: service) }
        if sums[0] != sums[1] { rows.append(Self.row("  \(service)", sums)) }
      }
    }
    return TextTable(rows).text
  }

  private static func row(_ name: String, _ sums: [Money]) -> [String] {
    [name] + sums.map(\.shortUSD)
      + [sums[0] > .zero ? percent(sums[1].inUSD / sums[0].inUSD - 1) : ""]
  }

  /// What is counted in other units cannot be billed at another provider's prices.
  private func requireSameUnits(_ run: RunRecord, _ books: [PriceBook]) throws {
    for line in run.bill {
      for (name, book) in zip([first, second], books) {
        guard let unit = book[line.service, line.item]?.unit else {
          throw Fault(
            .data, "\(name) has no price of \(line.service)/\(line.item), which the scenario uses")
        }
        guard unit.baseUnit == line.baseUnit else {
          throw Fault(
            .data,
            "\(name) charges \(line.service)/\(line.item) by the \(unit.name), the scenario's "
              + "provider by the \(line.unit): run the scenario with each provider")
        }
      }
    }
  }
}
