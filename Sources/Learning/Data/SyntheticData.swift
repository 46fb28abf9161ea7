import Foundation

/// Data of a shape that cannot be shipped, drawn from a seed; reports say it is synthetic.
public enum SyntheticData: Sendable, Hashable {
  /// Mostly zero rows with two classes, like Criteo or RCV1: few features are frequent.
  case sparse(features: Int, entries: Int)
  /// Dense rows with two classes that no straight line parts well, like Higgs.
  case dense(features: Int)
  /// Ratings from 1 to 5 of low rank, like MovieLens.
  case ratings(users: Int, items: Int, rank: Int)
  /// Images with ten classes, of the shape of CIFAR-10.
  case images(side: Int)

  /// Draws a training and a test set from the same hidden truth.
  public func generate(samples: Int, testSamples: Int, seed: UInt64) -> TrainingData {
    precondition(samples > 0 && testSamples > 0, "both sets need samples")
    func part(_ count: Int, _ purpose: String) -> Dataset {
      var random = SeededRandom(seed: seed, purpose: purpose)
      switch self {
      case .sparse(let features, let entries):
        return sparse(features, entries, count, seed, &random)
      case .dense(let features):
        return dense(features, count, seed, &random)
      case .ratings(let users, let items, let rank):
        return ratings(users, items, rank, count, seed, &random)
      case .images(let side):
        return images(side, count, seed, &random)
      }
    }
    return TrainingData(train: part(samples, "train"), test: part(testSamples, "test"))
  }

  private func sparse(
    _ features: Int, _ entries: Int, _ count: Int, _ seed: UInt64, _ random: inout SeededRandom
  ) -> Dataset {
    var truth = SeededRandom(seed: seed, purpose: "truth")
    let weights = (0..<features).map { _ in truth.normal() }
    var rows = SparseRows()
    var labels: [Int32] = []
    for _ in 0..<count {
      // The cube of a uniform number makes low indices frequent.
      let indices = (0..<entries).map { _ in
        let point = random.unit()
        return Int32(Double(features) * point * point * point)
      }.sorted().withoutRepeats()
      let score = indices.reduce(0) { $0 + weights[Int($1)] }
      let odds = 1 / (1 + exp(-2 * score))
      labels.append(random.unit() < odds ? 1 : 0)
      rows.append(indices.map { ($0, 1) })
    }
    return Dataset(
      name: "synthetic-sparse", shape: Shape(features: features), classCount: 2,
      features: .sparse(rows), labels: labels, isSynthetic: true)
  }

  private func dense(
    _ features: Int, _ count: Int, _ seed: UInt64, _ random: inout SeededRandom
  ) -> Dataset {
    var truth = SeededRandom(seed: seed, purpose: "truth")
    let line = (0..<features).map { _ in truth.normal() }
    let curve = (0..<features).map { _ in truth.normal() }
    var values: [Float] = []
    var labels: [Int32] = []
    for _ in 0..<count {
      let row = (0..<features).map { _ in random.normal() }
      let straight = zip(row, line).reduce(0) { $0 + $1.0 * $1.1 }
      let bent = zip(row, curve).reduce(0) { $0 + $1.0 * $1.1 }
      let score =
        (straight + 0.5 * bent * bent / Double(features).squareRoot())
        / Double(features).squareRoot()
      labels.append(score + 0.3 * random.normal() > 0.25 ? 1 : 0)
      values += row.map { Float($0) }
    }
    return Dataset(
      name: "synthetic-dense", shape: Shape(features: features), classCount: 2,
      features: .floats(values), labels: labels, isSynthetic: true)
  }

  private func ratings(
    _ users: Int, _ items: Int, _ rank: Int, _ count: Int, _ seed: UInt64,
    _ random: inout SeededRandom
  ) -> Dataset {
    var truth = SeededRandom(seed: seed, purpose: "truth")
    let taste = (0..<users * rank).map { _ in truth.normal() }
    let trait = (0..<items * rank).map { _ in truth.normal() }
    var (who, what, stars): ([Int32], [Int32], [Float]) = ([], [], [])
    for _ in 0..<count {
      let (user, item) = (random.below(users), random.below(items))
      let match = (0..<rank).reduce(0) {
        $0 + taste[user * rank + $1] * trait[item * rank + $1]
      }
      let rating = 3.5 + match / Double(rank).squareRoot() + 0.3 * random.normal()
      who.append(Int32(user))
      what.append(Int32(item))
      stars.append(Float(min(max(rating.rounded(), 1), 5)))
    }
    return Dataset(
      name: "synthetic-ratings", shape: Shape(features: 2), classCount: 0,
      features: .ratings(
        Ratings(users: who, items: what, values: stars, userCount: users, itemCount: items)),
      labels: [Int32](repeating: 0, count: count), isSynthetic: true)
  }

  private func images(
    _ side: Int, _ count: Int, _ seed: UInt64, _ random: inout SeededRandom
  ) -> Dataset {
    // Each class is a sum of a few waves; each image is its class, shifted, under noise.
    var truth = SeededRandom(seed: seed, purpose: "truth")
    let waves = (0..<10 * 3 * 4).map { _ in
      (x: truth.normal(), y: truth.normal(), phase: 6.28 * truth.unit())
    }
    var bytes: [UInt8] = []
    var labels: [Int32] = []
    for _ in 0..<count {
      let label = random.below(10)
      let (dx, dy) = (random.below(5), random.below(5))
      for y in 0..<side {
        for x in 0..<side {
          for channel in 0..<3 {
            let level = waves[(label * 3 + channel) * 4..<(label * 3 + channel) * 4 + 4]
              .reduce(0) {
                $0 + sin(0.3 * ($1.x * Double(x + dx) + $1.y * Double(y + dy)) + $1.phase)
              }
            let value = 128 + 24 * level + 40 * random.normal()
            bytes.append(UInt8(min(max(value, 0), 255)))
          }
        }
      }
      labels.append(Int32(label))
    }
    let scale = PixelScale(means: [0.5, 0.5, 0.5], deviations: [0.25, 0.25, 0.25])
    return Dataset(
      name: "synthetic-images", shape: Shape(side, side, 3), classCount: 10,
      features: .bytes(bytes, scale: scale), labels: labels, isSynthetic: true)
  }
}

extension Array where Element: Equatable {
  /// The elements that differ from the one before.
  func withoutRepeats() -> [Element] {
    indices.filter { $0 == 0 || self[$0] != self[$0 - 1] }.map { self[$0] }
  }
}
