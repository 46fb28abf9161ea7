/// How text is emphasised: with colour on a terminal, not at all elsewhere.
public struct Style: Sendable {
  /// Whether escape sequences are written.
  public let isColoured: Bool

  /// A style with colour or without.
  public init(isColoured: Bool) { self.isColoured = isColoured }

  /// Titles and headings.
  func heading(_ text: String) -> String { wrap(text, "1") }
  /// The best of several.
  func best(_ text: String) -> String { wrap(text, "32") }
  /// What went wrong.
  func alarm(_ text: String) -> String { wrap(text, "31") }
  /// What is there for completeness.
  func quiet(_ text: String) -> String { wrap(text, "2") }

  private func wrap(_ text: String, _ code: String) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

extension String {
  /// The text with spaces before it, up to `width` columns.
  func alignedRight(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }

  /// The text with spaces after it, up to `width` columns.
  func alignedLeft(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
