public import Learning

/// The form in which vectors are on the wire, and what it takes there.
public struct WireFormat: Sendable {
  /// The method.
  public let compression: Compression
  /// The share of entries that a sender sends in a run without arithmetic.
  private let density: Double

  /// A format; `density` stands for the values that a time-only run does not have.
  public init(_ compression: Compression, density: Double = 1) {
    self.compression = compression
    self.density = density
  }

  /// Bytes of what one worker sends, priced as so many parameters.
  ///
  /// - Parameter values: as the receiver will read them; empty in a time-only run.
  public func bytes(of values: [Float], parameters: Int) -> Int {
    switch compression {
    case .none, .qsgd: compression.wireBytes(dimension: parameters)
    case .topK, .significance: sparseBytes(of: values, parameters, ifUnknown: density)
    }
  }

  /// Bytes of what the vectors of several senders have become: quantised ones a dense vector,
  /// sparse ones a vector with the entries of all.
  ///
  /// In a time-only run the senders choose their entries independently of each other.
  public func bytes(ofAggregated values: [Float], parameters: Int, senders: Int) -> Int {
    switch compression {
    case .none, .qsgd: return 4 * parameters
    case .topK, .significance:
      let missing = (0..<senders).reduce(1.0) { missing, _ in missing * (1 - density) }
      return sparseBytes(of: values, parameters, ifUnknown: 1 - missing)
    }
  }

  /// An index and a value for each entry that is not zero; a dense vector where that is shorter.
  private func sparseBytes(
    of values: [Float], _ parameters: Int, ifUnknown density: Double
  ) -> Int {
    var share = density
    if !values.isEmpty {
      let entries = values.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
      share = Double(entries) / Double(values.count)
    }
    return Compression.significance(threshold: 0).wireBytes(dimension: parameters, density: share)
  }
}

/// One worker's side of a wire format: it keeps what has not been sent yet.
public final class GradientSender {
  /// The format.
  public let format: WireFormat
  private let rank: Int
  private let seed: UInt64
  private var compressor: Compressor?

  /// The sender of a worker that has sent nothing yet.
  public init(_ format: WireFormat, for worker: Worker) {
    self.format = format
    rank = worker.rank
    seed = worker.job.configuration.seed
  }

  /// Shortens a vector and takes the worker's time for it; what returns is what receivers read.
  public func shorten(
    _ vector: [Float], in step: Step, as worker: Worker
  ) async throws -> [Float] {
    if format.compression == .none { return vector }
    let bytes = worker.job.gradientBytes
    try await worker.process(bytes: format.compression.workBytes(vectorBytes: bytes))
    if vector.isEmpty { return vector }
    var compressor =
      compressor
      ?? Compressor(format.compression, dimension: vector.count, seed: seed, rank: rank)
    self.compressor = nil  // one owner at a time, or the residual would be copied
    let sent = compressor.compress(
      vector, step: step.number + 1, parameters: worker.replica.parameters)
    self.compressor = compressor
    return sent.decoded()
  }
}
