import ArgumentParser
import Cloud
import Foundation
import Learning
import Scenarios
import Training

/// `nephoscope list WHAT`: what a scenario can name.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what a scenario can name.")

  /// What there is to list.
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case frameworks, models, datasets, services, providers, traces
  }

  @Argument(help: "frameworks, models, datasets, services, providers or traces.")
  var subject: Subject

  @Option(name: .long, help: "The provider whose services are listed.")
  var provider = "aws/us-east-1"

  func run() throws {
    try Fault.reporting {
      let lines =
        switch subject {
        case .frameworks: FrameworkCatalog.declarations.flatMap(Self.lines)
        case .models: Self.table(Model.catalog.map { [$0.name, $0.summary] })
        case .datasets: Self.table(DatasetCatalog.entries.map { [$0.name, $0.summary] })
        case .services: try services()
        case .providers: try Self.providers()
        case .traces: try Self.traces()
        }
      try Terminal.write(lines.joined(separator: "\n") + "\n")
    }
  }

  private static func lines(_ framework: FrameworkDeclaration) -> [String] {
    let options = framework.options.flatMap { option in
      [
        "    \(option.key): \(option.defaultValue.text) (\(option.kind.text); \(option.source))",
        "      \(option.summary)",
      ]
    }
    return [
      "\(framework.name): \(framework.summary)",
      "  source: \(framework.source)",
      "  variants: \(framework.variants.joined(separator: ", "))",
    ] + options
  }

  /// What each service charges for: usage without a price costs nothing.
  private func services() throws -> [String] {
    let reader = ProviderReader(library: TraceLibrary())
    let prices = try reader.provider(named: provider).priceBook.items
    return Self.table(
      prices.flatMap { service, item, price in
        price.tiers.map { tier in
          let end = tier.upTo.map { ", up to \($0)" } ?? ""
          return [service, item, "\(tier.perUnit) per \(price.unit.name)\(end)"]
        }
      })
  }

  private static func providers() throws -> [String] {
    let reader = ProviderReader(library: TraceLibrary())
    return table(
      try ProviderReader.names.map { name in
        let provider = try reader.provider(named: name)
        let assumed = provider.assumptions.count
        return [
          name,
          "as of \(provider.asOf), \(provider.entries.count) values, \(assumed) of them assumed",
        ]
      })
  }

  /// The recorded files in the directories where a scenario's traces are looked up.
  private static func traces() throws -> [String] {
    let folders = TraceLibrary().directories.filter(FileManager.default.fileExists)
    let files = try folders.flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        .filter { $0.hasSuffix(".csv") || $0.hasSuffix(".csv.gz") }.map { "\(folder)/\($0)" }
    }
    return files.isEmpty ? ["no recorded traces in \(folders.joined(separator: ", "))"] : files
  }

  /// Rows with their columns one below the other.
  private static func table(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell : cell.padding(toLength: widths[column], withPad: " ", startingAt: 0)
      }
      return cells.joined(separator: "  ")
    }
  }
}

extension FrameworkOption.Value {
  /// The value as a scenario would have it.
  fileprivate var text: String {
    switch self {
    case .integer(let value): String(value)
    case .real(let value): value.description
    case .duration(let value): value.formatted
    case .choice(let word): word
    case .flag(let value): value ? "true" : "false"
    }
  }
}

extension FrameworkOption.Kind {
  /// What values are allowed, in words.
  fileprivate var text: String {
    switch self {
    case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .real(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .duration(let range):
      "\(range.lowerBound.formatted) to \(range.upperBound.formatted)"
    case .choice(let words): words.joined(separator: " | ")
    case .flag: "true | false"
    }
  }
}

extension Duration {
  /// The duration in the largest unit that keeps it whole.
  fileprivate var formatted: String {
    let nanoseconds = Int64(self / .nanoseconds(1))
    let units: [(String, Int64)] = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000)]
    for (name, size) in units where nanoseconds % size == 0 {
      return "\(nanoseconds / size) \(name)"
    }
    return "\(nanoseconds) ns"
  }
}
