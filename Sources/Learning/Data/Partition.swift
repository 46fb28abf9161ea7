/// How unevenly the classes are spread over the workers.
public enum Skew: Sendable, Hashable {
  /// Each shard is a random sample of the whole.
  case iid
  /// Each worker draws its class shares from a Dirichlet distribution: the smaller alpha, the
  /// more unlike the shards (arXiv:1909.06335). Shards stay equal in size.
  case dirichlet(alpha: Double)
}

/// A data set cut into equal, disjoint shards, one a worker.
public struct Partition: Sendable {
  /// The samples of each rank.
  public let shards: [[Int32]]
  /// Samples of the data set that no worker has, so that shards are equal.
  public let droppedSamples: Int

  private let seed: UInt64

  /// Cuts a data set for so many workers.
  public init(dataset: Dataset, workers: Int, seed: UInt64, skew: Skew = .iid) {
    precondition(workers > 0, "a partition needs at least one worker")
    self.seed = seed
    let size = dataset.count / workers
    droppedSamples = dataset.count - size * workers
    let order = IndexPermutation(
      count: max(dataset.count, 1), random: SeededRandom(seed: seed, purpose: "partition"))
    let shuffled = (0..<dataset.count).map { Int32(order[$0]) }
    switch skew {
    case .iid:
      shards = (0..<workers).map { Array(shuffled[$0 * size..<($0 + 1) * size]) }
    case .dirichlet(let alpha):
      precondition(alpha > 0, "the concentration of a Dirichlet distribution is positive")
      shards = Partition.skewed(
        shuffled, dataset: dataset, workers: workers, size: size, alpha: alpha, seed: seed)
    }
  }

  /// Whole minibatches that every worker has in an epoch.
  public func stepsPerEpoch(batchSize: Int) -> Int { shards[0].count / batchSize }

  /// A minibatch; each epoch and rank has a shuffle of its own.
  public func batch(rank: Int, epoch: Int, index: Int, size: Int) -> [Int32] {
    let shard = shards[rank]
    precondition((index + 1) * size <= shard.count, "the epoch has no such minibatch")
    let order = IndexPermutation(
      count: shard.count, random: SeededRandom(seed: seed, purpose: "shuffle", epoch, rank))
    return (index * size..<(index + 1) * size).map { shard[order[$0]] }
  }

  /// Workers take turns to draw a class from their own shares among those not used up.
  private static func skewed(
    _ shuffled: [Int32], dataset: Dataset, workers: Int, size: Int, alpha: Double, seed: UInt64
  ) -> [[Int32]] {
    let classes = max(dataset.classCount, 1)
    var left = [[Int32]](repeating: [], count: classes)
    for sample in shuffled { left[Int(dataset.labels[Int(sample)])].append(sample) }
    var random = SeededRandom(seed: seed, purpose: "skew")
    let shares = (0..<workers).map { _ in
      (0..<classes).map { _ in random.gamma(shape: alpha) }
    }
    var shards = [[Int32]](repeating: [], count: workers)
    for _ in 0..<size {
      for rank in 0..<workers {
        let open = (0..<classes).filter { !left[$0].isEmpty }
        let total = open.reduce(0) { $0 + shares[rank][$1] }
        var point = random.unit() * total
        let drawn = open.first { candidate in
          point -= shares[rank][candidate]
          return point < 0
        }
        // All shares of what is left may have rounded to nothing: then the fullest class.
        let fullest = open.max { left[$0].count < left[$1].count }
        guard let label = drawn ?? fullest else { continue }
        if let sample = left[label].popLast() { shards[rank].append(sample) }
      }
    }
    return shards
  }
}
