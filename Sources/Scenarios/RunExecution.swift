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
    let inputs = plan.jobs[0].inputs
    let region = try Region(simulation, provider: inputs.provider, options: inputs.regionOptions)
    let submission = try RunSubmission(plan, in: region, pool: pool)
    submission.onStep(onStep)
    let outcome = try simulate(submission, in: simulation)
    return try result(of: outcome, in: region, digest: &digest)
  }

  /// Runs the simulation; a livelock ends it as a modelled failure.
  private func simulate(
    _ submission: RunSubmission, in simulation: Simulation
  ) throws -> TrainingPipeline.Outcome {
    var ended: Result<TrainingPipeline.Outcome, any Error>?
    simulation.spawn("job") {
      do { ended = .success(try await submission.run(plan.type)) } catch { ended = .failure(error) }
    }
    do {
      try simulation.run()
    } catch let livelock as LimitExceeded {
      return submission.outcome(of: livelock)
    }
    guard let ended else { preconditionFailure("a simulation that ends has ended its job") }
    do {
      return try ended.get()
    } catch let failure as JobFailure {
      // A module that fails is the user's to mend, whichever worker met it.
      throw failure.cause as? LearningError ?? failure
    }
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
