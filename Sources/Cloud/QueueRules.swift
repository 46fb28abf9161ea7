internal import SimulationKernel

/// A queue service's limits, read once from the provider.
struct QueueRules {
  let messageLimit: Int
  let batchLimit: Int
  let waitLimit: Duration
  let visibilityTimeout: Duration
  let purgeInterval: Duration
  let retention: Duration
  let inFlightLimit: Int
  let requestsPerSecond: Double
  let duplicateRate: Double
  let countLag: Duration
  private let billedChunk: Int64

  init(_ region: Region, _ kind: MessageQueue.Kind) throws(ProviderError) {
    let service = kind.rawValue
    try region.requirePrice(service: service, item: "request")
    messageLimit = try region.fact(Provider.bytes, "\(service).message-max")
    batchLimit = try region.fact(Provider.count, "\(service).batch-max")
    waitLimit = try region.fact(Provider.duration, "\(service).wait-max")
    visibilityTimeout = try region.fact(Provider.duration, "\(service).visibility-timeout")
    purgeInterval = try region.fact(Provider.duration, "\(service).purge-interval")
    retention = try region.fact(Provider.duration, "\(service).retention")
    inFlightLimit = try region.fact(Provider.count, "\(service).in-flight-max")
    requestsPerSecond = try region.fact(Provider.number, "\(service).requests-per-second")
    duplicateRate = try region.fact(Provider.number, "\(service).duplicate-rate")
    countLag = try region.fact(Provider.duration, "\(service).count-lag")
    billedChunk = Int64(try region.fact(Provider.bytes, "\(service).billed-chunk"))
  }

  /// Every begun 64 KB of payload counts as a request, and so does an empty answer.
  func billedRequests(_ byteCount: Int) -> Int64 {
    max(1, Int64(byteCount).roundedUp(to: billedChunk) / billedChunk)
  }
}
