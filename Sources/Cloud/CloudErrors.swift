internal import SimulationKernel

/// A service refused a request because too many arrive; the SDK has given up retrying.
public struct Throttled: Error, Hashable, CustomStringConvertible {
  /// The operation, such as `object-store.get`.
  public let operation: String
  /// What there was too much of.
  public let limit: String
  /// The text of it in errors and logs.
  public var description: String { "\(operation) throttled: \(limit)" }
}

/// A service failed to answer a request; the SDK has given up retrying.
public struct ServiceUnavailable: Error, Hashable, CustomStringConvertible {
  /// The operation, such as `object-store.get`.
  public let operation: String
  /// The text of it in errors and logs.
  public var description: String { "\(operation) failed: service unavailable" }
}

/// A request or an item is larger than the service takes.
public struct PayloadTooLarge: Error, Hashable, CustomStringConvertible {
  /// The operation, such as `queue.send`.
  public let operation: String
  /// The size that was tried.
  public let byteCount: Int
  /// The largest size that is taken.
  public let limit: Int
  /// The text of it in errors and logs.
  public var description: String { "\(operation): \(byteCount) bytes exceed \(limit)" }
}

/// Nothing lies under a key.
public struct NoSuchKey: Error, Hashable, CustomStringConvertible {
  /// The key.
  public let key: String
  /// Where it was looked for.
  public let store: String
  /// The text of it in errors and logs.
  public var description: String { "no such key in \(store): \(key)" }
}

/// A function ran longer than its timeout and was killed where it waited.
public struct FunctionTimedOut: Error, Hashable, CustomStringConvertible {
  /// The function's name.
  public let function: String
  /// Its timeout.
  public let limit: Duration
  /// The text of it in errors and logs.
  public var description: String { "\(function) timed out after \(limit.inSeconds) s" }
}

/// A function needs more memory than it has.
public struct OutOfMemory: Error, Hashable, CustomStringConvertible {
  /// The function's or the store's name.
  public let owner: String
  /// What would have been in use.
  public let neededBytes: Int
  /// What there is.
  public let availableBytes: Int
  /// The text of it in errors and logs.
  public var description: String {
    "\(owner) out of memory: needs \(neededBytes) bytes of \(availableBytes)"
  }
}

/// A function has no space left in `/tmp`.
public struct OutOfStorage: Error, Hashable, CustomStringConvertible {
  /// The function's name.
  public let owner: String
  /// What would have been in use.
  public let neededBytes: Int
  /// What there is.
  public let availableBytes: Int
  /// The text of it in errors and logs.
  public var description: String {
    "\(owner) has no space left in /tmp: needs \(neededBytes) bytes of \(availableBytes)"
  }
}

/// A setting that the provider does not offer.
public struct UnsupportedConfiguration: Error, Hashable, CustomStringConvertible {
  /// What it was asked for.
  public let subject: String
  /// What is wrong, with the allowed range.
  public let problem: String
  /// The text of it in errors and logs.
  public var description: String { "\(subject): \(problem)" }
}
