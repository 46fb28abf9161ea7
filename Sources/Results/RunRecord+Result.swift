import Cloud
public import Scenarios
import SimulationKernel

extension RunRecord {
  /// The record of a run that has just ended.
  ///
  /// - Parameters:
  ///   - result: What the run reported.
  ///   - key: The hash of everything the result depends on.
  public init(_ result: RunResult, key: String) {
    self.init(
      key: key,
      framework: result.framework,
      variant: result.variant,
      parameters: result.parameters.map { Named($0.name, $0.value) },
      replication: result.replication,
      seed: result.seed,
      digest: result.digest,
      faults: result.faults,
      failure: Self.failure(of: result),
      accuracy: result.accuracy?.ifFinite,
      f1: result.f1?.ifFinite,
      accuracyRange: result.accuracyRange,
      loss: result.loss?.ifFinite,
      updates: result.updates,
      samples: result.samples,
      nanoseconds: result.time.wholeNanoseconds,
      provisioningNanoseconds: result.provisioning.wholeNanoseconds,
      picoUSD: result.bill.total.picoUSD,
      alternativePicoUSD: result.alternativeTotal.picoUSD,
      bill: result.bill.lines.map(BillLine.init),
      usage: result.usage.map(Usage.init),
      phases: result.phases.map { Named($0.name, $0.value.wholeNanoseconds) },
      requests: result.requests.map { Named($0.name, $0.value) },
      bytes: result.bytes.map { Named($0.name, $0.value) },
      coldStarts: result.coldStarts,
      peakConcurrency: result.peakConcurrency,
      events: result.events,
      jobs: result.jobs.map(Job.init),
      bestJob: result.bestJob,
      curve: result.curve.map(CurvePoint.init),
      assumptions: result.assumptions,
      notes: result.notes)
  }

  /// Calls a run that was read back what `plan` calls it: the key that both have says nothing of
  /// the sweep, the replication and the words in which a scenario asked for it.
  public mutating func label(as plan: RunPlan) {
    parameters = plan.parameters.map { Named($0.name, $0.value) }
    replication = plan.replication
    faults = plan.faults
    for (index, parameters) in zip(jobs.indices, plan.jobParameters) {
      jobs[index].parameters = parameters.map { Named($0.name, $0.value) }
    }
  }

  private static func failure(of result: RunResult) -> Failure? {
    if let failure = result.failure { return Failure(failure) }
    guard result.status == .failed else { return nil }
    return Failure(
      kind: "failed", worker: nil, nanoseconds: result.time.wholeNanoseconds,
      message: "the run failed without a reason")
  }
}

extension RunRecord.Failure {
  fileprivate init(_ failure: RunResult.Failure) {
    self.init(
      kind: failure.kind, worker: failure.worker,
      nanoseconds: failure.time.wholeNanoseconds, message: failure.message)
  }
}

extension RunRecord.Job {
  fileprivate init(_ job: RunResult.Job) {
    self.init(
      parameters: job.parameters.map { .init($0.name, $0.value) },
      failure: job.failure.map(RunRecord.Failure.init),
      submissionNanoseconds: job.submission.wholeNanoseconds,
      nanoseconds: job.time.wholeNanoseconds, accuracy: job.accuracy?.ifFinite,
      loss: job.loss?.ifFinite, updates: job.updates, samples: job.samples)
  }
}

extension RunRecord.BillLine {
  fileprivate init(_ line: Bill.Line) {
    self.init(
      service: line.service, item: line.item, quantity: line.quantity, baseUnit: line.baseUnit,
      unit: line.unit, baseUnitsPerUnit: line.baseUnitsPerUnit,
      picoUSDPerUnit: line.picoUSDPerUnit, picoUSD: line.amount.picoUSD)
  }
}

extension RunRecord.Usage {
  fileprivate init(_ usage: UsageMeter.Usage) {
    self.init(service: usage.service, item: usage.item, quantity: usage.quantity)
  }
}

extension RunRecord.CurvePoint {
  fileprivate init(_ point: RunResult.CurvePoint) {
    self.init(
      nanoseconds: point.time.wholeNanoseconds, picoUSD: point.cost.picoUSD, step: point.step,
      loss: point.loss.ifFinite, accuracy: point.accuracy.ifFinite)
  }
}

extension Double {
  /// The number itself, or nil where it is infinite or not a number.
  var ifFinite: Double? { isFinite ? self : nil }
}
