public import Cloud
public import Learning
internal import SimulationKernel

/// Many jobs in one region, such as one for each learning rate: they share its limits and its bill.
///
/// LambdaML searches hyper-parameters so (SIGMOD 2021, section 5.4).
public struct TrainingPipeline {
  /// What came of the jobs.
  public struct Outcome {
    /// How each job ended, in the order in which the jobs were given.
    public let outcomes: [TrainingOutcome]
    /// From the first submission, after servers that started with it, to the end of the last job.
    public let time: Duration
  }

  private let region: Region
  private let jobs: [TrainingJob]
  private let width: Int

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
  }

  /// Runs all jobs, each as soon as a place is free; a job that fails does not end the others.
  ///
  /// - Throws: what `TrainingJob.run` throws.
  public func run(_ type: any TrainingFramework.Type) async throws -> Outcome {
    let simulation = region.simulation
    let places = Resource(simulation, capacity: width, name: "a place in the pipeline")
    let outcomes = try await simulation.concurrently(jobs, named: { "job \($0)" }) { job in
      try await places.use { try await job.run(type) }
    }
    let start = outcomes.map(\.job.submission).min() ?? simulation.now
    let end = outcomes.map { $0.job.submission + $0.time }.max() ?? start
    return Outcome(outcomes: outcomes, time: end - start)
  }
}
