/// A hash of texts that is the same in every process: FNV-1a (Fowler, Noll and Vo 1991).
struct StableHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The hash of one text.
  init(of text: String) { absorb(text) }

  mutating func absorb(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  mutating func absorb(_ text: String) { for byte in text.utf8 { absorb(byte) } }
}
