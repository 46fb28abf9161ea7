extension Rule {
  /// What each target may import: an arrow never points up.
  private static let allowed: [String: Set<String>] = {
    let system: Set = ["Synchronization", "Dispatch", "Glibc", "Musl", "Darwin"]
    let kernel: Set = ["CPrefetch", "RealModule"]
    let cloud: Set = ["SimulationKernel", "OrderedCollections", "RealModule"]
    let learning: Set = [
      "Foundation", "CDNNL", "CEmbedded", "CVectors", "CZlib", "RealModule",
    ]
    let training: Set = ["SimulationKernel", "Cloud", "Learning", "RealModule"]
    let scenarios: Set = [
      "Foundation", "SimulationKernel", "Cloud", "Learning", "Training", "Traces", "CCrypto",
      "Yams",
    ]
    let results: Set = [
      "Foundation", "SimulationKernel", "Cloud", "Traces", "Scenarios", "GRDB",
    ]
    let serving: Set = [
      "Foundation", "Learning", "Training", "Traces", "Scenarios", "Results", "FlyingFox",
      "FlyingSocks",
    ]
    return [
      "SimulationKernel": kernel, "Cloud": cloud, "Learning": learning, "Training": training,
      "Traces": ["Foundation", "CZlib"], "Scenarios": scenarios, "Results": results,
      "Serving": serving,
    ].mapValues { $0.union(system) }
  }()

  static let imports = Rule(
    name: "a target imports only what lies below it",
    broken: SourceFile(path: "Sources/Cloud/Bad.swift", text: "internal import Foundation")
  ) { file in
    guard file.area == "Sources", let allowed = allowed[file.target] else { return [] }
    return file.code.enumerated().compactMap { index, line in
      let words = line.split(separator: " ").drop { $0.hasPrefix("@") || $0 == "public" }
      let rest = words.drop { ["internal", "package", "private", "fileprivate"].contains($0) }
      guard rest.first == "import", let module = rest.dropFirst().last else { return nil }
      let name = module.split(separator: ".").first.map(String.init) ?? ""
      return allowed.contains(name) ? nil : Finding(file, index, "imports \(name)")
    }
  }

  /// Names of dictionaries and sets are found by their declarations in the same file.
  ///
  /// A line that says `any order` in a comment has thought about it.
  static let orderedIteration = Rule(
    name: "the model never iterates a dictionary or set, whose order differs per process",
    broken: SourceFile(
      path: "Sources/Cloud/Bad.swift",
      text: "  private var stores: [String: Int] = [:]\n  for store in stores.values {")
  ) { file in
    let model: Set = ["SimulationKernel", "Cloud", "Training", "Learning"]
    guard file.area == "Sources", model.contains(file.target) else { return [] }
    let names = file.code.compactMap(unorderedName)
    let verbs = [
      "values", "keys", "map", "flatMap", "compactMap", "forEach", "filter", "reduce", "first",
      "enumerated",
    ]
    return file.lines.enumerated().flatMap { index, line -> [Finding] in
      if line.contains(".sorted") || line.contains("any order") { return [] }
      let code = line.withoutComment
      let iterated = names.filter { name in
        code.contains(" in \(name) ") || code.contains(" in self.\(name) ")
          || verbs.contains { verb in
            code.ranges(of: "\(name).\(verb)").contains { range in
              let before = code[..<range.lowerBound].last
              let after = code[range.upperBound...].first
              return before.map { !$0.isLetter && !$0.isNumber } ?? true
                && after.map { !$0.isLetter } ?? true
            }
          }
      }
      return iterated.map { Finding(file, index, "iterates '\($0)', which has no order") }
    }
  }

  /// The name that a line declares as a dictionary or set.
  private static func unorderedName(_ code: String) -> String? {
    if code.contains(".sorted") || code.hasSuffix("Set(") { return nil }
    let pattern = /(?:var|let) (\w+)(?:: \[[^\[\]]+: .+\]|: Set<| = \[\w+: .+\]\(\)| = Set[<(])/
    guard let match = code.firstMatch(of: pattern) else { return nil }
    // An array of labelled tuples looks like a dictionary up to its parenthesis.
    return code.contains(": [(") ? nil : String(match.1)
  }
}
