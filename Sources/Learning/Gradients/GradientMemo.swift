import Foundation

/// Remembers what was computed, so that the same gradient is not computed again.
///
/// Frameworks that reach the same parameters meet the same batches: their gradients are equal
/// bit for bit. The oldest are forgotten when the memory granted is full.
final class GradientMemo: @unchecked Sendable {
  private let lock = NSLock()
  private let capacity: Int
  private var size = 0
  private var gradients: [Fingerprint.Value: Job<Gradient>] = [:]
  private var evaluations: [Fingerprint.Value: [Job<Counts>]] = [:]
  private var order: [(key: Fingerprint.Value, bytes: Int)] = []
  private var head = 0
  private var hits = 0

  init(capacity: Int) { self.capacity = capacity }

  var savedCount: Int { lock.withLock { hits } }

  /// The job of that key, and whether it is a new one; where there is no room, the key is not made.
  func gradient(
    _ makeKey: () -> Fingerprint.Value, bytes: Int, _ make: () -> Job<Gradient>
  ) -> (job: Job<Gradient>, isNew: Bool) {
    guard bytes <= capacity else { return (make(), true) }
    let key = makeKey()
    return lock.withLock {
      if let known = gradients[key] {
        hits += 1
        return (known, false)
      }
      let job = make()
      gradients[key] = job
      remember(key, bytes)
      return (job, true)
    }
  }

  /// The parts of the evaluation of that key, and whether they are new.
  func evaluation(
    _ key: Fingerprint.Value, _ make: () -> [Job<Counts>]
  ) -> (parts: [Job<Counts>], isNew: Bool) {
    guard capacity > 0 else { return (make(), true) }
    return lock.withLock {
      if let known = evaluations[key] { return (known, false) }
      let parts = make()
      evaluations[key] = parts
      remember(key, 1024 * parts.count)
      return (parts, true)
    }
  }

  private func remember(_ key: Fingerprint.Value, _ bytes: Int) {
    order.append((key, bytes))
    size += bytes
    while size > capacity {
      let oldest = order[head]
      head += 1
      size -= oldest.bytes
      gradients[oldest.key] = nil
      evaluations[oldest.key] = nil
    }
    if head > 1024, head > order.count / 2 {
      order.removeFirst(head)
      head = 0
    }
  }
}
