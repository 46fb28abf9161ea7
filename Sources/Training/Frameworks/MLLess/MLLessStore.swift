internal import Cloud
internal import Learning

extension TrainingJob {
  /// Opens the shared store that the options name: on a cluster, worker w's updates lie on server
  /// w modulo the number of servers.
  func mllessStore() throws -> any GradientStore {
    let options = configuration.options
    switch options.choice(MLLess.store) {
    case StoreOptions.objectStore:
      return try region.objectStore("updates", kind: configuration.objectStore)
    case StoreOptions.table:
      return try region.keyValueTable("updates")
    default:
      return try region.memoryStore(
        "updates", on: .elasticache(options.choice(MLLess.storeNode)),
        nodes: options.integer(MLLess.storeNodes), placement: .numbered(rankNamed))
    }
  }
}

/// What a worker sends in an exchange, and others read.
///
/// The protocol deletes nothing, and the simulated store keeps its bytes; but the simulator need
/// not keep every update of a long run in memory once the last reader has it.
final class MLLessUpdate {
  /// Bytes before zlib.
  let byteCount: Int

  private var vector: CompressedVector?
  private var readers: Int

  /// An update that so many will read; a time-only run has no vector.
  init(_ vector: CompressedVector?, byteCount: Int, readers: Int) {
    self.vector = vector
    self.byteCount = byteCount
    self.readers = readers
  }

  /// The vector, for one of its readers.
  func read() -> CompressedVector? {
    defer {
      readers -= 1
      if readers == 0 { vector = nil }
    }
    return vector
  }
}

extension Payload {
  /// The update inside.
  var mllessUpdate: MLLessUpdate {
    guard let update = contents as? MLLessUpdate else { preconditionFailure("not an update") }
    return update
  }
}
