public import Cloud
internal import Foundation
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

  /// Reads the provider called `name`, or that of the file `name`.
  public func provider(called name: String) throws(ScenarioErrors) -> Provider {
    ProviderReader.names.contains(name) ? try provider(named: name) : try provider(file: name)
  }

  /// Reads a provider file of the user's own, which may extend another provider.
  public func provider(file path: String) throws(ScenarioErrors) -> Provider {
    try decode(try YAMLDocument.read(file: path, name: path), file: path)
  }

  /// Reads the bytes of a provider file, which errors call `name`.
  public func provider(bytes: [UInt8], name: String) throws(ScenarioErrors) -> Provider {
    try decode(try YAMLDocument.parse(bytes, name: name), file: name)
  }

  /// The name of a provider, or the path of its file, as `extends` has it.
  static func written(_ name: String) -> String { names.contains(name) ? name : quoted(name) }

  /// - Parameter extending: The files that extend this one.
  private func decode(
    _ root: SourceNode, file: String, extending: [String] = []
  ) throws(ScenarioErrors) -> Provider {
    let base = try root["extends"].map { node throws(ScenarioErrors) in
      try self.base(node, of: file, extending: extending)
    }
    var decoder = ProviderDecoder(library: library, base: base)
    let provider = decoder.decode(root)
    try decoder.log.throwIfAny()
    guard let provider else { preconditionFailure("a rejected file has an issue") }
    return provider
  }

  /// The provider that `file` extends: by name, or by a path that begins where the file lies.
  private func base(
    _ node: SourceNode, of file: String, extending: [String]
  ) throws(ScenarioErrors) -> Provider {
    let text = node.scalar ?? ""
    if ProviderReader.names.contains(text) { return try provider(named: text) }
    let path = text.hasPrefix("/") ? text : ScenarioReader.directory(of: file) + "/" + text
    guard node.scalar != nil, FileManager.default.fileExists(atPath: path) else {
      throw ScenarioErrors([
        ScenarioIssue(
          at: node.place, path: "extends", "there is no provider \(node.kindText)",
          allowed: ProviderReader.names.joined(separator: ", ") + ", or the path of a file",
          hint: Suggestion.nearest(to: text, among: ProviderReader.names))
      ])
    }
    let files = extending + [URL(fileURLWithPath: file).resolvingSymlinksInPath().path]
    guard !files.contains(URL(fileURLWithPath: path).resolvingSymlinksInPath().path) else {
      throw ScenarioErrors([
        ScenarioIssue(at: node.place, path: "extends", "\(path) extends this file, or is it")
      ])
    }
    return try decode(
      try YAMLDocument.read(file: path, name: path), file: path, extending: files)
  }
}
