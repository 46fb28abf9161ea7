import ArgumentParser
import Results

/// `nephoscope report RUN... -o out.html`: stored runs as a page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write stored runs as one HTML file with charts.",
    discussion: "RUN is the number of a run in the store or the beginning of its digest.")

  @Argument(help: ArgumentHelp("One run or more.", valueName: "run"))
  var runs: [String]

  @Option(name: .shortAndLong, help: "The file to write (default: standard output).")
  var output: String?

  @OptionGroup var place: StoreOptions

  func run() throws {
    try Fault.reporting {
      let store = try RunStore(reading: place.store)
      try Terminal.write(HTMLReport(try runs.map { try store.run($0) }).text, to: output)
    }
  }
}
