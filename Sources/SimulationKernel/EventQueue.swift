/// Events in the order of their time, and of their arrival where the time is equal: a monotone
/// radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990).
///
/// An event waits in the bucket of the highest bit in which its time differs from the time of the
/// last event taken. When the first bucket is used up, the lowest other bucket is spread over the
/// ones below it; an event moves at most once for every bit, and in practice about twice. Buckets
/// are appended to and read in order, so ties keep their order without a sequence number.
///
/// - Precondition: no event is pushed with a time before that of the last event taken.
package struct EventQueue: ~Copyable {
  package struct Entry: BitwiseCopyable {
    package let time: Int64
    package let token: Token
  }

  private struct Bucket {
    var entries: UnsafeMutablePointer<Entry>?
    var count = 0
    var capacity = 0
  }

  /// How many events wait.
  private(set) var count = 0
  private let buckets: UnsafeMutablePointer<Bucket>
  /// The time of the last event taken.
  private var last: Int64 = 0
  /// Which of the buckets 1 to 64 hold something, as bits.
  private var occupied: UInt64 = 0
  /// The next entry of bucket 0, whose times all equal `last`.
  private var next = 0

  package init() {
    buckets = .allocate(capacity: 65)
    buckets.initialize(repeating: Bucket(), count: 65)
  }

  deinit {
    for i in 0..<65 { buckets[i].entries?.deallocate() }
    buckets.deallocate()
  }

  /// Whether the next `pop` has to spread a bucket first.
  var needsRefill: Bool { next == buckets[0].count }

  /// Adds an event in O(1).
  package mutating func push(_ time: Int64, _ token: Token) {
    assert(time >= last, "an event cannot be in the past")
    count &+= 1
    place(Entry(time: time, token: token))
  }

  /// Takes the first event; O(1) amortised over the bits of its time.
  package mutating func pop() -> Entry? {
    if needsRefill {
      if count == 0 { return nil }
      refill()
    }
    count &-= 1
    let entry = buckets[0].entries.unsafelyUnwrapped[next]
    next &+= 1
    return entry
  }

  /// Shows the events of the lowest buckets, which are the next to happen, about `limit` of them.
  func forEachSoon(_ limit: Int, _ body: (Token) -> Void) {
    var left = limit
    for i in next..<min(buckets[0].count, next + left) {
      body(buckets[0].entries.unsafelyUnwrapped[i].token)
      left -= 1
    }
    var bits = occupied
    while bits != 0, left > 0 {
      let bucket = buckets[bits.trailingZeroBitCount + 1]
      if bucket.count > left { return }
      for i in 0..<bucket.count { body(bucket.entries.unsafelyUnwrapped[i].token) }
      left -= bucket.count
      bits &= bits - 1
    }
  }

  /// Removes the events for which `isStale` holds; O(n), the others keep their order.
  mutating func removeAll(where isStale: (Token) -> Bool) {
    for i in 0..<65 {
      guard let entries = buckets[i].entries else { continue }
      var kept = i == 0 ? next : 0
      for j in kept..<buckets[i].count where !isStale(entries[j].token) {
        entries[kept] = entries[j]
        kept += 1
      }
      count -= buckets[i].count - kept
      buckets[i].count = kept
      if i > 0, kept == 0 { occupied &= ~(1 << UInt64(i - 1)) }
    }
  }

  /// Drops all events, and takes new ones from `time` on.
  mutating func restart(at time: Int64) {
    for i in 0..<65 { buckets[i].count = 0 }
    (count, last, occupied, next) = (0, time, 0, 0)
  }

  private mutating func place(_ entry: Entry) {
    let difference = UInt64(bitPattern: entry.time ^ last)
    let index = 64 &- difference.leadingZeroBitCount
    if index > 0 { occupied |= 1 &<< UInt64(index &- 1) }
    let bucket = buckets + index
    if bucket.pointee.count == bucket.pointee.capacity { grow(bucket) }
    (bucket.pointee.entries.unsafelyUnwrapped + bucket.pointee.count).initialize(to: entry)
    bucket.pointee.count &+= 1
  }

  @inline(never)
  private func grow(_ bucket: UnsafeMutablePointer<Bucket>) {
    let capacity = max(16, 2 * bucket.pointee.capacity)
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    if let old = bucket.pointee.entries {
      entries.moveInitialize(from: old, count: bucket.pointee.count)
      old.deallocate()
    }
    bucket.pointee.entries = entries
    bucket.pointee.capacity = capacity
  }

  /// Spreads the lowest bucket around its earliest time, which fills bucket 0.
  ///
  /// - Precondition: The queue is not empty, but bucket 0 is.
  @inline(never)
  mutating func refill() {
    buckets[0].count = 0
    next = 0
    let bit = occupied.trailingZeroBitCount
    let bucket = buckets[bit + 1]
    let entries = bucket.entries.unsafelyUnwrapped
    last = entries[0].time
    for i in 1..<max(1, bucket.count) { last = min(last, entries[i].time) }
    occupied &= ~(1 &<< UInt64(bit))
    buckets[bit + 1].count = 0
    for i in 0..<bucket.count { place(entries[i]) }
  }
}
