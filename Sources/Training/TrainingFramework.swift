/// A way to train a model together on functions that cannot talk to each other.
///
/// The job gives workers, services, data and clock; the framework gives the protocol. A framework
/// file reads like the numbered steps of its paper, one `await` for each billed request.
public protocol TrainingFramework: SendableMetatype {
  /// Its name, source and options.
  static var declaration: FrameworkDeclaration { get }

  /// What does not go together in a job that is about to be; nothing unless it says so.
  static func conflicts(in arrangement: Arrangement) -> [OptionConflict]

  /// Prepares a job: registers functions and opens the services that the protocol needs.
  ///
  /// No time passes here; servers that must boot do so in the job's provisioning.
  ///
  /// - Throws: `ProviderError` where the provider lacks a value that the protocol needs.
  init(_ job: TrainingJob) throws

  /// Trains: returns when the last worker has ended.
  ///
  /// - Throws: a modelled failure such as `OutOfMemory` or `FunctionTimedOut`.
  func train() async throws
}

extension TrainingFramework {
  /// Everything goes together.
  public static func conflicts(in arrangement: Arrangement) -> [OptionConflict] { [] }
}
