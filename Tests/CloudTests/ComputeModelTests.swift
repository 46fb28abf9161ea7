import Cloud
import SimulationKernel
import Testing

@Suite("Compute model") struct ComputeModelTests {
  private let model = ComputeModel(
    flopsPerSecond: 15e9, batchOverhead: .milliseconds(51), vectorBytesPerSecond: 2e9,
    parallelFraction: 0.93)

  @Test(
    "meets lambdaDNN's MobileNet rates by batch",
    arguments: [
      (4, 42.7), (8, 54.0), (16, 69.5), (32, 76.9), (64, 82.7), (128, 83.4), (256, 85.0),
      (512, 86.5), (1024, 89.0),
    ])
  func rates(batch: Int, published: Double) {
    let seconds = model.duration(
      of: .gradient(samples: batch, flopsPerSample: 0.28e9), vCPUs: 3008.0 / 1769
    ).inSeconds
    #expect(abs(Double(batch) / seconds / published - 1) < 0.036)
  }

  @Test(
    "follows memory as the recorded single-threaded durations do",
    arguments: [
      (128, 5401.0), (256, 2722), (512, 1294), (1024, 643), (1769, 378), (2048, 368),
    ])
  func singleThread(memory: Int, published: Double) {
    // cebert/aws-lambda-performance-benchmarks, python3.13, x86: t = t1 * 1769 / min(M, 1769).
    let work = Work.seconds(.milliseconds(375))
    let milliseconds =
      model.duration(of: work, vCPUs: Double(memory) / 1769).inSeconds * 1000
    #expect(abs(milliseconds / published - 1) < 0.06)
  }

  @Test(
    "gains from further processors as measured, with diminishing returns",
    arguments: [(832, 0.50), (1769, 1.00), (3008, 1.67), (5307, 2.39), (7076, 2.84)])
  func manyThreads(memory: Int, published: Double) {
    let speedup = model.speedup(vCPUs: Double(memory) / 1769)
    #expect(abs(speedup / published - 1) < 0.2)
  }
}
