internal import Cloud
internal import Learning

/// The shared store of updates: servers in memory, or a bucket.
enum MLLessStore {
  case memory(MemoryStore)
  case object(ObjectStore)

  /// Opens the store that the options name.
  init(_ job: TrainingJob) throws {
    let options = job.configuration.options
    if options.choice(MLLess.store) == "object" {
      self = .object(try job.region.objectStore("updates", kind: job.configuration.objectStore))
    } else {
      self = .memory(
        try job.region.memoryStore(
          "updates", on: .elasticache(options.choice(MLLess.storeNode)),
          nodes: options.integer(MLLess.storeNodes), placement: .numbered(rankNamed)))
    }
  }

  func store(_ payload: Payload, at key: String) async throws {
    switch self {
    case .memory(let store): try await store.set(payload, at: key)
    case .object(let store): try await store.put(payload, at: key)
    }
  }

  func fetch(_ key: String) async throws -> Payload {
    switch self {
    case .memory(let store): try await store.get(key)
    case .object(let store): try await store.get(key)
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
