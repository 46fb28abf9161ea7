/// A data set that cannot be read: which file, where in it, and what is wrong.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where in a file the fault lies.
  public enum Place: Sendable, Hashable {
    /// Bytes from the start of the (unpacked) contents.
    case byte(Int)
    /// Lines from 1.
    case line(Int)
  }

  /// The file or folder; empty where the fault is in what was asked for.
  public let path: String
  /// Where in the file, if anywhere.
  public let place: Place?
  /// What is wrong and, where there is one, the way out.
  public let message: String
  /// Whether the file is not there at all, rather than wrong.
  public let isMissingFile: Bool

  /// An error about a file.
  public init(
    path: String = "", at place: Place? = nil, _ message: String, isMissingFile: Bool = false
  ) {
    self.path = path
    self.place = place
    self.message = message
    self.isMissingFile = isMissingFile
  }

  /// The file, the place and the message, as one line.
  public var description: String {
    let position =
      switch place {
      case .byte(let offset): "byte \(offset): "
      case .line(let line): "line \(line): "
      case nil: ""
      }
    return (path.isEmpty ? "" : "\(path): ") + position + message
  }
}
