internal import Learning

/// The workers of a job that lie, and how.
struct Attackers {
  private let seed: UInt64
  /// In the order of the scenario.
  private let attacks: [Int: [Attack]]
  /// The training set with its labels turned round, where somebody learns from that.
  private let flipped: Dataset?

  /// - Throws: `LearningError` where labels are to be flipped in data that have no classes.
  init(_ configuration: TrainingConfiguration) throws {
    seed = configuration.seed
    attacks = configuration.faults.reduce(into: [:]) { attacks, fault in
      guard case .attack(let attack, let workers) = fault else { return }
      for rank in workers { attacks[rank, default: []].append(attack) }
    }
    let flips = configuration.faults.contains { fault in
      if case .attack(.labelFlip, _) = fault { true } else { false }
    }
    flipped = flips ? try configuration.subject?.data.train.flippingLabels() : nil
  }

  /// Who lies.
  var ranks: [Int] { attacks.keys.sorted() }

  /// What a worker learns from.
  func data(_ data: Dataset, of rank: Int) -> Dataset {
    attacks[rank, default: []].contains(.labelFlip) ? flipped ?? data : data
  }

  /// What a worker says that its gradient is.
  func claimed(_ gradient: Gradient, by rank: Int, in step: Step) -> Gradient {
    let own = attacks[rank, default: []].compactMap(\.onGradients)
    if own.isEmpty { return gradient }
    let values = own.reduce(gradient.values) { values, attack in
      attack.applied(to: values, seed: seed, rank: rank, step: step.number)
    }
    return Gradient(
      values: values, loss: gradient.loss, batchStatistics: gradient.batchStatistics)
  }
}

extension Attack {
  /// The arithmetic on a gradient, for an attack that changes gradients and not the data.
  fileprivate var onGradients: GradientAttack? {
    switch self {
    case .signFlip(let factor): .signFlip(factor: factor)
    case .gaussian(let deviation): .gaussian(deviation: deviation)
    case .scaled(let factor): .scaled(factor: factor)
    case .labelFlip: nil
    }
  }
}
