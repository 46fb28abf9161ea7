import Cloud
import Learning
import Testing

@testable import Scenarios

private let head = "frameworks: [spirt]\ntraining: "

private let wrong: [BadScenario] = [
  BadScenario(
    head + "{ gradients: none, dataset: fashion-mnist }",
    "2:11: training.model: is missing: give a model by name, or its sizes in 'priced-as'"),
  BadScenario(
    head + "{ gradients: none, model: mlp }",
    "2:11: training.dataset: is missing: give a data set by name, or the number of 'samples'"),
  BadScenario(
    head + "{ gradients: none, model: mlp, samples: 100 }",
    "2:51: training.samples: do not say how large the model is: give 'priced-as' too"),
  BadScenario(
    head
      + "{ gradients: none, samples: 100, priced-as: { parameters: 10, forward: 20 FLOP } }",
    "2:55: training.priced-as.sample-size: is missing: without a data set nothing else says"),
  BadScenario(
    head + "{ gradients: none, model: mlp, dataset: fashion-mnist, samples: 100 }",
    "2:66: training: 'dataset' and 'samples' exclude each other"),
  BadScenario(
    head + "{ gradients: none, model: mlp, dataset: fashion-mnist, initial-weights: / }",
    "2:83: training.initial-weights: does not go with 'gradients: none'"),
  BadScenario(
    head + "{ gradients: none, priced-as: resnet50, dataset: { idx: / } }",
    "2:67: training.dataset: does not go with 'gradients: none': files are not read"),
  BadScenario(
    head + "{ gradients: none, model: { python: /, class: Net }, dataset: fashion-mnist }",
    "2:47: training.model: does not go with 'gradients: none': only PyTorch knows"),
  BadScenario(
    head + "{ gradients: none, model: mlp, dataset: fashion-mnist, partition: { dirichlet: 1 } }",
    "2:90: training.partition: does not go with 'gradients: none'"),
  BadScenario(
    head + "{ gradients: none, priced-as: resnet50, samples: 600 }\nexpect: { accuracy: \"> 0\" }",
    "3:21: expect.accuracy: has no value with 'gradients: none', where nothing is learned "
      + "(allowed: time, provisioning, total-time, cost, "),
  BadScenario(
    head
      + "{ gradients: none, priced-as: resnet50, samples: 600 }\n"
      + "expect: { spirt: { loss: \"< 1\" } }",
    "3:26: expect.spirt.loss: has no value with 'gradients: none'"),
  BadScenario(
    head
      + "{ gradients: none, priced-as: resnet50, samples: 600 }\n"
      + "faults: [{ attack: scaled, workers: [0] }]",
    "3:10: faults: nothing is learned with 'gradients: none', so that an attack changes nothing"),
  BadScenario(
    head + "{ gradients: nothing, priced-as: resnet50, samples: 600 }",
    "2:24: training.gradients: there is no kind of gradient 'nothing' (allowed: computed, none)"),
  BadScenario(
    head + "{ gradients: none, priced-as: { parameters: 0, forward: 1 FLOP }, samples: 600 }",
    "2:55: training.priced-as.parameters: 0 is out of range (allowed: 1 to 1000000000000)"),
  BadScenario(
    head + "{ gradients: none, priced-as: { parameters: 9, forward: 3e9 }, samples: 600 }",
    "2:67: training.priced-as.forward: '3e9' needs a unit: FLOP, kFLOP, MFLOP, GFLOP, TFLOP or"),
  BadScenario(
    head + "{ model: mlp, samples: 600 }",
    "2:34: training.samples: are counted only where 'gradients: none'"),
]

@Suite struct TimeOnlyTests {
  @Test(arguments: wrong)
  func `What a run without gradients cannot have is reported at its place`(bad: BadScenario) {
    let found = issues(in: bad.text)
    #expect(found.contains { $0.hasPrefix(bad.report) }, "\(found)")
  }

