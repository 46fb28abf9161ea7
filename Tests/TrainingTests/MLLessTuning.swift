import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// The auto-tuner in whole runs: who leaves, what becomes of its data, and what is saved.
@Suite struct MLLessTuning {
  private func trial(
    tuner: Bool, repartition: Bool = true, steps: Int? = nil, epochs: Int = 20,
    _ more: [String: FrameworkOption.Value] = [:]
  ) throws -> Trial {
    var options: [String: FrameworkOption.Value] = [
      "auto-tuner": .flag(tuner), "tuner-interval": .duration(.seconds(2)),
      "tuner-horizon": .duration(.seconds(1)), "tuner-threshold": .real(50),
      "repartition": .flag(repartition), "significance-threshold": .real(0.7),
    ]
    options.merge(more) { $1 }
    var trial = try Trial(
      MLLess.self, workers: 4, optimizer: .sgd(learningRate: 0.02), batchSize: 25,
      epochs: epochs, options: FrameworkOptions(options))
    trial.configuration.stepLimit = steps
    return trial
  }

  /// What functions cost.
  private func compute(_ outcome: TrainingOutcome) -> Money {
    outcome.job.region.bill().total(of: "function")
  }

  @Test("On: workers leave and are billed no longer; without re-partition all ends as soon")
  func savesMoney() throws {
    let fixed = try trial(tuner: false, repartition: false).run()
    let tuned = try trial(tuner: true, repartition: false).run()
    #expect(tuned.failure == nil)
    let left = tuned.job.workers.filter(\.isRetired)
    #expect(!left.isEmpty)
    #expect(left.count < 4)
    #expect(tuned.job.notes.count == left.count)
    #expect(tuned.job.notes.allSatisfy { $0.contains("left after") })
    let survivor = try #require(tuned.job.workers.first { !$0.isRetired })
    #expect(left.allSatisfy { $0.end < survivor.end })
    // Every survivor takes as many steps as without the tuner, and sees no more data.
    #expect(fixed.updates == 400)
    #expect(tuned.updates == 400)
    #expect(tuned.job.samplesSeen < fixed.job.samplesSeen)
    #expect(compute(tuned) < compute(fixed))
    #expect(tuned.replicas.count == 4 - left.count)
  }

  @Test("With re-partition the others see the data of those who have left, and learn on")
  func repartitions() throws {
    let tuned = try trial(tuner: true).run()
    #expect(tuned.failure == nil)
    #expect(tuned.job.workers.contains { $0.isRetired })
    #expect(tuned.updates > 400)
    // At most one incomplete step an epoch is not dealt.
    #expect(tuned.job.samplesSeen <= 20 * 2000)
    #expect(tuned.job.samplesSeen > 20 * (2000 - 3 * 25))
    let points = tuned.job.curve.points
    #expect(points.count == 1 + 20)
    // The replicas of those who left are averaged into the others: nothing breaks.
    let halfway = try points[10].result.loss
    #expect(try points[20].result.loss < halfway)

    let again = try trial(tuner: true).run()
    #expect(again.job.notes == tuned.job.notes)
    #expect(again.replicas.map(\.parameters) == tuned.replicas.map(\.parameters))
    #expect(again.job.region.bill() == tuned.job.region.bill())
  }

  @Test("A step limit is one, however many workers are left")
  func respectsStepLimit() throws {
    let outcome = try trial(tuner: true, steps: 350).run()
    #expect(outcome.job.workers.contains { $0.isRetired })
    #expect(outcome.updates == 350)
  }

  @Test("Training ends after ten exchanges in a row below the target")
  func lossTarget() throws {
    let early = try trial(tuner: false, ["loss-target": .real(0.9)]).run()
    #expect(early.failure == nil)
    #expect(early.updates < 400)
    #expect(early.updates >= 10)
    #expect(early.job.notes.contains { $0.contains("target") })
    #expect(Set(early.replicas.map(\.updates)).count == 1)
  }

  @Test("Time-only runs have no loss to watch")
  func needsLosses() throws {
    var timing = try trial(tuner: true)
    timing.configuration.subject = nil
    #expect(throws: OptionConflict.self) { try timing.run() }
  }
}
