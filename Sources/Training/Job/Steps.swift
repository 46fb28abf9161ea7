/// Every step of a training, in order; each is made when it is asked for, however many there are.
public struct Steps: RandomAccessCollection, Sendable {
  /// Steps in a whole epoch.
  let perEpoch: Int
  /// The number of the first step.
  public let startIndex = 0
  /// How many there are.
  public let endIndex: Int

  /// The steps of so many epochs, or the first of them up to a limit.
  init(epochs: Int, perEpoch: Int, limit: Int?) {
    self.perEpoch = perEpoch
    endIndex = Swift.min(epochs * perEpoch, limit ?? .max)
  }

  /// The step with this number.
  public subscript(number: Int) -> Step {
    precondition(indices.contains(number), "the training has no such step")
    return Step(
      epoch: number / perEpoch, index: number % perEpoch, number: number,
      isLastOfEpoch: (number + 1).isMultiple(of: perEpoch))
  }
}
