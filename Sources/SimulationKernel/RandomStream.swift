internal import RealModule

/// A reproducible stream of random numbers for one purpose.
///
/// A stream is named by (seed, purpose, actor): a new draw in one place changes nothing elsewhere.
public struct RandomStream: RandomNumberGenerator, Sendable {
  @usableFromInline var state: (UInt64, UInt64, UInt64, UInt64)

  /// The stream of `purpose` and `actor` under `seed`.
  public init(seed: UInt64, purpose: String, actor: String = "") {
    // The hash of the name, then splitmix64 from a well-mixed start: near seeds give far streams.
    var hash = StableHash(of: purpose)
    hash.absorb(0xff)
    hash.absorb(actor)
    var mixer = RandomStream.mix(RandomStream.mix(seed) ^ hash.value)
    func next() -> UInt64 {
      mixer &+= 0x9e37_79b9_7f4a_7c15
      return RandomStream.mix(mixer)
    }
    state = (next(), next(), next(), next())
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// The next 64 random bits (xoshiro256++, Blackman and Vigna 2019).
  @inlinable
  public mutating func next() -> UInt64 {
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotate(state.0 &+ state.3, 23) &+ state.0
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = rotate(state.3, 45)
    return result
  }

  /// A number uniform in [0, 1), with 53 random bits.
  @inlinable
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number uniform in 0..<`bound`.
  @inlinable
  public mutating func uniform(below bound: Int) -> Int {
    precondition(bound > 0, "an empty range has no random element")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number of the exponential distribution with the given mean.
  public mutating func exponential(mean: Double) -> Double { -mean * .log(1 - uniform()) }

  /// A number of the standard normal distribution (Box and Muller 1958).
  public mutating func normal() -> Double {
    let radius = (-2 * Double.log(1 - uniform())).squareRoot()
    return radius * .cos(2 * .pi * uniform())
  }
}
