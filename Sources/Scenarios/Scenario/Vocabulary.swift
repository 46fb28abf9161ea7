internal import Learning
public import Training

/// The names a scenario may use, which other parts of the program declare.
public struct Vocabulary: Sendable {
  /// The frameworks that can be compared, with their options.
  public let frameworks: [FrameworkDeclaration]
  /// The models that can be trained.
  public let models: [String]
  /// The data sets that come by name.
  public let datasets: [String]
  /// The workloads that time and cost can be charged for.
  public let workloads: [String]
  /// The providers that come by name.
  public let providers: [String]
  /// What does not go together in a job of a framework.
  let conflicts: @Sendable (_ framework: String, _ arrangement: Arrangement) -> [OptionConflict]

  /// A vocabulary of these names.
  public init(
    frameworks: [FrameworkDeclaration], models: [String], datasets: [String],
    workloads: [String], providers: [String],
    conflicts: @escaping @Sendable (String, Arrangement) -> [OptionConflict] = { _, _ in [] }
  ) {
    self.frameworks = frameworks
    self.models = models
    self.datasets = datasets
    self.workloads = workloads
    self.providers = providers
    self.conflicts = conflicts
  }

  /// What this program declares.
  public static var program: Vocabulary { program(with: FrameworkCatalog.all) }

  /// What this program declares, with these frameworks.
  public static func program(with frameworks: [any TrainingFramework.Type]) -> Vocabulary {
    Vocabulary(
      frameworks: frameworks.map { $0.declaration },
      models: Model.catalog.map(\.name),
      datasets: DatasetCatalog.entries.map(\.name),
      workloads: WorkloadProfile.catalog.map(\.name),
      providers: ProviderReader.names,
      conflicts: { name, arrangement in
        FrameworkCatalog.named(name)?.conflicts(in: arrangement) ?? []
      })
  }
}
