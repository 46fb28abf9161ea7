internal import Cloud

/// The JSON Schema of scenario files, which gives editors completion.
public enum ScenarioSchema {
  /// The schema for scenarios that use these names, as JSON text with a line end.
  public static func json(vocabulary: Vocabulary) -> String {
    let form = vocabulary.scenarioForm
    guard case .object(var schema) = form.schema(root: form) else {
      preconditionFailure("a scenario is a mapping")
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Nephoscope scenario"
    schema["description"] =
      "What is compared, on which cloud, and what must hold. Values carry their units."
    return JSONValue.object(schema).prettyPrinted + "\n"
  }
}
