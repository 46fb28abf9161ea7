/// What happened, as spans: an operation of an actor from a start to an end.
public final class EventLog {
  /// What becomes of a span once it has been seen by the observer.
  public enum Mode: Sendable {
    /// Nothing: it is not even counted.
    case off
    /// It is counted.
    case counted
    /// It is counted and kept in memory.
    case kept
  }

  /// A name as a small number; equal names have equal numbers within one log.
  public struct Name: Hashable, Sendable {
    /// The name's position in the order of first use.
    public let index: UInt32
  }

  /// One operation of one actor.
  public struct Span: Sendable {
    /// Who did it: a worker, a service, a workflow.
    public let actor: Name
    /// What was done, for example `object-store/put`.
    public let operation: Name
    /// What it was done to: a key, a queue, a state; the empty name unless spans are kept.
    public let detail: Name
    /// When it began.
    public let start: Instant
    /// When it ended.
    public let end: Instant
    /// Payload bytes moved by it.
    public let bytes: Int64

    /// A span from `start` to `end`.
    public init(
      actor: Name, operation: Name, detail: Name, start: Instant, end: Instant, bytes: Int64
    ) {
      self.actor = actor
      self.operation = operation
      self.detail = detail
      self.start = start
      self.end = end
      self.bytes = bytes
    }
  }

  /// What this log does with spans.
  public let mode: Mode
  /// The spans in the order in which they ended, where the mode is `kept`.
  public private(set) var spans: [Span] = []
  /// How many spans were recorded.
  @inlinable public var count: Int { counted }
  @exclusivity(unchecked) @usableFromInline var counted = 0
  /// Sees every span as it is recorded, and what it was done to, whatever the mode.
  @exclusivity(unchecked) public var observer: ((_ span: Span, _ detail: String) -> Void)?

  /// The texts of all names, by their number.
  public private(set) var names: [String] = []

  private var indices: [String: UInt32] = [:]
  private var hashes: [UInt64] = []
  private lazy var nothing = name("")

  /// A log that treats its spans as `mode` says.
  public init(_ mode: Mode = .counted) { self.mode = mode }

  /// The number of a name.
  public func name(_ text: String) -> Name {
    if let index = indices[text] { return Name(index: index) }
    let index = UInt32(names.count)
    names.append(text)
    hashes.append(StableHash(of: text).value)
    indices[text] = index
    return Name(index: index)
  }

  /// The text of a name.
  public func text(_ name: Name) -> String { names[Int(name.index)] }

  /// The hash of a name's text, which does not depend on the other names of the log.
  public func hash(_ name: Name) -> UInt64 { hashes[Int(name.index)] }

  /// Adds a span; what it was done to becomes a name only where spans are kept, because there are
  /// as many keys as objects.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public func record(
    _ operation: Name, by actor: Name, on detail: String = "", from start: Instant,
    to end: Instant, bytes: Int64 = 0
  ) {
    if mode == .off, observer == nil { return }
    counted += 1
    if mode == .counted, observer == nil { return }
    add(operation, actor, detail, start, end, bytes)
  }

  @usableFromInline
  func add(
    _ operation: Name, _ actor: Name, _ detail: String, _ start: Instant, _ end: Instant,
    _ bytes: Int64
  ) {
    let span = Span(
      actor: actor, operation: operation, detail: mode == .kept ? name(detail) : nothing,
      start: start, end: end, bytes: bytes)
    observer?(span, detail)
    if mode == .kept { spans.append(span) }
  }
}
