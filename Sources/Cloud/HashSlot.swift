/// Which part of a cluster a key belongs to, as Redis Cluster decides it.
///
/// Source: the Redis Cluster specification, "Key distribution model" and its appendix on CRC16.
public enum HashSlot {
  /// How many slots there are.
  public static let count = 16_384

  /// The slot of a key: of the part in its first pair of braces where there is one.
  public static func slot(of key: String) -> Int {
    let bytes = key.utf8
    guard let open = bytes.firstIndex(of: UInt8(ascii: "{")) else { return crc16(bytes) % count }
    let tag = bytes[bytes.index(after: open)...].prefix { $0 != UInt8(ascii: "}") }
    let isClosed = tag.endIndex < bytes.endIndex
    return (isClosed && !tag.isEmpty ? crc16(tag) : crc16(bytes)) % count
  }

  /// Which of `nodes` with equal ranges of slots has a slot.
  static func node(of slot: Int, nodes: Int) -> Int {
    // redis-cli rounds the ends of the ranges, each counted on from the exact one before it.
    let slotsPerNode = Double(count) / Double(nodes)
    let guess = Int(Double(slot) / slotsPerNode)
    let end = Int((Double(guess + 1) * slotsPerNode - 1).rounded())
    return min(nodes - 1, slot > end ? guess + 1 : guess)
  }

  /// CRC16-XMODEM: polynomial x^16 + x^12 + x^5 + 1, from zero.
  private static func crc16(_ bytes: some Sequence<UInt8>) -> Int {
    bytes.reduce(0) { crc, byte in
      (0..<8).reduce(crc ^ Int(byte) << 8) { crc, _ in
        crc & 0x8000 == 0 ? crc << 1 : (crc << 1 ^ 0x1021) & 0xFFFF
      }
    }
  }
}
