internal import SimulationKernel

/// What public code does beside its protocol, as options: off in the `published` variant.
///
/// Source: AmineBarrak/TrainingML_P2P_Serverless 16ebf17, the replications of AllReduce and
/// ScatterReduce.
public struct HabitOptions: Sendable {
  /// How the store is listed.
  public let listing: FrameworkOption
  /// What making a client takes.
  public let clientSetup: FrameworkOption
  /// Lines of the log in a step.
  public let logLines: FrameworkOption
  /// Whether every worker downloads the whole data set.
  public let archive: FrameworkOption

  /// All of them, for a declaration.
  public var all: [FrameworkOption] { [listing, clientSetup, logLines, archive] }

  private static let code = "AmineBarrak/TrainingML_P2P_Serverless 16ebf17"
  static let wholeBucket = "bucket"

  /// Declares the options of one framework, whose released code writes so many lines each step or
  /// round.
  public init(releasedLogLines lines: Int, each unit: String = "step") {
    listing = FrameworkOption(
      "listing", .choice(["prefix", Self.wholeBucket]), default: .choice("prefix"),
      released: .choice(Self.wholeBucket),
      source: "released: \(Self.code) lists without a prefix and takes the first page for all",
      "What is listed: the keys that are looked for, or the first page of the whole bucket.")
    clientSetup = FrameworkOption(
      "client-setup", .duration(.zero ... .seconds(10)), default: .duration(.zero),
      released: .duration(.milliseconds(50)),
      source: "released: \(Self.code) makes a boto3 client each time; the time is assumed",
      "Processor time and TLS of the new client that every LIST loop, GET and DELETE is given.")
    logLines = FrameworkOption(
      "log-lines", .integer(0...100), default: .integer(0), released: .integer(lines),
      source: "released: \(Self.code); the size of a line is assumed",
      "Lines a \(unit) in a worker's log, each of which gets the whole log and puts it again.")
    archive = FrameworkOption(
      "download-archive", .flag, default: .flag(false), released: .flag(true),
      source: "released: \(Self.code) downloads the data set in parts of 8 MiB when it starts",
      "Whether each function downloads the whole data set at its start, and then fetches no more.")
  }
}
