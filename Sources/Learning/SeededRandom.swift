import Foundation

/// A stream of random numbers that depends on its seed alone (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A stream of its own for each purpose and each set of numbers under one seed.
  init(seed: UInt64, purpose: String, _ numbers: Int...) {
    var hash = Fingerprint()
    hash.add(seed)
    for byte in purpose.utf8 { hash.add(UInt64(byte)) }
    for number in numbers { hash.add(UInt64(bitPattern: Int64(number))) }
    state = hash.value.low
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in -1..<1, in steps of 2^-23.
  mutating func signedUnit() -> Float { Float(next() >> 40) / Float(1 << 23) - 1 }

  /// Uniform in 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

  /// Uniform below a bound.
  mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Normal with mean 0 and deviation 1 (Box and Muller).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * .pi * unit())
  }

  /// Gamma distributed with scale 1 (Marsaglia and Tsang, doi:10.1145/358407.358414).
  mutating func gamma(shape: Double) -> Double {
    if shape < 1 {
      let boosted = gamma(shape: shape + 1)
      return boosted * pow(1 - unit(), 1 / shape)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      if log(1 - unit()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }
}
