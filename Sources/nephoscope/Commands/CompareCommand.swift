import ArgumentParser
import Results

/// `nephoscope compare RUN RUN...`: stored runs side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Show stored runs side by side.",
    discussion: "RUN is the number of a run in the store or the beginning of its digest.")

  @Argument(help: ArgumentHelp("Two runs or more.", valueName: "run"))
  var runs: [String]

  @OptionGroup var place: StoreOptions

  func validate() throws {
    if runs.count < 2 { throw ValidationError("name two runs or more") }
  }

  func run() throws {
    try Fault.reporting {
      let store = try RunStore(reading: place.store)
      let stored = try runs.map { try store.run($0) }
      let style = Style(isColoured: Terminal.hasColour)
      try Terminal.write(ComparisonReport(stored, style: style).text)
    }
  }
}
