/// Finds functions by their indentation, which the formatter guarantees.
struct FunctionScanner {
  struct Function {
    /// The line of its name, from 0.
    let start: Int
    /// The line of its closing brace.
    let end: Int
    var length: Int { end - start + 1 }
  }

  private let lines: [String]

  init(_ file: SourceFile) { lines = file.lines }

  /// The functions, initialisers and computed properties with a body on lines of its own.
  var functions: [Function] {
    lines.indices.compactMap { start in
      guard declares(lines[start]), let open = opening(of: start) else {
        return nil
      }
      let indentation = lines[start].prefix { $0 == " " }
      let end = lines[open...].dropFirst().firstIndex { $0 == indentation + "}" }
      return end.map { Function(start: start, end: $0) }
    }
  }

  /// The line on which the body of a declaration begins; nil where it has none, or ends there.
  private func opening(of start: Int) -> Int? {
    let indentation = lines[start].prefix { $0 == " " }
    for index in start..<min(start + 30, lines.count) {
      let line = lines[index]
      if line.hasSuffix("{") || line.contains(/\{ [^{}]* in$/) { return index }
      let isSignature = index == start || line.hasPrefix(indentation + "  ")
      let closesSignature = line.hasPrefix(indentation + ")") || line == indentation + "{"
      if !isSignature && !closesSignature { return nil }
      if line.hasSuffix("}") { return nil }
    }
    return nil
  }

  private static let modifiers: Set<Substring> = [
    "public", "private", "fileprivate", "internal", "package", "open", "static", "mutating",
    "override", "final", "nonisolated", "convenience", "required", "borrowing", "consuming",
  ]

  /// Whether a line declares something that can have a body.
  private func declares(_ line: String) -> Bool {
    let words = line.split { $0 == " " }.drop { $0.hasPrefix("@") || Self.modifiers.contains($0) }
    guard let word = words.first?.prefix(while: \.isLetter) else { return false }
    return ["func", "init", "deinit", "subscript", "var"].contains(word)
  }
}