  @Test func `A model is described by its size and work, in scientific notation too`() throws {
    let training = try read(
      head + """
        {
          gradients: none, samples: 5e4, batch-size: 32,
          priced-as: { parameters: 1_500_000_000, forward: 3.1e12 FLOP, activations: 60 MB,
                       tensors: 100, sample-size: 8 kB } }
        """
    ).training
    #expect(
      training.pricedAs
        == .described(
          .init(
            parameters: 1_500_000_000, tensors: 100, forwardFLOPs: 3_100_000_000_000,
            backwardFLOPs: 6_200_000_000_000, activationBytes: 60_000_000, sampleBytes: 8000)))
    #expect(training.dataset == .sized(samples: 50_000))
    #expect(training.model == .absent)
    let size = try TrainingSize(timeOnly: training)
    #expect(size.workload.gradientBytes == 6_000_000_000)
    #expect(size.workload.backwardFLOPs == 2 * size.workload.forwardFLOPs)
    #expect(size.sampleBytes == 8000 && size.sampleCount == 50_000)
  }

  /// A model for each data set that it can learn from.
  private static let pairs = [
    ("fashion-mnist", "lenet5"), ("fashion-mnist-fixture", "resnet8"),
    ("synthetic-criteo", "sparse-logistic-regression"), ("synthetic-higgs", "mlp"),
    ("synthetic-movielens", "matrix-factorization"), ("synthetic-cifar10", "mobilenet"),
  ]

  @Test(arguments: pairs)
  func `The sizes of a model and a data set by name are those of the real ones`(
    dataset: String, model: String
  ) throws {
    let text = "{ model: \(model), dataset: \(dataset), gradients: "
    let reader = ScenarioReader(vocabulary: .program)
    let real = try reader.read(text: head + text + "computed }", file: "real.yaml").training
    let timed = try reader.read(text: head + text + "none }", file: "timed.yaml").training
    var loader = TrainingLoader(dataDirectory: nil)
    let learned = try TrainingSize(of: real, with: loader.subject(of: real, seed: 1))
    let sized = try TrainingSize(timeOnly: timed)
    #expect(sized.sampleCount == learned.sampleCount)
    // How many entries a sparse row has is drawn: a thousand rows tell it well enough.
    #expect(abs(Double(sized.sampleBytes) / Double(learned.sampleBytes) - 1) < 0.01)
    #expect(sized.workload.parameterCount == learned.workload.parameterCount)
    #expect(sized.workload.tensorCount == learned.workload.tensorCount)
    #expect(abs(sized.workload.forwardFLOPs / learned.workload.forwardFLOPs - 1) < 0.01)
  }

  @Test func `Time and cost are those of the run that computes`() throws {
    let text = """
      frameworks: [spirt, scatter-reduce, all-reduce]
      workers: 2
      training: { model: logistic-regression, dataset: fashion-mnist-fixture, batch-size: 100,
                  steps: 4, gradients:
      """
    func results(_ gradients: String) throws -> [RunResult] {
      let scenario = try ScenarioReader(vocabulary: .program).read(
        text: text + " \(gradients) }", file: "test.yaml")
      let options = RunnerOptions(threads: 1)
      var planner = RunPlanner(options: options)
      return try Runner(options: options).run(try planner.plans(for: scenario))
    }
    let (computed, timed) = (try results("computed"), try results("none"))
    for (computed, timed) in zip(computed, timed) {
      #expect(timed.status == .completed)
      #expect(timed.time == computed.time)
      #expect(timed.bill.total == computed.bill.total)
      #expect(timed.requests == computed.requests)
      #expect(timed.bytes == computed.bytes)
      #expect(timed.updates == computed.updates && timed.updates > 0)
      #expect(timed.accuracy == nil && timed.f1 == nil && timed.loss == nil)
      #expect(timed.curve.isEmpty && timed.accuracyRange == nil && timed.model == nil)
      #expect(timed.digest != computed.digest)
    }
  }
}
