/// What is stored or sent: a size that the cloud charges for, and a value that it does not look at.
public struct Payload {
  /// The size on the wire and at rest.
  public let byteCount: Int
  /// The value, as the sender handed it over; `()` where there is none.
  public var contents: Any { box?.contents ?? () }

  /// Payloads are handed on many times between one look at the value and the next: to copy a
  /// reference costs less than to copy a value of any type.
  private final class Box {
    let contents: Any
    init(_ contents: Any) { self.contents = contents }
  }

  private let box: Box?

  /// A size without a value.
  public init(byteCount: Int) {
    precondition(byteCount >= 0, "a payload has no negative size")
    self.byteCount = byteCount
    box = nil
  }

  /// A value that takes `byteCount` bytes.
  public init(byteCount: Int, contents: Any) {
    precondition(byteCount >= 0, "a payload has no negative size")
    self.byteCount = byteCount
    box = Box(contents)
  }
}
