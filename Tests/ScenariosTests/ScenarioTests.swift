import Scenarios
import SimulationKernel
import Testing
import Traces
import Training

/// The least a scenario must say.
let minimal = """
  frameworks: [spirt]
  training: { model: mlp, dataset: fashion-mnist }

  """

@Suite struct ScenarioTests {
  @Test func `A minimal scenario is completed with the declared defaults`() throws {
    let scenario = try read(minimal)
    #expect(scenario.name == "test")
    #expect(scenario.seed == 1)
    #expect(scenario.replications == 1)
    #expect(scenario.provider == .named("aws/us-east-1"))
    #expect(scenario.date == nil)
    #expect(scenario.freeTier == false)
    #expect(scenario.standing == .job)
    #expect(scenario.workers == 4)
    #expect(scenario.function.memoryMB == 3008)
    #expect(scenario.function.packageBytes == 800_000_000)
    #expect(scenario.function.timeout == .seconds(900))
    #expect(scenario.training.batchSize == 128)
    #expect(scenario.training.partition == .iid)
    #expect(
      scenario.training.optimizer
        == .sgd(learningRate: 0.05, momentum: 0, nesterov: false, weightDecay: 0))
    let options = FrameworkOptions([
      "minibatches-per-round": .integer(4), "poll-interval": .duration(.milliseconds(100)),
    ])
    #expect(
      scenario.frameworks
        == [FrameworkSelection(name: "spirt", options: options)])
    #expect(scenario.points.map(\.parameters) == [[]])
    var unswept = scenario
    unswept.points = []
    #expect(scenario.points[0].scenario == unswept)
  }

  @Test func `The example of the documentation is read in full`() throws {
    let scenario = try read(
      """
      name: Four frameworks on Fashion-MNIST
      seed: 7
      replications: 5
      provider: aws/us-east-1                 # or a path to a file of your own
      frameworks: [spirt, mlless, all-reduce]
      workers: 4
      function: { memory: 3008 MB, architecture: x86_64 }
      training:
        { model: lenet5, dataset: fashion-mnist, batch-size: 128, epochs: 3,
          optimizer: { sgd: { learning-rate: 0.05, momentum: 0.9 } } }
      traces:
        object-store.get: { file: ../traces/storage-latency/samples.csv.gz, column: latency_ms,
          where: { service: s3_standard, op: read } }
      faults:
        - { crash: worker 2, at: 30 s }
      sweep: { workers: [4, 8, 16], function.memory: [1024 MB, 3008 MB] }                # a product
      expect: { accuracy: ">= 0.75", all-reduce: { cost: "< 0.10 USD" } }
      """)
    #expect(scenario.name == "Four frameworks on Fashion-MNIST")
    #expect(scenario.seed == 7)
    #expect(scenario.replications == 5)
    #expect(scenario.frameworks.map(\.name) == ["spirt", "mlless", "all-reduce"])
    #expect(scenario.training.epochs == 3)
    #expect(
      scenario.training.optimizer
        == .sgd(learningRate: 0.05, momentum: 0.9, nesterov: false, weightDecay: 0))
    #expect(scenario.faults.map(\.kind) == [.job(.crash(.worker(2), .at(.seconds(30))))])
    let trace = try #require(scenario.traces.first)
    #expect(trace.operation == "object-store.get")
    #expect(trace.column == "latency_ms")
    #expect(trace.filters.map(\.column) == ["service", "op"])
    #expect(trace.filters.map(\.value) == ["s3_standard", "read"])
    #expect(trace.mode == .resample)
    #expect(scenario.points.count == 6)
    #expect(scenario.expectations.map(\.framework) == [nil, "all-reduce"])
    #expect(scenario.expectations.map(\.bound) == [.real(0.75), .whole(100_000_000_000)])
  }
}
