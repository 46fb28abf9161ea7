/// Names a record of a table as it is now: once the record's generation has moved on, the token is
/// stale and does nothing.
///
/// Killing a process or cancelling a call is thereby O(1): nobody searches for what is left behind
/// in queues, it is skipped when it surfaces.
@usableFromInline
package struct Token: BitwiseCopyable, Equatable {
  package enum Kind: UInt64 { case process, call, handler }

  private let bits: UInt64

  /// The token of record `index` in `generation`; a handler has an argument in its place.
  package init(_ kind: Kind, _ index: Int, _ generation: UInt32) {
    bits = UInt64(generation) << 32 | UInt64(index) << 2 | kind.rawValue
  }

  /// Which table the record is in.
  var kind: Kind { Kind(rawValue: bits & 3).unsafelyUnwrapped }
  /// Where in its table the record is.
  var index: Int { Int((bits >> 2) & 0x3fff_ffff) }
  /// The record's generation when the token was made.
  var generation: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
}
