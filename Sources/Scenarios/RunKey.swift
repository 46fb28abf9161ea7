internal import Cloud
internal import Learning
internal import Training

/// The key of a run: a digest of everything that decides its result, and of nothing else.
///
/// Files count by their content, not by their path. Threads, store and output are left out.
enum RunKey {
  /// The key of a run with one job, or with those of a pipeline, of which so many run at once.
  static func key(
    of jobs: [JobPlan], atOnce: Int?, _ declaration: FrameworkDeclaration, pool: GradientPool
  ) -> String {
    let (scenario, inputs) = (jobs[0].scenario, jobs[0].inputs)
    var digest = Digest()
    digest.absorb(Version.text)
    absorb(jobs[0], declaration, pool, into: &digest)
    digest.absorb(inputs.providerDigest)
    for trace in scenario.traces {
      digest.absorb(trace.operation)
      digest.absorb(String(describing: inputs.regionOptions.latencies[trace.operation]))
    }
    if let atOnce {
      digest.absorb("\(atOnce) of \(jobs.count) jobs at once")
      for job in jobs.dropFirst() { absorb(job, declaration, pool, into: &digest) }
    }
    return digest.finish()
  }

  private static func absorb(
    _ job: JobPlan, _ declaration: FrameworkDeclaration, _ pool: GradientPool,
    into digest: inout Digest
  ) {
    let inputs = job.inputs
    let record = pool.record(for: inputs.subject?.model)
    digest.absorb("\(record.library) \(record.version) \(record.instructionSet)")
    digest.absorb(Int64(bitPattern: job.seed))
    absorb(job.framework, declaration, into: &digest)
    absorb(job.scenario, into: &digest)
    digest.absorb(inputs.subject?.data.train.fingerprint ?? "nothing to learn from")
    digest.absorb(inputs.subject?.data.test.fingerprint ?? "nothing to be judged by")
    digest.absorb(String(describing: inputs.size))
    absorb(inputs, seed: job.seed, into: &digest)
  }

  private static func absorb(
    _ framework: FrameworkSelection, _ declaration: FrameworkDeclaration,
    into digest: inout Digest
  ) {
    digest.absorb(framework.name)
    digest.absorb(framework.variant)
    for option in declaration.options {
      digest.absorb("\(option.key)=\(framework.options[option].text)")
    }
  }

  /// Where the model begins, unless the seed alone decides it.
  private static func absorb(_ inputs: RunInputs, seed: UInt64, into digest: inout Digest) {
    guard let subject = inputs.subject else { return }
    if let code = inputs.code {
      digest.absorb(code)
      digest.absorb(subject.model.initialParameters(seed: seed))
    }
    if let start = subject.start {
      digest.absorb(start.parameters)
      digest.absorb(start.statistics)
    }
  }

  private static func absorb(_ scenario: Scenario, into digest: inout Digest) {
    let training = scenario.training
    digest.absorb(
      """
      \(scenario.date ?? "") \(scenario.freeTier) \(scenario.standing) \(scenario.workers)
      \(scenario.function)
      \(training.model.name) \(training.batchSize) \(training.gradientAccumulation)
      \(training.epochs) \(String(describing: training.steps))
      \(training.optimizer) \(training.schedule) \(training.clipping)
      \(training.partition) \(training.pricedAs?.text ?? "")
      \(String(describing: training.fetch)) \(scenario.compute) \(scenario.storage)
      \(scenario.limits) \(scenario.faults.map(\.kind))
      \(scenario.network) \(scenario.billsLogs)
      """)
    if scenario.platform != PlatformLimits() { digest.absorb("\(scenario.platform)") }
  }
}
