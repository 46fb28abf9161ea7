import ArgumentParser
import Cloud
import Foundation
import Results
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

    @Option(name: .long, help: "The provider whose other values hold, or a provider file.")
    var extends = "aws/us-east-1"

    @Option(name: .long, help: "ElastiCache: the engine whose nodes are wanted.")
    var engine = "Redis"

    func run() throws {
      try Fault.reporting {
        var prices = try PriceImport(
          extending: try Provider.reference(to: extends), engine: engine)
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

    @Flag(name: .long, help: "Print one JSON object (docs/json.md) instead of a table.")
    var json = false

    func run() throws {
      try Fault.reporting {
        let list = PriceListing(provider, try Provider.load(provider).priceBook)
        try Terminal.write(json ? list.json : list.text)
      }
    }
  }
}

extension Provider {
  /// The provider called `name`, or that of the file `name`.
  static func load(_ name: String) throws -> Provider {
    try requireExistence(of: name)
    return try ProviderReader(library: TraceLibrary(beside: name)).provider(called: name)
  }

  /// The provider called `name`, or the absolute path of the file `name`: what a provider file can
  /// extend wherever it is put.
  static func reference(to name: String) throws -> String {
    try requireExistence(of: name)
    return ProviderReader.names.contains(name) ? name : URL(fileURLWithPath: name).path
  }

  private static func requireExistence(of name: String) throws {
    guard ProviderReader.names.contains(name) || FileManager.default.fileExists(atPath: name) else {
      throw Fault(.noInput, "\(name): there is no provider of this name, and no such file")
    }
  }
}
