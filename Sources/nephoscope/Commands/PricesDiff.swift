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

  @Flag(name: .long, help: "Print one JSON object (docs/json.md) instead of tables.")
  var json = false

  func validate() throws {
    let words = options.words + place.words
    if scenario == nil, !words.isEmpty {
      throw ValidationError(
        "without --scenario nothing is run: \(words.joined(separator: " ")) would change nothing")
    }
  }

  func run() throws {
    try Fault.reporting {
      var providers = [try Provider.load(first), try Provider.load(second)]
      let session = try scenario.map { file in
        try RunSession(
          file: file, options: options, only: nil,
          threads: ProcessInfo.processInfo.activeProcessorCount, keepsSpans: false)
      }
      if let day = session?.scenario.date.flatMap(CalendarDate.init) {
        for index in providers.indices { providers[index].date = day }
      }
      var comparison = PriceComparison(
        (first, providers[0]), (second, providers[1]))
      if let session {
        let runs = try session.run(into: try RunStore(path: place.store), isFresh: false)
        for (plan, run) in zip(session.plans, runs) {
          do {
            try comparison.add(
              run.record, of: plan.provider, freeTier: plan.scenario.freeTier)
          } catch let mismatch as PriceComparison.Mismatch {
            throw Fault(.data, mismatch.problem)
          }
        }
      }
      try Terminal.write(json ? comparison.json : comparison.text)
    }
  }
}
