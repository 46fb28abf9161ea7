internal import RealModule
internal import SimulationKernel

/// Work that a processor does.
public enum Work: Hashable, Sendable {
  /// The gradient of a minibatch: forward and backward operations for each sample.
  case gradient(samples: Int, flopsPerSample: Double)
  /// Work bound by memory, by bytes touched: aggregation, filter, update, (de)serialisation.
  case vector(bytes: Int64)
  /// Work whose time on one whole processor is known.
  case seconds(Duration)
}

/// Work to duration, for a share of a processor or for several.
///
/// A gradient takes an overhead for its batch, which one thread does, and then its operations at
/// a rate that grows with the processors by Amdahl's law. The defaults are those of MobileNet on
/// AWS Lambda as lambdaDNN measured it (IEEE TC 71(2), figure 3): 0.051 s and 86.8 samples/s of
/// 0.28 GFLOP at 3008 MB.
public struct ComputeModel: Hashable, Sendable {
  /// Operations per second of one whole virtual processor.
  public var flopsPerSecond: Double
  /// Time of one whole virtual processor that every batch takes beside its operations.
  public var batchOverhead: Duration
  /// Bytes per second that one whole virtual processor goes through in vector work.
  public var vectorBytesPerSecond: Double
  /// The part of a gradient's operations that further processors share.
  public var parallelFraction: Double

  /// A model with its four constants.
  public init(
    flopsPerSecond: Double, batchOverhead: Duration, vectorBytesPerSecond: Double,
    parallelFraction: Double
  ) {
    self.flopsPerSecond = flopsPerSecond
    self.batchOverhead = batchOverhead
    self.vectorBytesPerSecond = vectorBytesPerSecond
    self.parallelFraction = parallelFraction
  }

  /// How much faster than one processor `vCPUs` do parallel work; below one, their share of it.
  public func speedup(vCPUs: Double) -> Double {
    vCPUs <= 1 ? vCPUs : 1 / (1 - parallelFraction + parallelFraction / vCPUs)
  }

  /// How long `work` takes on `vCPUs`, a fraction for small functions.
  public func duration(of work: Work, vCPUs: Double) -> Duration {
    precondition(vCPUs > 0, "work needs a processor")
    let oneThread = min(1, vCPUs)
    let seconds =
      switch work {
      case .gradient(let samples, let flopsPerSample):
        batchOverhead.inSeconds / oneThread
          + Double(samples) * flopsPerSample / (flopsPerSecond * speedup(vCPUs: vCPUs))
      case .vector(let bytes): Double(bytes) / (vectorBytesPerSecond * oneThread)
      case .seconds(let duration): duration.inSeconds / oneThread
      }
    return .rounded(seconds: seconds)
  }
}

extension Region {
  /// The scenario's compute model, or the provider's.
  var computeModel: ComputeModel {
    get throws(ProviderError) {
      if let model = options.compute { return model }
      return ComputeModel(
        flopsPerSecond: try fact(Provider.flopsPerSecond, "compute.rate"),
        batchOverhead: try fact(Provider.duration, "compute.batch-overhead"),
        vectorBytesPerSecond: try fact(Provider.bytesPerSecond, "compute.vector-rate"),
        parallelFraction: try fact(Provider.number, "compute.parallel-fraction"))
    }
  }
}
