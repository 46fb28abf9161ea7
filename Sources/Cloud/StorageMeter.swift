internal import SimulationKernel

/// Counts bytes at rest over time, exactly.
final class StorageMeter {
  private(set) var byteCount: Int64 = 0
  private let simulation: Simulation
  private let service: String
  private var byteNanoseconds: Int128 = 0
  private var lastChange: Instant = .start

  init(_ region: Region, service: String) throws(ProviderError) {
    simulation = region.simulation
    self.service = service
    try region.requirePrice(service: service, item: "storage")
    region.register(self)
  }

  /// Notes that `bytes` more, or fewer, lie there from now on.
  func change(by bytes: Int) {
    byteNanoseconds = integral
    lastChange = simulation.now
    byteCount += Int64(bytes)
  }

  /// Megabyte-hours so far (binary megabytes), rounded to the nearest.
  var usage: UsageMeter.Usage {
    let megabyteHour: Int128 = 1_048_576 * 3_600_000_000_000
    return UsageMeter.Usage(
      service: service, item: "storage",
      quantity: Int64(integral.dividedRoundingHalfToEven(by: megabyteHour)))
  }

  private var integral: Int128 {
    byteNanoseconds
      + Int128(byteCount) * Int128((simulation.now - lastChange).wholeNanoseconds)
  }
}
