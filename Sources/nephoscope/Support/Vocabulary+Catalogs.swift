import Learning
import Scenarios
import Training

extension Vocabulary {
  /// The names that this program knows.
  static var standard: Vocabulary {
    Vocabulary(
      frameworks: FrameworkCatalog.declarations, models: Model.catalog.map(\.name),
      datasets: DatasetCatalog.entries.map(\.name),
      workloads: WorkloadProfile.catalog.map(\.name), providers: ProviderReader.names)
  }
}

extension ScenarioReader {
  /// A reader of scenarios that use the names this program knows.
  static var standard: ScenarioReader { ScenarioReader(vocabulary: .standard) }
}
