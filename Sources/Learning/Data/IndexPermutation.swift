/// A seeded shuffle of 0..<count that gives each place at once, without making a list.
///
/// A four-round Feistel network permutes the next power of four; values outside are sent through
/// again until they fall inside (cycle walking), which keeps it a permutation.
struct IndexPermutation {
  private let count: Int
  private let halfBits: UInt64
  private let keys: [UInt64]

  init(count: Int, random: SeededRandom) {
    self.count = count
    var random = random
    keys = (0..<4).map { _ in random.next() }
    var bits: UInt64 = 1
    while 1 << (2 * bits) < count { bits += 1 }
    halfBits = bits
  }

  subscript(index: Int) -> Int {
    precondition((0..<count).contains(index), "outside of what is shuffled")
    var value = UInt64(index)
    repeat { value = encrypted(value) } while value >= UInt64(count)
    return Int(value)
  }

  private func encrypted(_ value: UInt64) -> UInt64 {
    let mask: UInt64 = (1 << halfBits) - 1
    var (left, right) = (value >> halfBits, value & mask)
    for key in keys {
      var mixer = SeededRandom(seed: right ^ key)
      (left, right) = (right, left ^ (mixer.next() & mask))
    }
    return left << halfBits | right
  }
}
