/// Why a run store cannot be used; the file itself is left as it was.
public struct StoreError: Error, Equatable, CustomStringConvertible {
  /// The store's path.
  public let path: String
  /// What is wrong with it, and what to do.
  public let message: String

  /// The path and what is wrong with it.
  public var description: String { "\(path): \(message)" }
}

/// Why a reference to a stored run names no run.
public struct RunReferenceError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with the reference.
  public let description: String
}
