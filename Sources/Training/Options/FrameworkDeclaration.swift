/// What a framework tells about itself before it is made.
public struct FrameworkDeclaration: Sendable, Hashable {
  /// The variant that follows the paper.
  public static let published = "published"
  /// The variant that follows the public code, habits and mistakes included.
  public static let released = "released"

  /// The name in scenario files, in kebab case.
  public let name: String
  /// What it is, in one sentence.
  public let summary: String
  /// The paper or source that defines it.
  public let source: String
  /// The variants it can play: `published`, and `released` where public code is described.
  public let variants: [String]
  /// Its options.
  public let options: [FrameworkOption]

  /// Declares a framework.
  public init(
    name: String, summary: String, source: String, variants: [String] = [published],
    options: [FrameworkOption]
  ) {
    self.name = name
    self.summary = summary
    self.source = source
    self.variants = variants
    self.options = options
  }
}
