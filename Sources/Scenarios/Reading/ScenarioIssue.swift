/// One thing wrong with a file a user wrote: where, what, and what would be right.
public struct ScenarioIssue: Sendable, Hashable, CustomStringConvertible {
  /// Where the mistake stands.
  public let place: SourcePlace
  /// The setting's dotted path, as in `training.batch-size`; empty for the file itself.
  public let path: String
  /// What is wrong, as a sentence without a full stop.
  public let message: String
  /// What would be allowed, as in `1 to 10000`.
  public let allowed: String?
  /// What the user probably meant.
  public let hint: String?

  /// An issue at `place`.
  public init(
    at place: SourcePlace, path: String, _ message: String, allowed: String? = nil,
    hint: String? = nil
  ) {
    self.place = place
    self.path = path
    self.message = message
    self.allowed = allowed
    self.hint = hint
  }

  /// The file as the user named it.
  public var file: String { place.file }
  /// The line, from 1.
  public var line: Int { place.line }
  /// The column, from 1.
  public var column: Int { place.column }

  /// The issue as compilers print theirs: `file:line:column: path: message (allowed: …)`.
  public var description: String {
    var text = "\(file):\(line):\(column): "
    if !path.isEmpty { text += "\(path): " }
    text += message
    if let allowed { text += " (allowed: \(allowed))" }
    if let hint { text += "; did you mean '\(hint)'?" }
    return text
  }
}

/// Everything wrong with a file, found in one reading.
public struct ScenarioErrors: Error, Sendable, Hashable, CustomStringConvertible {
  /// The issues in the order of the file; never empty.
  public let issues: [ScenarioIssue]

  /// The errors of one file or of several.
  public init(_ issues: [ScenarioIssue]) {
    precondition(!issues.isEmpty, "an error needs an issue")
    self.issues = issues
  }

  /// One line an issue.
  public var description: String { issues.map(\.description).joined(separator: "\n") }
}

/// The issues of one reading, gathered so that all are reported at once.
struct IssueLog {
  private(set) var issues: [ScenarioIssue] = []

  mutating func report(
    _ place: SourcePlace, _ path: String, _ message: String, allowed: String? = nil,
    hint: String? = nil
  ) {
    report(ScenarioIssue(at: place, path: path, message, allowed: allowed, hint: hint))
  }

  mutating func report(_ issue: ScenarioIssue) {
    // A sweep checks each value at each point: the same mistake is said once.
    if !issues.contains(issue) { issues.append(issue) }
  }

  /// Throws all issues in the order of the file, if there are any.
  func throwIfAny() throws(ScenarioErrors) {
    guard !issues.isEmpty else { return }
    throw ScenarioErrors(
      issues.sorted { a, b in (a.file, a.line, a.column) < (b.file, b.line, b.column) })
  }
}
