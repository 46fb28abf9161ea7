internal import Training

/// What somebody has measured of a real system and published in one place, as a scenario quotes it.
public struct PublishedSource: Sendable, Hashable {
  /// How the numbers were obtained.
  public enum Origin: String, Sendable, Hashable, CaseIterable {
    /// Printed in a sentence.
    case text
    /// Printed in a table.
    case table
    /// Printed beside the marks of a figure.
    case label
    /// Measured on the marks of a figure.
    case digitised
  }

  /// The paper, with its table, figure or section.
  public let source: String
  /// How the numbers were obtained.
  public let origin: Origin
  /// The measurements, in file order.
  public let points: [PublishedPoint]
}

/// One published measurement, and the runs that predict it.
public struct PublishedPoint: Sendable, Hashable {
  /// A quantity that runs have.
  public enum Measure: Sendable, Hashable {
    /// A number that a run reports.
    case metric(Metric)
    /// Time of the worker that ends last in phases of these names, of the run or of each update.
    case phases([String], perUpdate: Bool)
  }

  /// What is said about the measure.
  public enum Claim: Sendable, Hashable {
    /// Its value.
    case value
    /// How many times less it is than that of other runs.
    case speedUp(over: RunChoice)
    /// By which part of theirs it is less than that of other runs, 0 to 1.
    case saving(against: RunChoice)
  }

  /// What was measured.
  public let measure: Measure
  /// What is said about it.
  public let claim: Claim
  /// What was published: in base units of the measure, or a number without unit of a ratio.
  public let value: Double
  /// The value as written, as in `525.4 s`.
  public let text: String
  /// The runs that the measurement is about.
  public let runs: RunChoice
  /// Whether the scenario was fitted to this measurement, which then says nothing about errors.
  public let calibrates: Bool

  /// The runs that the measure is compared with; nil for a value.
  public var others: RunChoice? {
    switch claim {
    case .value: nil
    case .speedUp(let others), .saving(let others): others
    }
  }
}

/// The runs of one framework at one point of a sweep, which differ in their seeds alone.
public struct RunChoice: Sendable, Hashable {
  /// The framework's name.
  public let framework: String
  /// Its variant, as in `published`.
  public let variant: String
  /// The values that vary in the sweep, and the options in which equal frameworks differ.
  public let parameters: [SweepPoint.Parameter]

  /// The runs of a framework and variant with these values.
  public init(framework: String, variant: String, parameters: [SweepPoint.Parameter]) {
    self.framework = framework
    self.variant = variant
    self.parameters = parameters
  }
}

extension SweepPoint {
  /// The runs of `framework` at this point.
  func choice(
    of framework: FrameworkSelection, _ declaration: FrameworkDeclaration
  ) -> RunChoice {
    RunChoice(
      framework: framework.name, variant: framework.variant,
      parameters: parameters + scenario.distinction(of: framework, declaration))
  }
}

extension Scenario {
  /// The options in which a framework differs from others of the same name.
  fileprivate func distinction(
    of framework: FrameworkSelection, _ declaration: FrameworkDeclaration
  ) -> [SweepPoint.Parameter] {
    let namesakes = frameworks.filter { $0.name == framework.name }
    guard namesakes.count > 1 else { return [] }
    var parameters: [SweepPoint.Parameter] = []
    if namesakes.contains(where: { $0.variant != framework.variant }) {
      parameters.append(.init(key: "variant", value: framework.variant))
    }
    for option in declaration.options {
      let value = framework.options[option]
      // What follows from the variant is told by the variant.
      let isChosen = namesakes.contains {
        $0.options[option] != option.defaultValue(in: $0.variant)
      }
      if isChosen, namesakes.contains(where: { $0.options[option] != value }) {
        parameters.append(.init(key: "\(framework.name).\(option.key)", value: value.text))
      }
    }
    return parameters
  }
}
