internal import Cloud
internal import Learning
internal import SimulationKernel
internal import Training

/// What is told of a run that has ended.
extension RunExecution {
  func result(
    of outcome: TrainingPipeline.Outcome, in region: Region, digest: inout Digest
  ) throws -> RunResult {
    let standing = region.options.standing
    let other: StandingCharge = standing == .job ? .shared : .job
    let bill = region.bill(standing: standing)
    let curves = try outcome.outcomes.map { try curve(of: $0.job, since: outcome.submission) }
    digest.absorb(bill)
    for (curve, outcome) in zip(curves, outcome.outcomes) {
      for point in curve { digest.absorb(point) }
      for replica in outcome.replicas { digest.absorb(replica.parameters) }
    }
    let jobs = self.jobs(outcome, curves)
    let best = RunResult.best(of: jobs)
    let shown = outcome.outcomes[best ?? 0]
    let job = shown.job
    let failure = failure(outcome)
    let isPipeline = plan.scenario.pipeline != nil
    return RunResult(
      framework: plan.framework.name, variant: plan.framework.variant,
      parameters: plan.parameters, replication: plan.replication, seed: plan.seed,
      digest: digest.finish(), status: failure == nil ? .completed : .failed, failure: failure,
      faults: plan.faults,
      accuracy: jobs[best ?? 0].accuracy, f1: try job.curve.points.last?.result.f1,
      accuracyRange: try accuracyRange(of: shown),
      loss: jobs[best ?? 0].loss, updates: shown.updates,
      samples: jobs.reduce(0) { $0 + $1.samples },
      time: outcome.time, provisioning: outcome.submission - .start, bill: bill,
      alternativeTotal: region.bill(standing: other).total, usage: region.usage(standing: standing),
      phases: phases(outcome),
      requests: region.meter.requests.map { .init($0.operation, $0.count) },
      bytes: region.meter.bytes.map { .init($0.direction, $0.count) },
      coldStarts: region.functions.coldStartCount,
      peakConcurrency: region.functions.peakConcurrency, events: job.simulation.eventCount,
      jobs: isPipeline ? jobs : [], bestJob: isPipeline ? best : nil,
      curve: curves[best ?? 0], assumptions: region.assumptions,
      notes: try plan.scenario.deviations(from: region.provider) + notes(outcome),
      compute: pool.record(for: job.configuration.subject?.model),
      savedGradients: outcome.outcomes.reduce(0) { $0 + $1.job.savedGradients },
      spans: keepsSpans ? SpanRecord(job.simulation.log) : nil,
      model: keepsModel
        ? job.configuration.subject.map {
          TrainedModel(model: $0.model, weights: shown.finalWeights)
        } : nil)
  }

  /// The learning curve of a job, with times that count from `start`.
  private func curve(of job: TrainingJob, since start: Instant) throws -> [RunResult.CurvePoint] {
    try job.curve.points.map { point in
      let evaluation = try point.result
      return RunResult.CurvePoint(
        time: job.submission - start + point.time, cost: point.cost, step: point.updates,
        loss: evaluation.loss, accuracy: evaluation.accuracy)
    }
  }

  private func jobs(
    _ outcome: TrainingPipeline.Outcome, _ curves: [[RunResult.CurvePoint]]
  ) -> [RunResult.Job] {
    plan.jobs.indices.map { index in
      let (own, last) = (outcome.outcomes[index], curves[index].last)
      return RunResult.Job(
        parameters: plan.jobs[index].parameters,
        failure: own.failure.map { .init($0, of: $0.worker, since: own.job.submission) },
        submission: own.job.submission - outcome.submission, time: own.time,
        accuracy: last?.accuracy, loss: last?.loss, updates: own.updates,
        samples: own.job.samplesSeen)
    }
  }

  /// The failure of the first job that failed.
  private func failure(_ outcome: TrainingPipeline.Outcome) -> RunResult.Failure? {
    for (index, own) in outcome.outcomes.enumerated() {
      guard let failure = own.failure else { continue }
      // Who is alive when a limit comes is told by the names of processes, which have the job's.
      let isNamed = plan.scenario.pipeline == nil || failure.cause is LimitExceeded
      return RunResult.Failure(
        failure, of: isNamed ? failure.worker : "job \(index)/\(failure.worker)",
        since: outcome.submission)
    }
    return nil
  }

