import ArgumentParser
import Scenarios

/// `nephoscope schema`: what a scenario may say, for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of scenario files.",
    discussion: """
      scenarios/schema.json is its output: an editor that knows YAML completes a scenario whose \
      first line is '# yaml-language-server: $schema=schema.json'.
      """)

  func run() throws {
    try Fault.reporting { try Terminal.write(ScenarioSchema.json(vocabulary: .program)) }
  }
}
