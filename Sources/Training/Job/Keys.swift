public import Cloud

/// The rank at the end of a key such as `gradient/12/3`.
func rankNamed(by key: String) -> Int {
  // Every poll of a large job reads hundreds of keys: their bytes are looked at, not characters.
  var text = key
  let rank = text.withUTF8 { bytes -> Int? in
    let digits = bytes[((bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]
    let zero = UInt8(ascii: "0")
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= zero && $0 < zero + 10 }) else { return nil }
    return digits.reduce(0) { 10 * $0 + Int($1 - zero) }
  }
  guard let rank else { preconditionFailure("the key \(key) does not end with a rank") }
  return rank
}

extension Payload {
  /// The vector inside, as the sender put it there.
  public var floats: [Float] {
    guard let values = contents as? [Float] else {
      preconditionFailure("a payload of \(byteCount) bytes holds no vector")
    }
    return values
  }
}

extension MemoryStore {
  /// The vector under a key, as a script inside the store sees it.
  func vector(at key: String) -> [Float] {
    guard let payload = self[key] else { preconditionFailure("\(name) holds no \(key)") }
    return payload.floats
  }
}