  /// The time of the worker that ended last, by phase: of a pipeline also what its job waited for.
  private func phases(_ outcome: TrainingPipeline.Outcome) -> [RunResult.Named<Duration>] {
    guard let last = outcome.last else { return [] }
    let phases = Phase.allCases.map {
      RunResult.Named($0.rawValue, last.timeline[$0])
    }
    if plan.scenario.pipeline == nil { return phases }
    return [.init("wait for a place", last.job.submission - outcome.submission)] + phases
  }

  /// The least and greatest accuracy of replicas that differ; nil where they are all equal.
  private func accuracyRange(of outcome: TrainingOutcome) throws -> ClosedRange<Double>? {
    let replicas = outcome.replicas
    guard let subject = outcome.job.configuration.subject, let first = replicas.first,
      replicas.contains(where: { $0.parameters != first.parameters })
    else { return nil }
    let evaluations = replicas.map { replica in
      pool.evaluation(
        of: subject.model, at: replica.parameters, statistics: replica.statistics,
        on: subject.data.test)
    }
    let accuracies = try evaluations.map { try $0.join().accuracy }
    guard let low = accuracies.min(), let high = accuracies.max() else { return nil }
    return low...high
  }

  /// What is to be said of all jobs, and then of single ones.
  private func notes(_ outcome: TrainingPipeline.Outcome) throws -> [String] {
    let notes = try zip(outcome.outcomes, plan.jobs).map { try remarks(on: $0.job, $1) }
    let common = notes[0].filter { note in notes.allSatisfy { $0.contains(note) } }
    let pipeline = plan.scenario.pipeline.map { pipeline in
      "a run is a pipeline of \(pipeline.jobs.count) jobs, at most \(pipeline.atOnce) at once: "
        + "accuracy, loss and updates are the best job's, time and bill those of all"
    }
    return [pipeline].compactMap { $0 } + common
      + notes.enumerated().flatMap { index, own in
        own.filter { !common.contains($0) }.map { "job \(index): \($0)" }
      }
  }

  private func remarks(on job: TrainingJob, _ plan: JobPlan) throws -> [String] {
    var notes = job.notes
    if let functions = job.region.functions, functions.invocationCount > 0 {
      notes.append(
        "idle environments live by the rule '\(functions.keepAlive)'; an invocation gets the one "
          + "by the rule '\(functions.idleRule.rawValue)'")
    }
    if job.droppedSamples > 0 {
      notes.append(
        "\(job.droppedSamples) of \(job.configuration.sampleCount) training samples an epoch "
          + "are not used: shards are equal and minibatches full")
    }
    let training = plan.scenario.training
    let workload = training.pricedAs?.text ?? training.model.name
    if let subject = job.configuration.subject, training.pricedAs != nil {
      notes.append("time and cost are those of \(workload); what learns is \(subject.model.name)")
    } else if job.isTimeOnly {
      notes.append(
        "no gradient is computed: time and cost are those of \(workload), and nothing is said of "
          + "accuracy")
    }
    if case .python(let external) = training.model {
      notes.append(
        "the model is class \(external.className) of \(external.file), computed by PyTorch: its "
          + "digest holds for that PyTorch alone")
    }
    if let point = try job.curve.points.first(where: { try !$0.result.loss.isFinite }) {
      notes.append(
        "the model has diverged: from update \(point.updates) on its loss is no finite number")
    }
    if job.configuration.subject?.data.train.isSynthetic == true {
      notes.append("the training data is synthetic: its accuracy says nothing of real data")
    }
    return notes
  }
}

extension RunResult.Failure {
  /// A modelled failure, with its kind as reports name it, and its time since `submission`.
  init(_ failure: JobFailure, of member: String, since submission: Instant) {
    let kind =
      switch failure.cause {
      case is OutOfMemory: "out-of-memory"
      case is FunctionTimedOut: "function-timeout"
      case is Throttled: "throttled"
      case is PayloadTooLarge: "payload-too-large"
      case is LimitExceeded: "livelock"
      case is Crashed: "crashed"
      case is VirtualMachine.Interrupted: "machine-interrupted"
      case is TimedOut: "timed-out"
      case is ReplayExhausted: "recording-ended"
      default: "service-error"
      }
    self.init(
      kind: kind, worker: member, time: failure.time - submission,
      message: "\(failure.cause)")
  }
}
