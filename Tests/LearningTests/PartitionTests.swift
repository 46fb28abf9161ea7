import Foundation
import Testing

@testable import Learning

/// Shards are equal and disjoint, and batches go through them once an epoch.
struct PartitionTests {
  private let dataset = Sample.dataset(Shape(features: 1), count: 1003, classes: 10)

  @Test(
    "shards are equal and disjoint, the rest is dropped", arguments: [1, 2, 4, 7],
    [Skew.iid, .dirichlet(alpha: 0.1), .dirichlet(alpha: 100)])
  func shards(_ workers: Int, _ skew: Skew) {
    let partition = Partition(dataset: dataset, workers: workers, seed: 1, skew: skew)
    #expect(partition.shards.count == workers)
    for shard in partition.shards { #expect(shard.count == 1003 / workers) }
    #expect(Set(partition.shards.joined()).count == workers * (1003 / workers))
    #expect(partition.droppedSamples == 1003 % workers)
    #expect(partition.stepsPerEpoch(batchSize: 32) == 1003 / workers / 32)
  }

  @Test("an epoch meets every sample of a shard once, in an order of its own")
  func epoch() {
    let partition = Partition(dataset: dataset, workers: 4, seed: 1)
    func order(_ epoch: Int, _ rank: Int) -> [Int32] {
      (0..<10).flatMap { partition.batch(rank: rank, epoch: epoch, index: $0, size: 25) }
    }
    #expect(Set(order(0, 1)) == Set(partition.shards[1]))
    #expect(order(0, 1) != order(1, 1))
    #expect(order(0, 1) == order(0, 1))
    let other = Partition(dataset: dataset, workers: 4, seed: 2)
    #expect(other.shards != partition.shards)
  }

  @Test("a small alpha makes workers unlike, a large one alike")
  func skew() {
    /// The mean share of a shard's most frequent class.
    func concentration(_ skew: Skew) -> Double {
      let partition = Partition(dataset: dataset, workers: 5, seed: 1, skew: skew)
      let tops = partition.shards.map { shard in
        let counts = (0..<10).map { label in
          shard.count { dataset.labels[Int($0)] == label }
        }
        return Double(counts.max() ?? 0) / Double(shard.count)
      }
      return tops.reduce(0, +) / 5
    }
    #expect(concentration(.dirichlet(alpha: 0.1)) > 0.4)
    #expect(concentration(.dirichlet(alpha: 1000)) < 0.2)
    #expect(concentration(.iid) < 0.2)
  }

  @Test("the shuffle is a permutation for any size", arguments: [1, 2, 3, 5, 64, 1000, 1025])
  func permutation(_ count: Int) {
    let order = IndexPermutation(count: count, random: SeededRandom(seed: UInt64(count)))
    #expect(Set((0..<count).map { order[$0] }) == Set(0..<count))
  }

  @Test("every place of a shuffle is as likely as any other")
  func uniform() {
    // 2,000 shuffles of 10: each place has 200 expected, deviation 13.4; 5 deviations allowed.
    var counts = [Int](repeating: 0, count: 100)
    for seed in 0..<2000 {
      let order = IndexPermutation(count: 10, random: SeededRandom(seed: UInt64(seed)))
      for i in 0..<10 { counts[10 * i + order[i]] += 1 }
    }
    #expect(counts.allSatisfy { abs($0 - 200) < 67 })
  }
}
