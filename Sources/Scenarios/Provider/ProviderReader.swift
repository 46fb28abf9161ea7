public import Cloud
internal import Traces

/// Reads provider files: limits, latencies, bandwidths and prices, each with source and date.
public struct ProviderReader: Sendable {
  /// The providers that come with the program, by name as in `aws/us-east-1`.
  public static var names: [String] { EmbeddedFiles.providers.map(\.name) }

  private let library: TraceLibrary

  /// A reader that finds the traces a provider refers to in `library`.
  public init(library: TraceLibrary) { self.library = library }

  /// Reads the provider a scenario asks for, with the rules of the scenario's date.
  ///
  /// - Throws: `ScenarioErrors` with every mistake of the provider's file.
  public func provider(for scenario: Scenario) throws(ScenarioErrors) -> Provider {
    var provider: Provider
    switch scenario.provider {
    case .named(let name): provider = try self.provider(named: name)
    case .file(let path): provider = try self.provider(file: path)
    }
    if let date = scenario.date.flatMap(CalendarDate.init) { provider.date = date }
    return provider
  }

  /// Reads a provider that comes with the program.
  public func provider(named name: String) throws(ScenarioErrors) -> Provider {
    guard let file = EmbeddedFiles.providers.first(where: { $0.name == name }) else {
      preconditionFailure("the scenario reader accepts only providers that exist")
    }
    return try provider(bytes: file.bytes, name: name + ".yaml")
  }

  /// Reads a provider file of the user's own, which may extend one that comes with the program.
  public func provider(file path: String) throws(ScenarioErrors) -> Provider {
    try decode(try YAMLDocument.read(file: path, name: path))
  }

  /// Reads the bytes of a provider file, which errors call `name`.
  public func provider(bytes: [UInt8], name: String) throws(ScenarioErrors) -> Provider {
    try decode(try YAMLDocument.parse(bytes, name: name))
  }

  private func decode(_ root: SourceNode) throws(ScenarioErrors) -> Provider {
    var base: Provider?
    if let extended = root["extends"] {
      guard let name = extended.scalar, ProviderReader.names.contains(name) else {
        let text = extended.scalar ?? ""
        throw ScenarioErrors([
          ScenarioIssue(
            at: extended.place, path: "extends", "there is no provider \(extended.kindText)",
            allowed: ProviderReader.names.joined(separator: ", "),
            hint: Suggestion.nearest(to: text, among: ProviderReader.names))
        ])
      }
      base = try provider(named: name)
    }
    var decoder = ProviderDecoder(library: library, base: base)
    let provider = decoder.decode(root)
    try decoder.log.throwIfAny()
    guard let provider else { preconditionFailure("a rejected file has an issue") }
    return provider
  }
}
