import Learning
import Scenarios
import Training

extension ScenarioReader {
  /// A reader that knows what this program has.
  static var standard: ScenarioReader {
    ScenarioReader(
      vocabulary: Vocabulary(
        frameworks: FrameworkCatalog.declarations, models: Model.catalog.map(\.name),
        datasets: DatasetCatalog.entries.map(\.name),
        workloads: WorkloadProfile.catalog.map(\.name), providers: ProviderReader.names))
  }
}
