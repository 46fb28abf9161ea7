internal import Cloud
internal import Learning
internal import SimulationKernel
internal import Training

/// One run from beginning to end, on the thread that calls it.
struct RunExecution {
  let plan: RunPlan
  let pool: GradientPool
  let keepsSpans: Bool
  let keepsModel: Bool
  /// Hears of every step that worker 0 has done; throws to give the run up.
  let onStep: (_ done: Int, _ of: Int, _ now: Duration) throws -> Void

  /// Simulates the run.
  ///
  /// A modelled failure is a result; only a fault of the program or a giving-up is thrown.
  func run() throws -> RunResult {
    let limits = plan.scenario.limits
    let log = EventLog(keepsSpans ? .kept : .counted)
    let simulation = Simulation(
      seed: plan.seed, log: log,
      limits: Simulation.Limits(virtualTime: limits.virtualTime, events: limits.events))
    var digest = Digest()
    digest.absorb(plan.key)
    log.observer = { [unowned log] span, detail in digest.absorb(span, of: log, on: detail) }
    let region = try Region(
      simulation, provider: plan.inputs.provider, options: plan.inputs.regionOptions)
    let job = try TrainingJob(plan.configuration, in: region, pool: pool)
    job.onStep = { step in
      try onStep(step.number + 1, job.steps.count, simulation.now - job.submission)
    }
    let outcome = try simulate(job)
    return try result(of: outcome, digest: &digest)
  }

  /// Runs the simulation; a livelock ends it as a modelled failure.
  private func simulate(_ job: TrainingJob) throws -> TrainingOutcome {
    var ended: Result<TrainingOutcome, any Error>?
    job.simulation.spawn("job") {
      do { ended = .success(try await job.run(plan.type)) } catch { ended = .failure(error) }
    }
    do {
      try job.simulation.run()
    } catch let livelock as LimitExceeded {
      return job.outcome(of: livelock)
    }
    guard let ended else { preconditionFailure("a simulation that ends has ended its job") }
    do {
      return try ended.get()
    } catch let failure as JobFailure {
      // A module that fails is the user's to mend, whichever worker met it.
      throw failure.cause as? LearningError ?? failure
    }
  }

  private func result(
    of outcome: TrainingOutcome, digest: inout Digest
  ) throws -> RunResult {
    let job = outcome.job
    let region = job.region
    let standing = StandingCharge(rawValue: plan.scenario.standing.rawValue) ?? .job
    let other: StandingCharge = standing == .job ? .shared : .job
    let bill = region.bill(standing: standing)
    let curve = try job.curve.points.map { point in
      let evaluation = try point.result
      return RunResult.CurvePoint(
        time: point.time, cost: point.cost, step: point.updates, loss: evaluation.loss,
        accuracy: evaluation.accuracy)
    }
    digest.absorb(bill)
    for point in curve { digest.absorb(point) }
    for replica in outcome.replicas { digest.absorb(replica.parameters) }
    let last = curve.last
    return RunResult(
      framework: plan.framework.name, variant: plan.framework.variant,
      parameters: plan.parameters, replication: plan.replication, seed: plan.seed,
      digest: digest.finish(), status: outcome.failure == nil ? .completed : .failed,
      failure: outcome.failure.map { RunResult.Failure($0, submission: job.submission) },
      faults: plan.scenario.faults.map(\.text),
      accuracy: last?.accuracy, f1: try job.curve.points.last?.result.f1,
      accuracyRange: try accuracyRange(of: outcome),
      loss: last?.loss, updates: outcome.updates, samples: job.samplesSeen,
      time: outcome.time, provisioning: outcome.provisioning, bill: bill,
      alternativeTotal: region.bill(standing: other).total, usage: region.usage(standing: standing),
      phases: Phase.allCases.map { .init($0.rawValue, outcome.timeline[$0]) },
      requests: region.meter.requests.map { .init($0.operation, $0.count) },
      bytes: region.meter.bytes.map { .init($0.direction, $0.count) },
      coldStarts: region.functions.coldStartCount,
      peakConcurrency: region.functions.peakConcurrency, events: job.simulation.eventCount,
      curve: curve, assumptions: region.assumptions, notes: notes(on: job),
      compute: pool.record(for: job.configuration.subject?.model),
      savedGradients: job.savedGradients,
      spans: keepsSpans ? SpanRecord(job.simulation.log) : nil,
      model: keepsModel
        ? job.configuration.subject.map {
          TrainedModel(model: $0.model, weights: outcome.finalWeights)
        } : nil)
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

  private func notes(on job: TrainingJob) -> [String] {
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
    if job.configuration.subject?.data.train.isSynthetic == true {
      notes.append("the training data is synthetic: its accuracy says nothing of real data")
    }
    return notes
  }
}

extension Digest {
  /// Absorbs a span by its texts: the numbers of names depend on whether spans are kept.
  mutating func absorb(_ span: EventLog.Span, of log: EventLog, on detail: String) {
    absorb(Int64(bitPattern: log.hash(span.actor)))
    absorb(Int64(bitPattern: log.hash(span.operation)))
    absorb(detail)
    absorb(span.start.nanoseconds)
    absorb(span.end.nanoseconds)
    absorb(span.bytes)
  }

  mutating func absorb(_ bill: Bill) {
    for line in bill.lines {
      absorb(line.service)
      absorb(line.item)
      absorb(line.quantity)
      absorb(line.amount.picoUSD)
    }
  }

  mutating func absorb(_ point: RunResult.CurvePoint) {
    absorb(point.time.wholeNanoseconds)
    absorb(point.cost.picoUSD)
    absorb(Int64(point.step))
    absorb(point.loss)
    absorb(point.accuracy)
  }
}

extension SpanRecord {
  /// The spans that a log has kept.
  init(_ log: EventLog) {
    names = log.names
    spans = log.spans
  }
}

extension RunResult.Failure {
  /// A modelled failure, with its kind as reports name it.
  init(_ failure: JobFailure, submission: Instant) {
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
      default: "service-error"
      }
    self.init(
      kind: kind, worker: failure.worker, time: failure.time - submission,
      message: "\(failure.cause)")
  }
}
