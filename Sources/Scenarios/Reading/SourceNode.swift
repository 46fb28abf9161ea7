/// A place in a text file; lines and columns count from 1.
public struct SourcePlace: Sendable, Hashable {
  /// The file as the user named it.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int

  /// The place `line`:`column` of `file`.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }
}

/// A YAML value with its place in the file.
///
/// The tree is ours, so that one file knows the YAML library and everything else can be `Sendable`.
struct SourceNode: Sendable, Hashable {
  /// One key of a mapping with its value.
  struct Entry: Sendable, Hashable {
    let key: String
    let place: SourcePlace
    let value: SourceNode
  }

  enum Content: Sendable, Hashable {
    /// A scalar as text; `isNull` for an empty plain scalar, `~` and `null`.
    case scalar(String, isNull: Bool)
    case list([SourceNode])
    /// The entries in file order; the parser refuses duplicate keys.
    case mapping([Entry])
  }

  let content: Content
  let place: SourcePlace

  /// The value in words, for an error message.
  var kindText: String {
    switch content {
    case .scalar(_, isNull: true): "nothing"
    case .scalar(let text, _): "'\(text)'"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The text of a scalar; nil for anything else and for an empty value.
  var scalar: String? {
    guard case .scalar(let text, isNull: false) = content else { return nil }
    return text
  }

  /// The value of `key` in a mapping.
  subscript(key: String) -> SourceNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The value as one line of flow YAML, to name it in a table or on a command line.
  var flowText: String {
    switch content {
    case .scalar(let text, let isNull): isNull ? "null" : text
    case .list(let items): "[" + items.map(\.flowText).joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{" + entries.map { "\($0.key): \($0.value.flowText)" }.joined(separator: ", ") + "}"
    }
  }
}
