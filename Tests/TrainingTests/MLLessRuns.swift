import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// MLLess end to end: sparse models, staleness, and the auto-tuner.
@Suite struct MLLessRuns {
  // MARK: - Sparse models

  static let criteo = SyntheticData.sparse(features: 5000, entries: 20)
    .generate(samples: 8000, testSamples: 1000, seed: 1)
  static let movies = SyntheticData.ratings(users: 60, items: 40, rank: 2)
    .generate(samples: 8000, testSamples: 1000, seed: 1)

  private func sparse(
    _ model: String, _ data: TrainingData, optimizer: OptimizerKind, batchSize: Int, epochs: Int,
    _ options: [String: FrameworkOption.Value] = [:]
  ) throws -> Trial {
    var trial = try Trial(
      MLLess.self, workers: 4, optimizer: optimizer, options: FrameworkOptions(options))
    trial.configuration = TrainingConfiguration(
      workers: 4, batchSize: batchSize, epochs: epochs,
      model: try Model.named(model, for: data.train), data: data, optimizer: optimizer,
      function: FunctionConfiguration(name: "worker"), seed: 7)
    trial.configuration.options = FrameworkOptions(options)
    return trial
  }

  private func lastLoss(_ outcome: TrainingOutcome) throws -> (first: Double, last: Double) {
    let points = outcome.job.curve.points
    return (
      try #require(points.first).result.loss, try #require(points.last).result.loss
    )
  }

  @Test("Sparse logistic regression learns, and its updates stay sparse on the wire")
  func logisticRegression() throws {
    let trial = try sparse(
      "sparse-logistic-regression", Self.criteo, optimizer: .sgd(learningRate: 5), batchSize: 50,
      epochs: 4, ["significance-threshold": .real(0)])
    let outcome = try trial.run()
    let loss = try lastLoss(outcome)
    #expect(loss.first > 0.69 && loss.last < 0.55)
    // A minibatch of 50 rows touches at most 50 x 20 weights and the bias; a dense update would
    // be 4 bytes for each of 5,001.
    let updates = outcome.job.region.meter.requests("memory-store.set")
    #expect(updates == 160 * 4)
    let bytes = outcome.job.region.meter.bytes("memory-store.in")
    #expect(bytes > 0)
    #expect(bytes <= updates * 8 * 1001)
    #expect(bytes * 2 < updates * 4 * 5001)
    #expect(outcome.replicas.allSatisfy { $0.parameters.count == 5001 })
  }

  @Test("The filter sends less of it and learns nearly as well")
  func filteredLogisticRegression() throws {
    func run(_ threshold: Double) throws -> (loss: Double, bytes: Int64) {
      let outcome = try sparse(
        "sparse-logistic-regression", Self.criteo, optimizer: .sgd(learningRate: 5),
        batchSize: 50, epochs: 4, ["significance-threshold": .real(threshold)]
      ).run()
      return (
        try lastLoss(outcome).last, outcome.job.region.meter.bytes("memory-store.in")
      )
    }
    let (all, some) = (try run(0), try run(0.7))
    #expect(some.bytes < all.bytes)
    #expect(some.loss < all.loss * 1.05)
  }

  @Test("Matrix factorisation learns, and touches only the rated users and items on the wire")
  func matrixFactorization() throws {
    let outcome = try sparse(
      "matrix-factorization", Self.movies, optimizer: .sgd(learningRate: 4), batchSize: 20,
      epochs: 12, ["significance-threshold": .real(0)]
    ).run()
    let loss = try lastLoss(outcome)
    #expect(loss.last < 0.8 * loss.first)
    let updates = outcome.job.region.meter.requests("memory-store.set")
    let bytes = outcome.job.region.meter.bytes("memory-store.in")
    // 20 ratings touch at most 20 users and 20 items, of rank 20 and a bias each.
    #expect(bytes <= updates * 8 * 20 * 2 * 21)
    #expect(bytes < updates * 4 * 100 * 21)
  }

  // MARK: - Synchronization

  private func stale(
    _ synchronization: String, slack: Int = 3, faults: [Fault] = [], workers: Int = 3,
    timeout: Duration = .seconds(120), steps: Int = 30
  ) throws -> Trial {
    var trial = try Trial(
      MLLess.self, workers: workers, steps: steps, epochs: 20,
      options: FrameworkOptions([
        "synchronization": .choice(synchronization), "slack": .integer(slack),
        "significance-threshold": .real(0),
      ]))
    trial.configuration.function.timeout = timeout
    trial.configuration.faults = faults
    return trial
  }

