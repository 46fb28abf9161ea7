/// What is wrong with a recorded trace, and where.
public struct TraceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file as the user named it.
  public let file: String
  /// The line, from 1; nil when the file as a whole is meant.
  public let line: Int?
  /// The column of the text, from 1.
  public let column: Int?
  /// What is wrong, as a sentence without a full stop.
  public let message: String

  /// An error at `line`:`column` of `file`.
  public init(file: String, line: Int? = nil, column: Int? = nil, _ message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// The error as compilers print theirs: `file:line:column: message`.
  public var description: String {
    ([file] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":")
      + ": " + message
  }
}
