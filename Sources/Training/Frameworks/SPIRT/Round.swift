/// The minibatches between two model updates.
struct Round {
  let number: Int
  let steps: [Step]

  /// Cuts every epoch into rounds of `size` steps; the last round of an epoch may be short.
  static func cut(_ steps: [Step], into size: Int) -> [Round] {
    var rounds: [Round] = []
    for step in steps {
      if step.index.isMultiple(of: size) {
        rounds.append(Round(number: rounds.count, steps: [step]))
      } else {
        let last = rounds.removeLast()
        rounds.append(Round(number: last.number, steps: last.steps + [step]))
      }
    }
    return rounds
  }
}
