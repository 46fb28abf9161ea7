import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Two of seven workers lie: the mean learns nothing, the robust rules what honest workers learn.
@Suite struct RobustAggregation {
  static let attacks: [Attack] = [
    .signFlip(factor: 10), .gaussian(deviation: 100), .scaled(factor: -100),
  ]
  static let robust = ["trimmed-mean", "median", "krum", "multi-krum", "meamed", "zeno"]

  @Test("A robust rule outlives an attack", arguments: robust, attacks)
  func outlives(rule: String, attack: Attack) throws {
    #expect(try accuracy(AllReduce.self, rule, under: attack) > 0.55)
  }

  @Test("The mean does not", arguments: attacks)
  func meanFails(attack: Attack) throws {
    #expect(try accuracy(AllReduce.self, "mean", under: attack) < 0.3)
    #expect(try accuracy(AllReduce.self, "mean", under: nil) > 0.55)
  }

  @Test("Chunk by chunk it is the same", arguments: ["trimmed-mean", "median", "meamed"])
  func chunksAgree(rule: String) throws {
    func parameters(_ type: any TrainingFramework.Type) throws -> [Float] {
      try trial(type, rule, under: .signFlip(factor: 10)).run().finalWeights.parameters
    }
    #expect(try parameters(ScatterReduce.self) == parameters(AllReduce.self))
  }

  @Test("Who flips labels learns from other labels, and from nothing else")
  func labelsAreFlipped() throws {
    var flipped = try Trial(AllReduce.self, workers: 1, steps: 1)
    flipped.configuration.faults = [.attack(.labelFlip, workers: [0])]
    var other = try Trial(AllReduce.self, workers: 1, steps: 1)
    let subject = try #require(other.configuration.subject)
    let train = try subject.data.train.flippingLabels()
    other.configuration.subject?.data = TrainingData(train: train, test: subject.data.test)
    let ours = try flipped.run().finalWeights.parameters
    #expect(try ours == other.run().finalWeights.parameters)
    #expect(try ours != Trial(AllReduce.self, workers: 1, steps: 1).run().finalWeights.parameters)
  }

  @Test("A rule that the number of workers does not allow is refused with a reason")
  func tooFewWorkers() throws {
    let trial = try Trial(
      AllReduce.self, workers: 4, options: FrameworkOptions(["aggregation": .choice("krum")]))
    let conflict = try #require(throws: OptionConflict.self) { try trial.run() }
    #expect(
      conflict.description == "aggregation: krum needs at least 5 workers here, and there are 4")
  }

  private func accuracy(
    _ type: any TrainingFramework.Type, _ rule: String, under attack: Attack?
  ) throws -> Double {
    let outcome = try trial(type, rule, under: attack).run()
    #expect(outcome.failure == nil)
    return try #require(try outcome.job.curve.points.last?.result.accuracy)
  }

  private func trial(
    _ type: any TrainingFramework.Type, _ rule: String, under attack: Attack?
  ) throws -> Trial {
    var trial = try Trial(
      type, workers: 7, steps: 20, epochs: 20,
      options: FrameworkOptions(["aggregation": .choice(rule), "byzantine": .integer(2)]))
    if let attack { trial.configuration.faults = [.attack(attack, workers: [2, 5])] }
    return trial
  }
}
