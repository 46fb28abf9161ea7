import Scenarios

extension ScenarioReader {
  /// A reader of scenarios that use the names this program knows.
  static var standard: ScenarioReader { ScenarioReader(vocabulary: .program) }
}
