import Cloud
import Learning
import Scenarios
import SimulationKernel
import Testing

private let head = """
  frameworks: [all-reduce]
  training: { model: logistic-regression, dataset: fashion-mnist-fixture, batch-size: 100 }

  """
private let rates = "pipeline: { jobs: { training.optimizer.sgd.learning-rate: [0.01, 0.1] } }\n"

private let wrong: [BadScenario] = [
  BadScenario(
    head + "pipeline: { jobs: { function.memory: [1 GB] } }",
    "3:21: pipeline.jobs: 'function.memory' cannot be varied: the jobs share their functions"),
  BadScenario(
    head + "pipeline: { jobs: { limits.concurrency: [1] } }",
    "3:21: pipeline.jobs: 'limits.concurrency' cannot be varied: the jobs share one region"),
  BadScenario(
    head + "pipeline: { jobs: { seed: [1, 2] } }",
    "3:21: pipeline.jobs: 'seed' cannot be varied: the jobs share the seed of their run"),
  BadScenario(
    head + "pipeline: { jobs: { training.gradients: [none] } }",
    "3:21: pipeline.jobs: 'training.gradients' cannot be varied: the jobs of a run all learn"),
  BadScenario(
    head + "pipeline: { jobs: { pipeline.at-once: [1] } }",
    "3:21: pipeline.jobs: 'pipeline.at-once' cannot be varied: a job has no jobs of its own"),
  BadScenario(
    head + "pipeline: { jobs: { training.epoch: [1] } }",
    "3:21: pipeline.jobs: there is no setting 'training.epoch'; did you mean 'training.epochs'?"),
  BadScenario(
    head + "pipeline: { jobs: { workers: [0] } }",
    "3:31: pipeline.jobs.workers[0]: 0 is out of range (allowed: 1 to 10000)"),
  BadScenario(
    head + "pipeline: { at-once: 0, jobs: {} }",
    "3:22: pipeline.at-once: 0 is out of range (allowed: 1 to 10000)"),
  BadScenario(head + "pipeline: { at-once: 2 }", "3:11: pipeline.jobs: is missing"),
  BadScenario(
    head + "sweep: { pipeline.at-once: [1, 2] }",
    "3:29: pipeline.jobs: is missing: without jobs there is no pipeline"),
  BadScenario(
    head + rates + "sweep: { training.optimizer.sgd.learning-rate: [1] }",
    "4:48: sweep.training.optimizer.sgd.learning-rate: the jobs of the pipeline vary"),
  BadScenario(
    head + rates + "faults: [{ crash: worker 1, at: 1 s }]",
    "4:10: faults: 'crash' does not go with a pipeline: it does not say in which job"),
  BadScenario(
    head + "pipeline: { jobs: { spirt.poll-interval: [1 s] } }",
    "3:42: pipeline.jobs.spirt.poll-interval: 'spirt' is not among the frameworks"),
  BadScenario(
    """
    frameworks: [mlless, { mlless: { sparse: false } }]
    training: { model: mlp, dataset: fashion-mnist }
    pipeline: { jobs: { mlless.sparse: [true, false] } }
    """,
    "3:36: pipeline.jobs.mlless.sparse: the list of frameworks fixes 'sparse', so that varying"),
  BadScenario(
    """
    frameworks: [all-reduce]
    training: { model: mlp, dataset: fashion-mnist, global-batch-size: 64 }
    pipeline: { jobs: { workers: [2, 3] } }
    """,
    "2:68: training.global-batch-size: 64 samples cannot be divided among 3 workers equally"),
]

@Suite struct PipelineTests {
  @Test(arguments: wrong)
  func `What a pipeline cannot have is reported at its place`(bad: BadScenario) {
    let found = issues(in: bad.text)
    #expect(found.contains { $0.hasPrefix(bad.report) }, "\(found)")
  }

