import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// At equal settings the frameworks give the same model, as far as floating point allows.
@Suite struct Equalities {
  @Test("AllReduce, ScatterReduce and SPIRT end bit-identical", arguments: [1, 2, 3, 4], [0, 0.9])
  func synchronousFrameworksAgree(workers: Int, momentum: Float) throws {
    let optimizer = OptimizerKind.sgd(learningRate: 0.05, momentum: momentum)
    func parameters(_ type: any TrainingFramework.Type, _ options: FrameworkOptions) throws
      -> [[Float]]
    {
      try Trial(
        type, workers: workers, model: "mlp", optimizer: optimizer, steps: 5, options: options
      ).run().replicas.map(\.parameters)
    }
    let one = FrameworkOptions(["minibatches-per-round": .integer(1)])
    let allReduce = try parameters(AllReduce.self, FrameworkOptions())
    let scatterReduce = try parameters(ScatterReduce.self, FrameworkOptions())
    let spirt = try parameters(SPIRT.self, one)
    #expect(allReduce.count == workers)
    #expect(allReduce.allSatisfy { $0 == allReduce[0] })
    #expect(scatterReduce == allReduce)
    #expect(spirt == allReduce)
  }

  @Test(
    "MLLess without filter and AllReduce are one machine with the W-fold batch",
    arguments: [("logistic-regression", 300), ("mlp", 20)])
  func oneMachineAgrees(model: String, steps: Int) throws {
    let optimizer = OptimizerKind.sgd(learningRate: 0.05, momentum: 0.9)
    let trial = try Trial(
      MLLess.self, workers: 4, model: model, optimizer: optimizer, batchSize: 125, steps: steps,
      epochs: 75,
      options: FrameworkOptions(["significance-threshold": .real(0)]))
    let machine = try trial.oneMachine()
    for replica in try trial.run().replicas {
      #expect(largestDifference(replica.parameters, machine) < 1e-5)
    }
    let allReduce = try Trial(
      AllReduce.self, workers: 4, model: model, optimizer: optimizer, batchSize: 125, steps: steps,
      epochs: 75)
    let difference = largestDifference(try allReduce.run().finalWeights.parameters, machine)
    #expect(difference < 1e-5)
  }

  @Test("The aggregated gradient of LeNet-5 is that of the W-fold batch")
  func leNetGradientAgrees() throws {
    // With plain SGD at rate 1, one step moves the parameters by minus the gradient.
    let trial = try Trial(
      AllReduce.self, workers: 4, model: "lenet5", optimizer: .sgd(learningRate: 1), steps: 1)
    let subject = try #require(trial.configuration.subject)
    let initial = subject.model.initialParameters(seed: trial.configuration.seed)
    func moved(_ parameters: [Float]) -> [Float] { zip(initial, parameters).map { $0 - $1 } }
    let ours = moved(try trial.run().finalWeights.parameters)
    let machine = moved(try trial.oneMachine())
    let difference = zip(ours, machine).map { $0 - $1 }
    #expect(Vectors.norm(difference) < 1e-5 * Vectors.norm(machine))
  }

  @Test("MLLess with its filter sends little, and its replicas differ a little")
  func filterFilters() throws {
    let dense = try Trial(
      MLLess.self, workers: 3, model: "mlp", steps: 20,
      options: FrameworkOptions(["significance-threshold": .real(0)])
    ).run()
    let sparse = try Trial(MLLess.self, workers: 3, model: "mlp", steps: 20).run()
    let sent = { (outcome: TrainingOutcome) in outcome.job.region.meter.bytes("memory-store.in") }
    #expect(sent(sparse) > 0)
    #expect(sent(sparse) * 4 < sent(dense))
    let replicas = sparse.replicas.map(\.parameters)
    #expect(replicas[0] != replicas[1])
    #expect(largestDifference(replicas[0], replicas[1]) < 0.2)
  }
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  zip(a, b).map { abs($0 - $1) }.max() ?? 0
}
