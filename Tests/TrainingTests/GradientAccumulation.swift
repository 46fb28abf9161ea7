import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Minibatches that are computed in parts: the same gradient, more time, less memory.
@Suite struct GradientAccumulation {
  private func trial(_ parts: Int, model: String = "logistic-regression") throws -> Trial {
    var trial = try Trial(AllReduce.self, workers: 2, model: model, batchSize: 64, steps: 4)
    trial.configuration.accumulation = parts
    return trial
  }

  @Test("The model is that of whole minibatches", arguments: ["logistic-regression", "mlp"])
  func sameModel(model: String) throws {
    let whole = try trial(1, model: model).run()
    let parts = try trial(8, model: model).run()
    let difference = largestDifference(
      parts.finalWeights.parameters, whole.finalWeights.parameters)
    #expect(difference < 1e-5)
    #expect(parts.job.samplesSeen == whole.job.samplesSeen)
    #expect(parts.updates == whole.updates)
  }

  @Test("Requests are the same, computing takes longer")
  func time() throws {
    var (whole, parts) = (try trial(1), try trial(8))
    whole.configuration.subject = nil
    parts.configuration.subject = nil
    let (once, often) = (try whole.run(), try parts.run())
    #expect(often.job.region.meter.bytes.map(\.count) == once.job.region.meter.bytes.map(\.count))
    #expect(often.timeline[.compute] > once.timeline[.compute])
  }

  @Test("Activations of one micro-batch have to fit, not those of the minibatch")
  func memory() throws {
    // 64 samples need 64 x 2 x 30 MB, which 3,008 MB do not hold; 8 need 480 MB.
    var (whole, parts) = (try trial(1), try trial(8))
    whole.configuration.workload.activationBytes = 30_000_000
    parts.configuration.workload.activationBytes = 30_000_000
    #expect(try whole.run().failure?.cause is OutOfMemory)
    #expect(try parts.run().failure == nil)
  }
}
