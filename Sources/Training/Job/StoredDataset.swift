internal import Cloud
internal import Learning
internal import SimulationKernel

/// The training data as it lies in the object store before a job begins.
///
/// Each worker has a shard of its own, cut into one object a step, or stored as a whole where
/// workers fetch a partition.
final class StoredDataset {
  private let configuration: TrainingConfiguration
  private let partition: Partition?
  private let store: ObjectStore
  /// The shards that each worker's function has fetched as a whole.
  private var fetchedPartitions: [Int: Set<Int>] = [:]

  /// Steps in an epoch: floor(N / (W b)), the same on every worker.
  let stepsPerEpoch: Int
  /// Samples of the training set that no worker sees.
  let droppedSamples: Int

  init(_ configuration: TrainingConfiguration, in region: Region) throws {
    self.configuration = configuration
    partition = configuration.subject.map { subject in
      Partition(
        dataset: subject.data.train, workers: configuration.workers, seed: configuration.seed,
        skew: configuration.skew)
    }
    let (workers, batchSize) = (configuration.workers, configuration.batchSize)
    stepsPerEpoch = configuration.sampleCount / workers / batchSize
    droppedSamples = configuration.sampleCount - stepsPerEpoch * batchSize * workers
    store = try region.objectStore("training-data")
    for rank in 0..<workers {
      switch configuration.fetch {
      case .minibatch:
        for index in 0..<stepsPerEpoch { place(minibatchKey(rank, index), batchSize) }
      case .partition: place(partitionKey(rank), stepsPerEpoch * batchSize)
      }
    }
  }

  /// Reads what `worker` needs for `step` from one shard, or from several at once.
  func fetch(_ step: Step, of shards: [Int], for worker: Worker) async throws {
    if shards.count == 1 { return try await fetch(step, of: shards[0], for: worker) }
    _ = try await worker.job.simulation.concurrently(shards) { [self] shard in
      try await fetch(step, of: shard, for: worker)
    }
  }

  private func fetch(_ step: Step, of shard: Int, for worker: Worker) async throws {
    switch configuration.fetch {
    case .minibatch:
      _ = try await store.get(minibatchKey(shard, step.index))
    case .partition where fetchedPartitions[worker.rank, default: []].insert(shard).inserted:
      _ = try await store.get(partitionKey(shard))
    case .partition:
      break
    }
  }

  /// Lets a worker fetch partitions again: it is in a new function.
  func forgetPartitions(of rank: Int) { fetchedPartitions[rank] = nil }

  /// The samples of a step: shuffled anew each epoch, the same for every framework.
  func minibatch(of step: Step, from shards: [Int]) -> Minibatch {
    let size = configuration.batchSize
    let samples = partition.map { partition in
      shards.flatMap { shard in
        partition.batch(rank: shard, epoch: step.epoch, index: step.index, size: size)
      }
    }
    return Minibatch(step: step, count: shards.count * size, samples: samples ?? [])
  }

  private func place(_ key: String, _ samples: Int) {
    store.publish(Payload(byteCount: samples * configuration.sampleBytes, contents: ()), at: key)
  }

  private func minibatchKey(_ rank: Int, _ index: Int) -> String { "minibatch/\(rank)/\(index)" }

  private func partitionKey(_ rank: Int) -> String { "partition/\(rank)" }
}