  @Test func `Jobs are the product of their values, at each point of the sweep`() throws {
    let scenario = try read(
      head + "pipeline: { jobs: { workers: [2, 4], training.batch-size: [10, 20, 30] } }\n"
        + "sweep: { pipeline.at-once: [1, 3], function.memory: [1 GB, 2 GB] }")
    #expect(scenario.points.count == 4)
    let pipelines = scenario.points.compactMap(\.scenario.pipeline)
    #expect(pipelines.map(\.atOnce) == [1, 1, 3, 3])
    for (point, pipeline) in zip(scenario.points, pipelines) {
      #expect(pipeline.jobs.map(\.scenario.workers) == [2, 2, 2, 4, 4, 4])
      #expect(pipeline.jobs.map(\.scenario.training.batchSize) == [10, 20, 30, 10, 20, 30])
      #expect(pipeline.jobs.allSatisfy { $0.scenario.function == point.scenario.function })
      #expect(pipeline.jobs[5].parameters.map(\.value) == ["4", "30"])
    }
    let fixed = try read(head + rates, set: [("training.optimizer.sgd.learning-rate", "0.5")])
    #expect(fixed.points[0].scenario.pipeline?.jobs.count == 1)
    #expect(try read(head + rates).pipeline?.atOnce == 2)
    #expect(try read(head).points[0].scenario.pipeline == nil)
  }

  private func results(_ text: String, threads: Int = 1) throws -> [RunResult] {
    let scenario = try ScenarioReader(vocabulary: .program).read(text: text, file: "test.yaml")
    let options = RunnerOptions(threads: threads, keepsModels: true)
    var planner = RunPlanner(options: options)
    return try Runner(options: options).run(try planner.plans(for: scenario))
  }

