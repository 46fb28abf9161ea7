import Scenarios
import SimulationKernel
import Training

/// A framework as `nephoscope list frameworks` tells it: its options with their defaults, where
/// these come from, and what it refuses.
struct FrameworkListing {
  private let framework: FrameworkDeclaration

  init(_ framework: FrameworkDeclaration) { self.framework = framework }

  var lines: [String] {
    [
      "\(framework.name): \(framework.summary)",
      "  source: \(framework.source)",
      "  variants: \(framework.variants.joined(separator: ", "))",
    ] + framework.options.flatMap(lines)
  }

  private func lines(_ option: FrameworkOption) -> [String] {
    let refusals = option.refusals.map { "      not \($0.word): \($0.reason)" }
    return [
      "    \(option.key): \(defaults(of: option)) (\(values(of: option)))",
      "      \(option.summary)",
      "      from: \(option.source)",
    ] + refusals
  }

  /// The default, or that of each variant where they differ.
  private func defaults(of option: FrameworkOption) -> String {
    let texts = framework.variants.map { option.defaultValue(in: $0).text }
    guard Set(texts).count > 1 else { return texts[0] }
    return zip(framework.variants, texts).map { "\($1) if \($0)" }.joined(separator: ", ")
  }

  /// The values that are allowed, in words.
  private func values(of option: FrameworkOption) -> String {
    switch option.kind {
    case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .real(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .duration(let range): "\(text(of: range.lowerBound)) to \(text(of: range.upperBound))"
    case .choice(let words):
      words.filter { word in !option.refusals.contains { $0.word == word } }
        .joined(separator: " | ")
    case .flag: "true | false"
    }
  }

  private func text(of duration: Duration) -> String {
    FrameworkOption.Value.duration(duration).text
  }
}