  @Test("No worker is more than the slack ahead of the slowest", arguments: [1, 2, 5])
  func slackHolds(slack: Int) throws {
    // A report ends a worker's part of an exchange; then it waits for those too far behind.
    var done = [Int](repeating: 0, count: 3)
    var largest = 0
    let trial = try stale("ssp", slack: slack, faults: [.slow(worker: 2, factor: 50)])
    let outcome = try trial.run { span, log in
      guard log.text(span.operation) == "broker/publish", log.text(span.detail) == "supervisor",
        let rank = Int(log.text(span.actor).suffix(1))
      else { return }
      done[rank] += 1
      largest = max(largest, (done.max() ?? 0) - (done.min() ?? 0))
    }
    #expect(outcome.failure == nil)
    #expect(done == [30, 30, 30])
    // One more: the report of the step after which the worker waits.
    #expect(largest <= slack + 1)
    #expect(largest >= slack)
  }

  @Test("The less they wait for a slow worker, the sooner the fast ones end")
  func stalenessSavesTime() throws {
    func end(_ synchronization: String) throws -> Duration {
      let outcome = try stale(synchronization, faults: [.slow(worker: 2, factor: 50)]).run()
      #expect(outcome.failure == nil)
      return outcome.job.workers[0].end - outcome.job.submission
    }
    let (bsp, ssp, asp) = (try end("bsp"), try end("ssp"), try end("asp"))
    #expect(asp < ssp)
    #expect(ssp < bsp)
  }

  @Test("Without a barrier the supervisor announces nothing, and the model still learns")
  func asynchronous() throws {
    let outcome = try stale("asp", steps: 60).run()
    #expect(outcome.failure == nil)
    // U and I of each worker and step; no set to expect.
    #expect(outcome.job.region.meter.requests("broker.publish") == 60 * 3 * 2)
    let loss = try lastLoss(outcome)
    #expect(loss.last < 0.8 * loss.first)
  }

  @Test("A little staleness learns nearly as well as none")
  func slackIsHarmless() throws {
    let bsp = try lastLoss(stale("bsp").run()).last
    let ssp = try lastLoss(stale("ssp").run()).last
    #expect(abs(ssp / bsp - 1) < 0.15)
  }

  @Test(
    "What makes no sense together is refused, with a reason",
    arguments: [
      (
        ["exchange": FrameworkOption.Value.choice("gradients"), "synchronization": .choice("ssp")],
        "synchronization"
      ),
      (["exchange": .choice("gradients"), "local-steps": .integer(2)], "local-steps"),
      (["auto-tuner": .flag(true), "synchronization": .choice("asp")], "auto-tuner"),
    ])
  func conflicts(options: [String: FrameworkOption.Value], option: String) throws {
    let trial = try Trial(MLLess.self, workers: 2, options: FrameworkOptions(options))
    let conflict = try #require(throws: OptionConflict.self) { try trial.run() }
    #expect(conflict.option == option)
    #expect(!conflict.reason.isEmpty)
  }

  // MARK: - Compression

  @Test(
    "Other compressions train as well, within their bytes",
    arguments: [("none", 4.0), ("top-k", 0.16), ("qsgd", 0.508)])
  func compressions(name: String, bytesPerEntry: Double) throws {
    let outcome = try Trial(
      MLLess.self, workers: 3, model: "mlp", steps: 40,
      options: FrameworkOptions(["compression": .choice(name)])
    ).run()
    #expect(outcome.failure == nil)
    let n = try #require(outcome.replicas.first).parameters.count
    let bytes = outcome.job.region.meter.bytes("memory-store.in")
    #expect(abs(Double(bytes) / Double(40 * 3 * n) / bytesPerEntry - 1) < 0.05)
    let loss = try lastLoss(outcome)
    #expect(loss.last < loss.first)
  }

  @Test("Gradients exchanged without loss end bit-identical on all, as the mean's optimizer does")
  func gradients() throws {
    // Adam of the mean gradient: what the released code does, and updates cannot.
    let trial = try Trial(
      MLLess.self, workers: 4, optimizer: .adam(learningRate: 0.01), batchSize: 125, steps: 100,
      epochs: 25, options: FrameworkOptions(variant: "released"))
    let machine = try trial.oneMachine()
    let replicas = try trial.run().replicas.map(\.parameters)
    #expect(replicas.allSatisfy { $0 == replicas[0] })
    #expect(largestDifference(replicas[0], machine) < 1e-4)
  }
}