  @Test func `Each job learns what it learns alone, and the best is the run's`() throws {
    let rates = ["0.0001", "0.05", "10"]
    let varied = rates.joined(separator: ", ")
    let run = try results(
      head + "pipeline: { jobs: { training.optimizer.sgd.learning-rate: [\(varied)] } }")[0]
    let alone = try rates.map {
      try results(
        head.replacing("100 }", with: "100, optimizer: { sgd: { learning-rate: \($0) } } }"))[0]
    }
    #expect(run.jobs.map(\.accuracy) == alone.map(\.accuracy))
    #expect(run.jobs.map(\.loss) == alone.map(\.loss))
    #expect(
      run.jobs.map(\.parameters)
        == rates.map { [.init("training.optimizer.sgd.learning-rate", $0)] })
    let best = try #require(run.bestJob)
    #expect(run.accuracy == alone.compactMap(\.accuracy).max())
    #expect(run.accuracy == alone[best].accuracy && run.loss == alone[best].loss)
    #expect(run.f1 == alone[best].f1 && run.updates == alone[best].updates)
    #expect(run.curve.map(\.accuracy) == alone[best].curve.map(\.accuracy))
    #expect(run.model?.weights.parameters == alone[best].model?.weights.parameters)
    #expect(run.samples == alone.reduce(0) { $0 + $1.samples })
    // All start at once: what is shared is the account, not the time.
    #expect(run.time < alone.reduce(.zero) { $0 + $1.time })
    #expect(run.phases.reduce(.zero) { $0 + $1.value } == run.time)
    #expect(alone.allSatisfy { $0.jobs.isEmpty && $0.bestJob == nil })
  }

  @Test func `One job after the other takes as long as all, and finds warm functions`() throws {
    let runs = try results(
      head + "workers: 2\n" + rates + "sweep: { pipeline.at-once: [1, 2] }", threads: 2)
    let (narrow, wide) = (runs[0], runs[1])
    #expect(narrow.peakConcurrency == 2 && wide.peakConcurrency == 4)
    #expect(narrow.coldStarts == 2 && wide.coldStarts == 4)
    #expect(narrow.time == narrow.jobs[0].time + narrow.jobs[1].time)
    #expect(narrow.jobs[1].submission == narrow.jobs[0].time)
    #expect(narrow.phases.first?.name == "wait for a place")
    #expect(narrow.phases.first?.value == narrow.jobs[0].time)
    #expect(wide.jobs.map(\.submission) == [.zero, .zero])
    #expect(wide.time == wide.jobs.map(\.time).max())
    #expect(narrow.phases.reduce(.zero) { $0 + $1.value } == narrow.time)
    #expect(narrow.accuracy == wide.accuracy && narrow.digest != wide.digest)
    let again = try results(head + "workers: 2\n" + rates)[0]
    #expect(again.digest == wide.digest)
  }

  @Test func `A job that fails does not end the others`() throws {
    // A minibatch of eighty million samples does not fit into the memory of the functions.
    let run = try results(
      """
      frameworks: [all-reduce]
      workers: 1
      training: { gradients: none, samples: 1e6, steps: 2,
                  priced-as: { parameters: 10, forward: 1 kFLOP, sample-size: 4 kB } }
      pipeline: { jobs: { training.batch-size: [100, 1e6, 200] } }
      """)[0]
    #expect(run.status == .failed)
    #expect(run.failure?.kind == "out-of-memory" && run.failure?.worker == "job 1/worker 0")
    #expect(run.jobs.map { $0.failure?.kind } == [nil, "out-of-memory", nil])
    #expect(run.jobs[1].failure?.worker == "worker 0")
    #expect(run.jobs.map(\.updates) == [2, 0, 2])
    #expect(run.bestJob == nil && run.accuracy == nil)
    #expect(run.time == run.jobs.map { $0.submission + $0.time }.max())
  }

  @Test func `Jobs at once need room for all their functions in the account`() throws {
    let runs = try results(
      head + "workers: 3\n" + rates
        + "limits: { concurrency: 4 }\nsweep: { pipeline.at-once: [1, 2] }")
    #expect(runs[0].status == .completed && runs[0].peakConcurrency == 3)
    #expect(runs[1].failure?.kind == "throttled" && runs[1].peakConcurrency <= 4)
  }

  @Test func `Jobs that have not ended when the limit comes fail, and those that had do not`()
    throws
  {
    let run = try results(
      """
      frameworks: [all-reduce]
      workers: 1
      training: { gradients: none, samples: 1e6, priced-as: resnet50, batch-size: 10 }
      pipeline: { at-once: 1, jobs: { training.steps: [1, 5000, 1] } }
      limits: { virtual-time: 1 min }
      """)[0]
    #expect(run.jobs.map { $0.failure?.kind } == [nil, "livelock", "livelock"])
    #expect(run.jobs[2].time == .zero && run.jobs[1].submission == run.jobs[0].time)
    #expect(run.failure?.worker?.contains("job/job 1/worker 0") == true)
  }

  @Test func `Servers of a job are paid until it ends, not until the last job does`() throws {
    let text = """
      frameworks: [mlless]
      workers: 2
      training: { gradients: none, samples: 1e5, priced-as: mobilenet, batch-size: 64, steps: 40 }

      """
    func servers(_ run: RunResult) -> Int64 {
      run.usage.filter { $0.service == "broker" }.reduce(0) { $0 + $1.quantity }
    }
    let alone = try results(text + "standing: shared")[0]
    let run = try results(
      text + "standing: shared\npipeline: { at-once: 1, jobs: { training.epochs: [1, 1, 1] } }")[0]
    #expect(abs(servers(run) - 3 * servers(alone)) <= servers(alone) / 2)
  }

  @Test func `The key of a run knows its jobs and how many run at once`() throws {
    func key(_ text: String) throws -> String {
      let scenario = try ScenarioReader(vocabulary: .program).read(
        text: head + text, file: "test.yaml")
      var planner = RunPlanner(options: RunnerOptions(threads: 1))
      return try planner.plans(for: scenario)[0].key
    }
    let one = "pipeline: { jobs: { training.optimizer.sgd.learning-rate: [0.05] } }"
    let keys = try [
      "", one, rates, rates.replacing("{ jobs", with: "{ at-once: 1, jobs"),
      rates.replacing("0.1]", with: "0.2]"),
    ].map(key)
    #expect(Set(keys).count == keys.count)
    #expect(try key(rates) == key(rates.replacing("{ jobs", with: "{ at-once: 2, jobs")))
  }
}
