internal import Learning

/// The options that say what workers do to their vectors before they send them.
public struct CompressionOptions: Sendable {
  /// The method.
  public let method: FrameworkOption
  /// The share of entries that are sent.
  public let density: FrameworkOption
  /// Steps of quantisation.
  public let levels: FrameworkOption
  /// The threshold of significance.
  public let threshold: FrameworkOption

  /// All of them, for a declaration.
  public var all: [FrameworkOption] { [method, density, levels, threshold] }

  /// Declares the options of one framework.
  ///
  /// - Parameter refusing: methods that make no sense for it, with the reason.
  public init(refusing: KeyValuePairs<String, String> = [:]) {
    method = FrameworkOption(
      "compression", .choice(["none", "significance", "top-k", "qsgd"]), default: .choice("none"),
      source: "the papers send gradients as they are",
      "How a worker makes what it sends shorter; what top-k and significance leave is kept.",
      refusing: refusing)
    density = FrameworkOption(
      "density", .real(0.000_001...1), default: .real(0.01),
      source: "Aji and Heafield, EMNLP 2017: 99 % of the entries are dropped",
      "The share of entries that top-k sends, and significance in a run without arithmetic.",
      onlyWith: .init(key: "compression", words: ["top-k", "significance"]))
    levels = FrameworkOption(
      "levels", .integer(1...32767), default: .integer(7),
      source: "QSGD, NIPS 2017, section 5: 4 bits an entry, here 7 levels and a sign",
      "Levels that qsgd rounds the size of an entry to.",
      onlyWith: .init(key: "compression", words: ["qsgd"]))
    threshold = FrameworkOption(
      "threshold", .real(0...1000), default: .real(0.7),
      source: "MLLess figure 4 sweeps 0.01 to 0.7; the default 0.7 is assumed",
      "Significance: an entry is sent when |kept| > threshold / sqrt(step) * |parameter|.",
      onlyWith: .init(key: "compression", words: ["significance"]))
  }

  /// The wire format that a scenario asks for.
  public func format(_ options: FrameworkOptions) -> WireFormat {
    let density = options.real(density)
    let compression: Compression =
      switch options.choice(method) {
      case "significance": .significance(threshold: Float(options.real(threshold)))
      case "top-k": .topK(share: density)
      case "qsgd": .qsgd(levels: options.integer(levels), bucket: 512)
      default: .none
      }
    return WireFormat(compression, density: density)
  }

  /// What does not go with the rule by which the vectors are aggregated.
  public func conflicts(
    in arrangement: Arrangement, aggregatedBy aggregation: AggregationOptions
  ) -> [OptionConflict] {
    let method = arrangement.options.choice(method)
    let rule = arrangement.options.choice(aggregation.rule)
    guard ["significance", "top-k"].contains(method),
      ["trimmed-mean", "median", "meamed"].contains(rule)
    else { return [] }
    return [
      OptionConflict(
        self.method,
        "of vectors that are zero almost everywhere the \(rule) is zero; krum would go, or qsgd")
    ]
  }
}
