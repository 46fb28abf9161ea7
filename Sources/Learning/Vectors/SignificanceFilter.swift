internal import CVectors

/// MLLess's filter: sends the accumulated updates that matter and keeps the rest for later.
///
/// An entry is significant at step t (from 1) when |residual| > v / sqrt(t) * |parameter|.
/// Source: P. Gimeno Sarroca, M. Sánchez-Artigas, "MLLess: Achieving cost efficiency in
/// serverless machine learning training", JPDC 2024.
public struct SignificanceFilter: Sendable {
  /// The threshold v; 0 sends every entry that is not zero.
  public let threshold: Float
  /// Updates not yet sent.
  public private(set) var residual: [Float]

  /// A filter with an empty residual.
  public init(threshold: Float, parameterCount: Int) {
    precondition(threshold >= 0, "the threshold is a share of the parameter's size")
    self.threshold = threshold
    residual = [Float](repeating: 0, count: parameterCount)
  }

  /// Adds a worker's own update to what has not been sent yet.
  public mutating func accumulate(_ update: [Float]) { Vectors.add(update, to: &residual) }

  /// Takes out the significant entries; their residual is zero afterwards.
  public mutating func select(step: Int, parameters: [Float]) -> SparseVector {
    precondition(step >= 1, "steps count from 1")
    precondition(parameters.count == residual.count, "the filter was made for another model")
    let count = residual.count
    let bound = threshold / Float(step).squareRoot()
    var values: [Float] = []
    let indices = [Int32](unsafeUninitializedCapacity: count) { indices, taken in
      values = [Float](unsafeUninitializedCapacity: count) { values, takenValues in
        taken = residual.withUnsafeMutableBufferPointer { residual in
          vectors_take_significant(
            residual.baseAddress, parameters, bound, count, indices.baseAddress,
            values.baseAddress)
        }
        takenValues = taken
      }
    }
    // The arrays were as long as the model; what is sent keeps only what it needs.
    return SparseVector(
      indices: Array(indices[...]), values: Array(values[...]), dimension: count)
  }
}
