internal import SimulationKernel
internal import Training

extension FrameworkDeclaration {
  /// The settings of the framework's own block in a scenario: its variant and its options.
  var settings: [Setting] {
    let variant = Setting(
      "variant", .name(noun: "variant", of: variants), .defaults(variants[0]),
      "The papers' protocol, or what the public code does.")
    return [variant] + options.map(\.setting)
  }

  /// The same settings where absent means: as in the framework's own block.
  var overrides: [Setting] {
    settings.map { Setting($0.key, $0.form, .optional, $0.summary) }
  }
}

extension FrameworkOption {
  /// The option as a setting of a scenario.
  var setting: Setting {
    let meaning = "\(summary) Default from: \(source)."
    guard let releasedValue else {
      return Setting(key, form, .defaults(defaultValue.text), meaning)
    }
    // What holds if it is absent depends on the variant, which another setting decides.
    let defaults =
      "Default \(defaultValue.text), of the \(FrameworkDeclaration.released) variant "
      + "\(releasedValue.text)."
    return Setting(key, form, .optional, "\(meaning) \(defaults)")
  }

  private var form: Form {
    switch kind {
    case .integer(let range): .count(range)
    case .real(let range): .number(.closed(range))
    case .duration(let range):
      .quantity(
        .duration, range.lowerBound.wholeNanoseconds...range.upperBound.wholeNanoseconds)
    case .choice(let words):
      .name(
        noun: key, of: words.filter { word in !refusals.contains { $0.word == word } },
        refusing: Dictionary(refusals.map { ($0.word, $0.reason) }) { first, _ in first })
    case .flag: .flag
    }
  }

  /// The option's value in a scenario.
  func value(of checked: CheckedValue) -> Value {
    switch kind {
    case .integer: .integer(checked.count)
    case .real: .real(checked.number)
    case .duration: .duration(checked.duration)
    case .choice: .choice(checked.string)
    case .flag: .flag(checked.flag)
    }
  }
}
