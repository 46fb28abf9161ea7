public import Learning

/// What a framework looks at, before anything is loaded, to say what does not go together.
public struct Arrangement: Sendable {
  /// The number of workers.
  public var workers: Int
  /// The framework's options, and its variant.
  public var options: FrameworkOptions
  /// How gradients become updates.
  public var optimizer: OptimizerKind
  /// The model that learns; nil in a time-only run.
  public var modelName: String?
  /// What goes wrong, and when.
  public var faults: [Fault]
  /// The time limit of the workers' functions; nil for the provider's.
  public var functionTimeout: Duration?

  /// What a job is about to be.
  public init(
    workers: Int, options: FrameworkOptions, optimizer: OptimizerKind, modelName: String?,
    faults: [Fault] = [], functionTimeout: Duration? = nil
  ) {
    self.workers = workers
    self.options = options
    self.optimizer = optimizer
    self.modelName = modelName
    self.faults = faults
    self.functionTimeout = functionTimeout
  }

  /// Whether no gradient is computed.
  public var isTimeOnly: Bool { modelName == nil }
}

/// An option whose value does not go with the rest.
public struct OptionConflict: Error, Sendable, Hashable, CustomStringConvertible {
  /// The option's key.
  public let option: String
  /// Why not, and what would go.
  public let reason: String

  /// A conflict about an option.
  public init(_ option: FrameworkOption, _ reason: String) {
    self.option = option.key
    self.reason = reason
  }

  /// The option and the reason.
  public var description: String { "\(option): \(reason)" }
}
