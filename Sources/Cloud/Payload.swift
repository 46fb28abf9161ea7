/// What is stored or sent: a size that the cloud charges for, and a value that it does not look at.
public struct Payload {
  /// The size on the wire and at rest.
  public let byteCount: Int
  /// The value, as the sender handed it over.
  public let contents: Any

  /// A value that takes `byteCount` bytes.
  public init(byteCount: Int, contents: Any = ()) {
    precondition(byteCount >= 0, "a payload has no negative size")
    self.byteCount = byteCount
    self.contents = contents
  }
}
