import ArgumentParser
import Cloud
import Foundation
import Learning
import Results
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

  @Option(name: .long, help: "The provider whose services are listed, or a provider file.")
  var provider = "aws/us-east-1"

  func run() throws {
    try Fault.reporting {
      let lines =
        switch subject {
        case .frameworks: FrameworkCatalog.declarations.flatMap { FrameworkListing($0).lines }
        case .models: TextTable(Model.catalog.map { [$0.name, $0.summary] }).lines
        case .datasets: TextTable(DatasetCatalog.entries.map { [$0.name, $0.summary] }).lines
        case .services: try services()
        case .providers: try Self.providers()
        case .traces: try Self.traces()
        }
      try Terminal.write(lines.joined(separator: "\n") + "\n")
    }
  }

  /// What each service charges for: usage without a price costs nothing.
  private func services() throws -> [String] {
    let prices = try Provider.load(provider).priceBook.items
    return TextTable(
      prices.flatMap { service, item, price in
        price.tiers.map { tier in
          let end = tier.upTo.map { ", up to \($0)" } ?? ""
          return [service, item, "\(tier.perUnit) per \(price.unit.name)\(end)"]
        }
      }
    ).lines
  }

  private static func providers() throws -> [String] {
    let reader = ProviderReader(library: TraceLibrary())
    return TextTable(
      try ProviderReader.names.map { name in
        let provider = try reader.provider(named: name)
        let assumed = provider.assumptions.count
        return [
          name,
          "as of \(provider.asOf), \(provider.entries.count) values, \(assumed) of them assumed",
        ]
      }
    ).lines
  }

  /// The recorded files in the directories where a scenario's traces are looked up.
  private static func traces() throws -> [String] {
    let folders = TraceLibrary().directories
    let files = try folders.filter(FileManager.default.fileExists).flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        .filter { $0.hasSuffix(".csv") || $0.hasSuffix(".csv.gz") }.map { "\(folder)/\($0)" }
    }
    return files.isEmpty ? ["no recorded traces in \(folders.joined(separator: ", "))"] : files
  }
}
