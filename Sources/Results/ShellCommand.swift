/// A command as it would be typed.
package struct ShellCommand {
  private let words: [String]

  /// The command of these words.
  package init(_ words: [String]) { self.words = words }

  /// The words, quoted where the shell would take them apart.
  package var text: String { words.map(Self.quoted).joined(separator: " ") }

  private static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic
          || "0123456789-_./=,:+%@".unicodeScalars.contains(scalar))
    }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
