import Cloud
import Learning
import SimulationKernel
import Testing
import Training

/// Runs without arithmetic: the same requests, bytes and durations as those that learn.
@Suite struct TimeOnlyRuns {
  @Test(
    "The protocol is the same to the last request and byte", arguments: FrameworkContract.names,
    [1, 4])
  func sameProtocol(name: String, workers: Int) throws {
    // A threshold of zero sends every entry, whatever the values.
    let options = FrameworkOptions([
      "significance-threshold": .real(0), "density": .real(1),
    ])
    let learning = try Trial(
      try #require(FrameworkCatalog.named(name)), workers: workers, options: options)
    var timing = learning
    timing.configuration.subject = nil
    let (learned, timed) = (try learning.run(), try timing.run())
    #expect(timed.failure == nil)
    #expect(timed.time == learned.time)
    #expect(timed.job.region.bill() == learned.job.region.bill())
    #expect(
      timed.job.region.meter.requests.map(\.count) == learned.job.region.meter.requests.map(\.count)
    )
    #expect(
      timed.job.region.meter.bytes.map(\.count) == learned.job.region.meter.bytes.map(\.count))
    #expect(timed.job.curve.points.isEmpty)
    #expect(timed.updates == learned.updates)
    #expect(timed.job.samplesSeen == learned.job.samplesSeen)
  }
}
