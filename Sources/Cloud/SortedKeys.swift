/// Distinct keys in their order, kept in blocks: to add or remove one moves few of the others.
struct SortedKeys {
  /// A block that has grown to this size becomes two.
  private static let blockLimit = 512

  /// None is empty, and all keys of one come before those of the next.
  private var blocks: [[String]] = []
  /// How many keys there are.
  private(set) var count = 0

  /// Adds a key that is not there.
  mutating func insert(_ key: String) {
    count += 1
    guard !blocks.isEmpty else { return blocks = [[key]] }
    let place = block(for: key)
    blocks[place].insert(key, at: SortedKeys.position(of: key, in: blocks[place]))
    guard blocks[place].count >= SortedKeys.blockLimit else { return }
    // Keys that come in order leave full blocks behind, and not halves.
    let isLast = place == blocks.count - 1 && blocks[place].last == key
    let half = isLast ? blocks[place].count - 1 : blocks[place].count / 2
    blocks.insert(Array(blocks[place][half...]), at: place + 1)
    blocks[place].removeSubrange(half...)
  }

  /// Removes a key that is there.
  mutating func remove(_ key: String) {
    let place = block(for: key)
    blocks[place].remove(at: SortedKeys.position(of: key, in: blocks[place]))
    if blocks[place].isEmpty { blocks.remove(at: place) }
    count -= 1
  }

  /// The first `limit` keys that begin with `prefix` and come after `last`.
  func page(prefix: String, after last: String?, limit: Int) -> [String] {
    var found: [String] = []
    if blocks.isEmpty { return found }
    let start = last ?? prefix
    let first = block(for: start)
    var index = SortedKeys.position(of: start, in: blocks[first])
    if let last, index < blocks[first].count, blocks[first][index] == last { index += 1 }
    for keys in blocks[first...] {
      let end = SortedKeys.end(of: prefix, from: index, in: keys)
      found += keys[index..<end].prefix(limit - found.count)
      if end < keys.count || found.count == limit { break }
      index = 0
    }
    return found
  }

  /// The block in which a key is, or would be: the last that does not begin after it.
  private func block(for key: String) -> Int {
    var (low, high) = (0, blocks.count)
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle][0] <= key { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  private static func position(of key: String, in keys: [String]) -> Int {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Where the keys end that begin with `prefix`; none from `start` on is before them.
  private static func end(of prefix: String, from start: Int, in keys: [String]) -> Int {
    var (low, high) = (start, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle].hasPrefix(prefix) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
