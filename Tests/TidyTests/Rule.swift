import Testing

/// A rule of the house that can be checked file by file.
struct Rule: Sendable, CustomTestStringConvertible {
  let name: String
  /// A file that breaks the rule: the canary that shows the check is alive.
  let broken: SourceFile
  let check: @Sendable (SourceFile) -> [Finding]

  var testDescription: String { name }

  static let all: [Rule] = [
    .columns, .fileLength, .functionLength, .bans, .imports, .noClock, .noPrint, .expectations,
    .orderedIteration,
  ]

  static let columns = Rule(
    name: "a line has at most 100 columns",
    broken: SourceFile(
      path: "Sources/Cloud/Wide.swift", text: String(repeating: "x", count: 101))
  ) { file in
    file.lines.enumerated().filter { $0.element.unicodeScalars.count > 100 }.map { index, line in
      Finding(file, index, "\(line.count) columns")
    }
  }

  static let fileLength = Rule(
    name: "a file has at most 300 lines",
    broken: SourceFile(
      path: "Sources/Cloud/Long.swift", text: String(repeating: "let x = 1\n", count: 302))
  ) { file in
    let count = file.lines.count - 1
    return count > 300 ? [Finding(path: file.path, problem: "\(count) lines")] : []
  }

  static let functionLength = Rule(
    name: "a function has at most 70 lines",
    broken: SourceFile(
      path: "Sources/Cloud/Long.swift",
      text: "struct A {\n  func long(\n    a: Int\n  ) {\n"
        + String(repeating: "    work()\n", count: 70) + "  }\n}\n")
  ) { file in
    FunctionScanner(file).functions.filter { $0.length > 70 }.map { function in
      Finding(file, function.start, "a function of \(function.length) lines")
    }
  }

  /// Put together here, so that this file does not break its own rule.
  private static let banned = [
    "try" + "? ", "try" + "! ", "as" + "! ", "fatal" + "Error(", "TO" + "DO", "FIX" + "ME",
  ]

  static let bans = Rule(
    name: "errors are handled and nothing is left for later",
    broken: SourceFile(
      path: "Sources/Cloud/Bad.swift", text: "let x = try" + "? load() // TO" + "DO")
  ) { file in
    file.lines.enumerated().flatMap { index, line in
      banned.filter(line.containsWord).map { Finding(file, index, "'\($0)'") }
    }
  }

  static let noClock = Rule(
    name: "the model has no wall clock and no chance of its own",
    broken: SourceFile(path: "Sources/Training/Bad.swift", text: "let now = ContinuousClock().now")
  ) { file in
    let model: Set = ["SimulationKernel", "Cloud", "Training", "Learning", "Traces"]
    guard file.area == "Sources", model.contains(file.target) else { return [] }
    let words = [
      "ContinuousClock", "SuspendingClock", "Date()", "DispatchTime", "clock_gettime",
      "gettimeofday", "Task.sleep(", "SystemRandomNumberGenerator", "randomElement()",
      "shuffled()", ".random(in:",
    ]
    return file.code.enumerated().flatMap { index, line in
      words.filter(line.contains).map { Finding(file, index, "'\($0)'") }
    }
  }

  static let noPrint = Rule(
    name: "libraries print nothing",
    broken: SourceFile(path: "Sources/Cloud/Bad.swift", text: "  print(bill)")
  ) { file in
    guard file.area == "Sources", !file.target.hasPrefix("nephoscope") else { return [] }
    return file.code.enumerated().filter { _, line in
      line.contains(/(^|[^.\w])(print|debugPrint|dump)\(/)
    }.map { Finding(file, $0.offset, "prints") }
  }

  static let expectations = Rule(
    name: "every test expects something",
    broken: SourceFile(
      path: "Tests/CloudTests/EmptyTests.swift",
      text: "  @Test func nothing() {\n    work()\n  }\n")
  ) { file in
    guard file.area == "Tests" else { return [] }
    let functions = FunctionScanner(file).functions
    let attributes = file.lines.indices.filter { file.lines[$0].hasPrefix("  @Test") }
    let expectingBodies = functions.filter { function in
      file.lines[function.start...function.end].contains {
        $0.contains("#expect") || $0.contains("#require") || $0.contains("Issue.record")
      }
    }
    // A test may leave the expecting to a function beside it.
    let helpers = expectingBodies.compactMap { function in
      file.lines[function.start].firstMatch(of: /func (\w+)/).map { String($0.1) }
    }
    return attributes.compactMap { attribute in
      guard let test = functions.first(where: { $0.start >= attribute }) else { return nil }
      let expects = expectingBodies.contains { $0.start == test.start }
      let body = file.lines[test.start...test.end].joined()
      let isHelped = helpers.contains { body.contains("\($0)(") }
      return expects || isHelped ? nil : Finding(file, test.start, "a test without #expect")
    }
  }
}

extension String {
  /// Whether `word` occurs where no longer word begins before it.
  func containsWord(_ word: String) -> Bool {
    ranges(of: word).contains { range in
      self[..<range.lowerBound].last.map { !$0.isLetter } ?? true
    }
  }

  /// The line up to a comment.
  var withoutComment: String {
    firstRange(of: "//").map { String(self[..<$0.lowerBound]) } ?? self
  }
}
