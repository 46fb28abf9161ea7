/// A fast 128-bit hash of contents: equal contents have equal fingerprints in every process.
///
/// Not cryptographic: it tells data sets and parameter vectors apart, it does not resist forgery.
struct Fingerprint {
  /// A finished hash.
  struct Value: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    var hex: String { Value.hex(high) + Value.hex(low) }

    private static func hex(_ word: UInt64) -> String {
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
  }

  private var lanes = SIMD4<UInt64>(
    0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89)

  /// Multiplies and folds 128 bits into 64: each bit of the input reaches every bit.
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  mutating func add(_ word: UInt64) {
    let mixed = Fingerprint.mix(lanes[0] ^ word, 0x9E37_79B9_7F4A_7C15 ^ lanes[1])
    lanes = SIMD4(lanes[1], lanes[2], lanes[3], mixed)
  }

  mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    for byte in text.utf8 { add(UInt64(byte)) }
  }

  /// Adds an array's length and its bytes.
  mutating func add<Element: BitwiseCopyable>(_ values: [Element]) {
    values.withUnsafeBytes { add($0) }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(UInt64(bytes.count))
    var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
    func word(_ offset: Int) -> UInt64 {
      bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    var offset = 0
    while offset + 64 <= bytes.count {
      a = Fingerprint.mix(a ^ word(offset), word(offset + 8) ^ 0x4528_21E6_38D0_1377)
      b = Fingerprint.mix(b ^ word(offset + 16), word(offset + 24) ^ 0xBE54_66CF_34E9_0C6C)
      c = Fingerprint.mix(c ^ word(offset + 32), word(offset + 40) ^ 0xC0AC_29B7_C97C_50DD)
      d = Fingerprint.mix(d ^ word(offset + 48), word(offset + 56) ^ 0x3F84_D5B5_B547_0917)
      offset += 64
    }
    lanes = SIMD4(a, b, c, d)
    while offset < bytes.count {
      add(UInt64(bytes[offset]))
      offset += 1
    }
  }

  var value: Value {
    let high = Fingerprint.mix(lanes[0] ^ lanes[2], lanes[1] &+ 0x9E37_79B9_7F4A_7C15)
    let low = Fingerprint.mix(lanes[1] ^ lanes[3], lanes[2] &+ 0x94D0_49BB_1331_11EB)
    return Value(
      high: Fingerprint.mix(high ^ lanes[3], 0xBF58_476D_1CE4_E5B9),
      low: Fingerprint.mix(low ^ lanes[0], high | 1))
  }
}
