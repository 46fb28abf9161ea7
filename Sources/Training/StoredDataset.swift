internal import Cloud
internal import Learning

/// The training data as it lies in the object store before a job begins.
///
/// Each worker has a shard of its own, cut into one object a step and, for those who fetch a
/// partition, stored once more as a whole.
final class StoredDataset {
  private let configuration: TrainingConfiguration
  private let partition: Partition
  private let store: ObjectStore
  private var hasPartition: Set<Int> = []

  /// Steps in an epoch: floor(N / (W b)), the same on every worker.
  let stepsPerEpoch: Int
  /// Samples of the training set that no worker sees.
  let droppedSamples: Int

  init(_ configuration: TrainingConfiguration, in region: Region) throws {
    self.configuration = configuration
    partition = Partition(
      dataset: configuration.data.train, workers: configuration.workers, seed: configuration.seed,
      skew: configuration.skew)
    stepsPerEpoch = partition.stepsPerEpoch(batchSize: configuration.batchSize)
    droppedSamples =
      configuration.data.train.count
      - stepsPerEpoch * configuration.batchSize * configuration.workers
    store = try region.objectStore("training-data")
    for rank in 0..<configuration.workers {
      for index in 0..<stepsPerEpoch { place(minibatchKey(rank, index), configuration.batchSize) }
      place(partitionKey(rank), stepsPerEpoch * configuration.batchSize)
    }
  }

  /// Reads what `worker` needs for `step`.
  func fetch(_ step: Step, for worker: Worker) async throws {
    switch configuration.fetch {
    case .minibatch:
      _ = try await store.get(minibatchKey(worker.rank, step.index))
    case .partition where hasPartition.insert(worker.rank).inserted:
      _ = try await store.get(partitionKey(worker.rank))
    case .partition:
      break
    }
  }

  /// The samples of a step: shuffled anew each epoch, the same for every framework.
  func samples(of step: Step, rank: Int) -> [Int32] {
    partition.batch(
      rank: rank, epoch: step.epoch, index: step.index, size: configuration.batchSize)
  }

  private func place(_ key: String, _ samples: Int) {
    store.publish(Payload(byteCount: samples * configuration.sampleBytes, contents: ()), at: key)
  }

  private func minibatchKey(_ rank: Int, _ index: Int) -> String { "minibatch/\(rank)/\(index)" }

  private func partitionKey(_ rank: Int) -> String { "partition/\(rank)" }
}
