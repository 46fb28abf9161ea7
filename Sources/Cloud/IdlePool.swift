/// The idle environments of one function: a heap by the rule's key, in which those whose time is
/// over stay until they come up or make half of it.
struct IdlePool {
  private var entries: [(key: Int, slot: UInt32)] = []
  private var sweepCount = 64

  var isDueForSweep: Bool { entries.count >= sweepCount }

  mutating func push(_ key: Int, _ slot: UInt32) {
    var index = entries.count
    entries.append((key, slot))
    while index > 0, entries[(index - 1) / 2].key < key {
      entries[index] = entries[(index - 1) / 2]
      index = (index - 1) / 2
    }
    entries[index] = (key, slot)
  }

  /// Takes the entry with the largest key.
  mutating func pop() -> UInt32? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    if entries.isEmpty { return first.slot }
    var index = 0
    while true {
      var child = 2 * index + 1
      if child >= entries.count { break }
      if child + 1 < entries.count, entries[child].key < entries[child + 1].key { child += 1 }
      if entries[child].key <= last.key { break }
      entries[index] = entries[child]
      index = child
    }
    entries[index] = last
    return first.slot
  }

  /// Removes and returns the entries that `isOver` says.
  mutating func sweep(where isOver: (UInt32) -> Bool) -> [UInt32] {
    let over = entries.filter { isOver($0.slot) }.map(\.slot)
    // Sorted from the largest key down is a heap.
    entries = entries.filter { !isOver($0.slot) }.sorted { $0.key > $1.key }
    sweepCount = max(64, 2 * entries.count)
    return over
  }
}

extension IdleRule {
  /// What it sorts idle environments by; the largest is used next.
  ///
  /// - Parameters:
  ///   - creation: A number that grows with every environment that is created.
  ///   - release: A number that grows with every environment that becomes idle.
  func key(creation: Int, release: Int) -> Int {
    switch self {
    case .newest: creation
    case .oldest: -creation
    case .mostRecentlyUsed: release
    case .leastRecentlyUsed: -release
    }
  }
}
