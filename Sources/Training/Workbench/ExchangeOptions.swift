internal import Learning

/// The options that say what workers exchange, and how often.
public struct ExchangeOptions: Sendable {
  /// Gradients, models or ADMM's messages.
  public let subject: FrameworkOption
  /// Steps between two exchanges.
  public let localSteps: FrameworkOption
  /// ADMM's pull towards the common model.
  public let rho: FrameworkOption
  /// ADMM's L1 penalty.
  public let lambda: FrameworkOption

  /// All of them, for a declaration.
  public var all: [FrameworkOption] { [subject, localSteps, rho, lambda] }

  static let gradients = "gradients"
  static let models = "models"
  static let admm = "admm"

  /// Declares the options of one framework.
  ///
  /// - Parameter refusing: what it cannot exchange, with the reason.
  public init(refusing: KeyValuePairs<String, String> = [:]) {
    subject = FrameworkOption(
      "exchange", .choice([Self.gradients, Self.models, Self.admm]),
      default: .choice(Self.gradients), source: "LambdaML section 3.1: GA-SGD, MA-SGD and ADMM",
      "What workers exchange: gradients, models that learn by themselves for a while, or ADMM's.",
      refusing: refusing)
    localSteps = FrameworkOption(
      "local-steps", .integer(1...1_000_000), default: .integer(1),
      source: "LambdaML's model averaging exchanges once an epoch, its ADMM every ten",
      "Steps that a worker takes by itself between two exchanges of models or ADMM's messages.")
    let isADMM = FrameworkOption.Condition(key: "exchange", words: [Self.admm])
    rho = FrameworkOption(
      "admm-rho", .real(0.000_001...1000), default: .real(0.01),
      source: "DS3Lab/LambdaML e7d466e: rho = 0.01",
      "How strongly ADMM holds a worker to the common model.", onlyWith: isADMM)
    lambda = FrameworkOption(
      "admm-lambda", .real(0...1000), default: .real(0.01),
      source: "DS3Lab/LambdaML e7d466e: lambda = 0.01", "ADMM's L1 penalty.",
      onlyWith: isADMM)
  }

  /// What does not go with the other groups of the workbench.
  public func conflicts(
    in arrangement: Arrangement, aggregatedBy aggregation: AggregationOptions,
    sentBy compression: CompressionOptions
  ) -> [OptionConflict] {
    let options = arrangement.options
    let subject = options.choice(subject)
    var conflicts: [OptionConflict] = []
    if subject == Self.gradients {
      guard options.integer(localSteps) > 1 else { return [] }
      return [
        OptionConflict(
          localSteps, "gradients are exchanged at every step; 'exchange: models' takes more")
      ]
    }
    if options.choice(compression.method) != "none" {
      conflicts.append(
        OptionConflict(
          compression.method, "a model of which parts are missing is none; gradients would go"))
    }
    let rule = options.choice(aggregation.rule)
    if rule == AggregationOptions.sum || rule == "zeno" {
      conflicts.append(
        OptionConflict(aggregation.rule, "the \(rule) of models is none; gradients would go"))
    }
    guard subject == Self.admm else { return conflicts }
    if rule != "mean", rule != AggregationOptions.sum {
      conflicts.append(OptionConflict(aggregation.rule, "ADMM is defined with the mean"))
    }
    let convex = ["logistic-regression", "sparse-logistic-regression", "svm"]
    if let model = arrangement.modelName, !convex.contains(model) {
      conflicts.append(
        OptionConflict(
          self.subject, "ADMM is for convex models such as logistic-regression, not for \(model)"))
    }
    return conflicts
  }
}
