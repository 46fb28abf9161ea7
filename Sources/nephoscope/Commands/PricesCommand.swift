import ArgumentParser
import Cloud
import Foundation
import Scenarios

/// `nephoscope prices import|show|diff`: what providers charge.
struct PricesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prices", abstract: "Import, show and compare prices.",
    subcommands: [Import.self, Show.self, PricesDiff.self])

  /// AWS price lists as a provider file.
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import", abstract: "Make a provider file of AWS price lists.",
      discussion: """
        Reads bulk JSON and bulk CSV (pricing.us-east-1.amazonaws.com/offers/v1.0/aws/...) and \
        what `aws pricing get-products` prints, of one region and in any size. The file extends a \
        provider that comes with the program, and has those of its prices that the lists have.
        """)

    @Argument(help: ArgumentHelp("The price lists.", valueName: "file"))
    var files: [String]

    @Option(name: .shortAndLong, help: "The provider file to write (default: standard output).")
    var output: String?

    @Option(name: .long, help: "The provider whose other values hold.")
    var extends = "aws/us-east-1"

    @Option(name: .long, help: "ElastiCache: the engine whose nodes are wanted.")
    var engine = "Redis"

    func validate() throws {
      guard ProviderReader.names.contains(extends) else {
        let names = ProviderReader.names.joined(separator: ", ")
        throw ValidationError("--extends must be one of \(names)")
      }
    }

    func run() throws {
      try Fault.reporting {
        var prices = try PriceImport(extending: extends, engine: engine)
        for file in files {
          guard FileManager.default.fileExists(atPath: file) else {
            throw Fault(.noInput, "\(file): there is no such file")
          }
          try prices.read(file: file)
        }
        try Terminal.write(prices.text, to: output)
        Terminal.writeError("nephoscope: \(prices.count) prices of \(extends) imported\n")
      }
    }
  }

  /// The prices of a provider.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show the prices of a provider.")

    @Argument(help: "A provider that comes with the program, or a provider file.")
    var provider = "aws/us-east-1"

    func run() throws {
      try Fault.reporting {
        let rows = try Provider.load(provider).priceBook.items.map { service, item, price in
          [service, item, price.text]
        }
        try Terminal.write(TextTable(rows).text)
      }
    }
  }
}

extension Provider {
  /// The provider called `name`, or that of the file `name`.
  static func load(_ name: String) throws -> Provider {
    let reader = ProviderReader(library: TraceLibrary(beside: name))
    if ProviderReader.names.contains(name) { return try reader.provider(named: name) }
    guard FileManager.default.fileExists(atPath: name) else {
      throw Fault(.noInput, "\(name): there is no provider of this name, and no such file")
    }
    return try reader.provider(file: name)
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

/// Rows with their columns one below the other.
struct TextTable {
  private let rows: [[String]]

  init(_ rows: [[String]]) { self.rows = rows }

  /// The lines, each with an end.
  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell : cell.padding(toLength: widths[column], withPad: " ", startingAt: 0)
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }
}
