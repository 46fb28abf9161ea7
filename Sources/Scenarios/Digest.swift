internal import CCrypto

/// SHA-256 over a sequence of typed values, by OpenSSL's libcrypto.
///
/// Texts carry their length, so that no two sequences of values look alike.
struct Digest {
  private let context: OpaquePointer
  private var buffer: [UInt8] = []

  /// A digest that has absorbed nothing.
  init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    else { preconditionFailure("libcrypto has no SHA-256") }
    self.context = context
    buffer.reserveCapacity(1 << 16)
  }

  /// Absorbs a whole number, as 8 bytes, the lowest first.
  mutating func absorb(_ value: Int64) {
    withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
    if buffer.count >= 1 << 16 { flush() }
  }

  /// Absorbs the bits of a number.
  mutating func absorb(_ value: Double) { absorb(Int64(bitPattern: value.bitPattern)) }

  /// Absorbs a text and its length.
  mutating func absorb(_ text: String) {
    absorb(Int64(text.utf8.count))
    buffer.append(contentsOf: text.utf8)
  }

  /// Absorbs the bits of a vector and its length.
  mutating func absorb(_ vector: [Float]) {
    absorb(Int64(vector.count))
    flush()
    vector.withUnsafeBytes { bytes in _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }
  }

  /// The digest in hex; nothing can be absorbed after it.
  mutating func finish() -> String {
    flush()
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &count)
    EVP_MD_CTX_free(context)
    return digest.map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }

  private mutating func flush() {
    buffer.withUnsafeBytes { bytes in _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
