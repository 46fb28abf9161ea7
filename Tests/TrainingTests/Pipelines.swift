import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Many jobs in one region.
@Suite struct Pipelines {
  private func run(
    _ configurations: [TrainingConfiguration], atOnce width: Int,
    _ type: any TrainingFramework.Type = AllReduce.self
  ) throws -> (outcome: TrainingPipeline.Outcome, region: Region) {
    let simulation = Simulation(seed: 7)
    let region = try Region(simulation, provider: Trial.provider.get())
    let pipeline = try TrainingPipeline(
      configurations, atOnce: width, in: region, pool: GradientPool(threads: 1))
    var result: Result<TrainingPipeline.Outcome, any Error>?
    simulation.spawn("pipeline") {
      do { result = .success(try await pipeline.run(type)) } catch { result = .failure(error) }
    }
    try simulation.run()
    return (try #require(try result?.get()), region)
  }

  private func jobs(_ rates: [Float], workers: Int = 2) throws -> [TrainingConfiguration] {
    try rates.map { rate in
      try Trial(AllReduce.self, workers: workers, optimizer: .sgd(learningRate: rate)).configuration
    }
  }

  @Test(
    "Each job learns what it learns alone, whatever runs beside it", arguments: [1, 2, 3],
    FrameworkPromise.all)
  func jobsAreApart(width: Int, promise: FrameworkPromise) throws {
    let jobs = try jobs([0.01, 0.05, 0.25])
    let (outcome, region) = try run(jobs, atOnce: width, promise.type)
    for (job, result) in zip(jobs, outcome.outcomes) {
      #expect(result.failure == nil)
      let alone = try Trial(promise.type, job).run()
      #expect(result.replicas.map(\.parameters) == alone.replicas.map(\.parameters))
      #expect(result.updates == alone.updates)
    }
    #expect(region.bill().total > .zero)
  }

  @Test("No more jobs run than there are places, and no more functions than the account may")
  func placesAreLimited() throws {
    let jobs = try jobs([0.01, 0.02, 0.05, 0.1], workers: 3)
    let (narrow, narrowRegion) = try run(jobs, atOnce: 1)
    let (wide, wideRegion) = try run(jobs, atOnce: 4)
    #expect(narrowRegion.functions.peakConcurrency == 3)
    #expect(wideRegion.functions.peakConcurrency == 12)
    let slowest = wide.outcomes.map(\.time).max() ?? .zero
    #expect(wide.time < slowest + .seconds(1))
    #expect(narrow.time >= narrow.outcomes.reduce(.zero) { $0 + $1.time })
    // One after the other they find the environments of the first, which are warm.
    #expect(narrowRegion.functions.coldStartCount == 3)
    #expect(wideRegion.functions.coldStartCount == 12)
  }

  @Test("A job that fails leaves the others alone")
  func failuresStayApart() throws {
    var jobs = try jobs([0.01, 0.05])
    jobs[0].function.name = "small"
    jobs[0].function.memoryMB = 128
    let (outcome, _) = try run(jobs, atOnce: 2)
    #expect(outcome.outcomes[0].failure?.cause is OutOfMemory)
    #expect(outcome.outcomes[1].failure == nil)
  }

  @Test(
    "Ten jobs of LambdaML's, ten workers each: 96 s and 0.47 USD on functions, 233 s on machines")
  func lambdaMLPipelines() throws {
    // Logistic regression on Higgs by ADMM: one exchange after ten scans of 8 GB, which take a
    // worker 80 s after 9 s of loading (figure 10).
    let samples = 11_000_000
    func job(_ options: FrameworkOptions, flopsPerSecond: Double) -> TrainingConfiguration {
      var configuration = TrainingConfiguration(
        workers: 10, batchSize: samples / 10, epochs: 1, sampleCount: samples, sampleBytes: 727,
        workload: ModelCost(
          parameterCount: 56, tensorCount: 1, forwardFLOPs: 0,
          backwardFLOPs: 80 * flopsPerSecond / Double(samples / 10), activationBytes: 0),
        optimizer: .sgd(learningRate: 0.05),
        function: FunctionConfiguration(name: "worker", package: .zip, packageBytes: 50_000_000),
        seed: 7)
      configuration.options = options
      return configuration
    }
    let model = ComputeModel(
      flopsPerSecond: 15e9, batchOverhead: .zero, vectorBytesPerSecond: 1, parallelFraction: 0.93)
    let functions = try run(
      Array(
        repeating: job(
          FrameworkOptions(), flopsPerSecond: 15e9 * model.speedup(vCPUs: 3008.0 / 1769)),
        count: 10), atOnce: 10)
    let machines = try run(
      Array(
        repeating: job(
          FrameworkOptions(["instance": .choice("t2.medium")]),
          flopsPerSecond: 15e9 * model.speedup(vCPUs: 2)), count: 10), atOnce: 10,
      RingAllReduce.self)
    let onFunctions = functions.outcome.time.inSeconds
    let onMachines =
      machines.outcome.time.inSeconds
      + (machines.outcome.outcomes.first?.provisioning.inSeconds ?? 0)
    #expect(abs(onFunctions / 96 - 1) < 0.1)
    #expect(abs(functions.region.bill().total.inDollars / 0.47 - 1) < 0.1)
    #expect(abs(onMachines / 233 - 1) < 0.1)
    #expect(abs(machines.region.bill().total.inDollars / 0.31 - 1) < 0.1)
  }
}
