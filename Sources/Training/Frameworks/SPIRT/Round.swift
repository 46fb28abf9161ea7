/// The minibatches between two model updates.
struct Round {
  let number: Int
  let steps: [Step]
}

/// The rounds of a training, in order: every epoch is cut into rounds of `size` steps, of which the
/// last may be short.
struct Rounds: RandomAccessCollection {
  let startIndex = 0
  let endIndex: Int
  private let steps: Steps
  private let size: Int
  private let perEpoch: Int

  init(_ steps: Steps, of size: Int) {
    func rounds(_ steps: Int) -> Int { steps / size + (steps.isMultiple(of: size) ? 0 : 1) }
    self.steps = steps
    self.size = size
    perEpoch = rounds(steps.perEpoch)
    let (epochs, rest) = steps.count.quotientAndRemainder(dividingBy: Swift.max(1, steps.perEpoch))
    endIndex = epochs * perEpoch + rounds(rest)
  }

  subscript(number: Int) -> Round {
    let (epoch, index) = number.quotientAndRemainder(dividingBy: perEpoch)
    let first = epoch * steps.perEpoch + index * size
    let end = Swift.min(first + size, (epoch + 1) * steps.perEpoch, steps.count)
    return Round(number: number, steps: Array(steps[first..<end]))
  }

  /// How many steps a round may have: that of the first, of the last of an epoch, of the last.
  var lengths: [Int] {
    [0, perEpoch - 1, endIndex - 1].filter(indices.contains).map { self[$0].steps.count }
  }
}
