internal import Cloud
internal import Learning
internal import SimulationKernel
internal import Training

/// What a run submits to its region: one job, or a pipeline of several.
enum RunSubmission {
  case job(TrainingJob)
  case pipeline(TrainingPipeline)

  /// What `plan` says, not submitted yet.
  init(_ plan: RunPlan, in region: Region, pool: GradientPool) throws {
    if let pipeline = plan.scenario.pipeline {
      self = .pipeline(
        try TrainingPipeline(
          plan.jobs.map(\.configuration), atOnce: pipeline.atOnce, in: region, pool: pool))
    } else {
      self = .job(try TrainingJob(plan.jobs[0].configuration, in: region, pool: pool))
    }
  }

  /// The jobs, in the order of the plan.
  var jobs: [TrainingJob] {
    switch self {
    case .job(let job): [job]
    case .pipeline(let pipeline): pipeline.jobs
    }
  }

  /// Submits it and waits for its end.
  func run(_ type: any TrainingFramework.Type) async throws -> TrainingPipeline.Outcome {
    switch self {
    case .job(let job): TrainingPipeline.Outcome([try await job.run(type)])
    case .pipeline(let pipeline): try await pipeline.run(type)
    }
  }

  /// How it ends where the simulation has passed its limits.
  func outcome(of livelock: LimitExceeded) -> TrainingPipeline.Outcome {
    switch self {
    case .job(let job): TrainingPipeline.Outcome([job.outcome(of: livelock)])
    case .pipeline(let pipeline): pipeline.outcome(of: livelock)
    }
  }

  /// Has `hear` told of every step that a worker 0 has done, of those of all jobs.
  func onStep(_ hear: @escaping (_ done: Int, _ of: Int, _ now: Duration) throws -> Void) {
    let total = jobs.reduce(0) { $0 + $1.steps.count }
    var done = [Int](repeating: 0, count: jobs.count)
    let first = jobs[0]
    for (index, job) in jobs.enumerated() {
      job.onStep = { [unowned first] step in
        done[index] = step.number + 1
        try hear(done.reduce(0, +), total, first.simulation.now - first.submission)
      }
    }
  }
}
