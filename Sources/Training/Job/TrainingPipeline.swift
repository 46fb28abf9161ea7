public import Cloud
public import Learning
public import SimulationKernel

/// Many jobs in one region, such as one for each learning rate: they share its limits and its bill.
///
/// LambdaML searches hyper-parameters so (SIGMOD 2021, section 5.4).
public final class TrainingPipeline {
  /// What came of the jobs.
  public struct Outcome {
    /// How each job ended, in the order in which the jobs were given.
    public let outcomes: [TrainingOutcome]

    /// What came of these jobs, of which there is one at least.
    public init(_ outcomes: [TrainingOutcome]) { self.outcomes = outcomes }

    /// When the first job was submitted: after the servers that started with it.
    public var submission: Instant { outcomes.map(\.job.submission).min() ?? .start }
    /// From the first submission to the end of the last job.
    public var time: Duration { (outcomes.map(\.end).max() ?? .start) - submission }
    /// The job that ended last.
    public var last: TrainingOutcome? { outcomes.max { $0.end < $1.end } }
  }

  /// The jobs, in the order in which they were given.
  public let jobs: [TrainingJob]
  private let region: Region
  private let width: Int
  private var ended: [TrainingOutcome?]

  /// Jobs that have not been submitted.
  ///
  /// Each has stores, queues and servers of its own; jobs whose function is configured alike share
  /// its environments.
  ///
  /// - Parameter width: how many jobs run at the same time at most.
  public init(
    _ configurations: [TrainingConfiguration], atOnce width: Int, in region: Region,
    pool: GradientPool
  ) throws {
    precondition(width > 0 && !configurations.isEmpty, "a pipeline has jobs and runs some at once")
    self.region = region
    self.width = width
    jobs = try configurations.enumerated().map { index, configuration in
      try TrainingJob(
        configuration, in: Region(partOf: region, named: "job \(index)"), pool: pool)
    }
    ended = jobs.map { _ in nil }
  }

  /// Runs all jobs, each as soon as a place is free; a job that fails does not end the others.
  ///
  /// The servers of a job are stopped when it ends.
  ///
  /// - Throws: what `TrainingJob.run` throws.
  public func run(_ type: any TrainingFramework.Type) async throws -> Outcome {
    let simulation = region.simulation
    let places = Resource(simulation, capacity: width, name: "a place in the pipeline")
    let outcomes = try await simulation.concurrently(
      Array(jobs.indices), named: { "job \($0)" }
    ) { [self] index in
      try await places.use {
        let outcome = try await jobs[index].run(type)
        jobs[index].region.stopServers()
        ended[index] = outcome
        return outcome
      }
    }
    return Outcome(outcomes)
  }

  /// How the jobs end whose simulation has passed its limits: those that had not ended fail.
  public func outcome(of livelock: LimitExceeded) -> Outcome {
    Outcome(zip(jobs, ended).map { job, outcome in outcome ?? job.outcome(of: livelock) })
  }
}
