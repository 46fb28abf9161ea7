internal import RealModule

/// A digest that `States.Hash` offers.
enum MessageDigest: String {
  case md5 = "MD5"
  case sha1 = "SHA-1"
  case sha256 = "SHA-256"
  case sha384 = "SHA-384"
  case sha512 = "SHA-512"

  /// The digest of a text's UTF-8, in hexadecimal.
  func hex(of text: String) -> String {
    let bytes = Array(text.utf8)
    let digest =
      switch self {
      case .md5: MessageDigest.md5(bytes)
      case .sha1: MessageDigest.sha1(bytes)
      case .sha256: SecureHash<UInt32>.sha256(bytes)
      case .sha384: SecureHash<UInt64>.sha384(bytes)
      case .sha512: SecureHash<UInt64>.sha512(bytes)
      }
    return digest.hex
  }

  /// RFC 1321.
  private static func md5(_ bytes: [UInt8]) -> [UInt8] {
    let turns: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    for block in bytes.padded(toBlocksOf: 64, isBigEndian: false) {
      let words = words(of: block).map(\.byteSwapped)
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      for step in 0..<64 {
        let (mix, place) =
          switch step / 16 {
          case 0: ((b & c) | (~b & d), step)
          case 1: ((d & b) | (~d & c), 5 * step + 1)
          case 2: (b ^ c ^ d, 3 * step + 5)
          default: (c ^ (b | ~d), 7 * step)
          }
        let sine = UInt32((Double.sin(Double(step + 1)).magnitude * 0x1p32).rounded(.down))
        let sum = a &+ mix &+ sine &+ words[place % 16]
        (a, d, c, b) = (d, c, b, b &+ rotate(sum, turns[step / 16][step % 4]))
      }
      state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
    }
    return state.flatMap(\.byteSwapped.bigEndianBytes)
  }

  /// FIPS 180-4.
  private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    for block in bytes.padded(toBlocksOf: 64, isBigEndian: true) {
      var words = words(of: block)
      for index in 16..<80 {
        words.append(
          rotate(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
      }
      var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
      for (step, word) in words.enumerated() {
        let (mix, constant): (UInt32, UInt32) =
          switch step / 20 {
          case 0: ((b & c) | (~b & d), 0x5a82_7999)
          case 1: (b ^ c ^ d, 0x6ed9_eba1)
          case 2: ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
          default: (b ^ c ^ d, 0xca62_c1d6)
          }
        (e, d, c, b, a) = (d, c, rotate(b, 30), a, rotate(a, 5) &+ mix &+ e &+ constant &+ word)
      }
      state = zip(state, [a, b, c, d, e]).map { $0 &+ $1 }
    }
    return state.flatMap(\.bigEndianBytes)
  }

  private static func words(of block: ArraySlice<UInt8>) -> [UInt32] {
    (0..<16).map { index in
      block.dropFirst(4 * index).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  private static func rotate(_ word: UInt32, _ turns: UInt32) -> UInt32 {
    word << turns | word >> (32 - turns)
  }
}

extension FixedWidthInteger {
  /// Its bytes, the highest first.
  var bigEndianBytes: [UInt8] {
    (1...Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (Self.bitWidth - 8 * $0)) }
  }
}

extension [UInt8] {
  /// Two digits for each byte.
  var hex: String {
    let digits = Array<Character>("0123456789abcdef")
    return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// The bytes, a bit, zeros and how many bits there are, in blocks as digests take them.
  func padded(toBlocksOf size: Int, isBigEndian: Bool) -> [ArraySlice<UInt8>] {
    // An eighth of a block is for the number of bits, of which the upper ones are zeros.
    let length = (UInt64(count) * 8).bigEndianBytes
    var padded = self + [0x80]
    while padded.count % size != size - size / 8 { padded.append(0) }
    padded +=
      [UInt8](repeating: 0, count: size / 8 - 8) + (isBigEndian ? length : length.reversed())
    return stride(from: 0, to: padded.count, by: size).map { padded[$0..<$0 + size] }
  }
}
