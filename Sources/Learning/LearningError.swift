/// What a user can get wrong about models and gradients.
public struct LearningError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong and, where there is one, the way out.
  public let description: String

  /// An error that reads as one sentence or two.
  public init(_ description: String) { self.description = description }
}
