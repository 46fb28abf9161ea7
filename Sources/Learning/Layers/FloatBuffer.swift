typealias Floats = UnsafeMutablePointer<Float>

/// A block of floats that starts on a cache line; it lives as long as the object.
final class FloatBuffer {
  private(set) var floats: Floats
  private(set) var count: Int

  init(count: Int = 0) {
    self.count = count
    floats = FloatBuffer.allocate(count)
  }

  deinit { UnsafeMutableRawPointer(floats).deallocate() }

  /// Grows to hold at least `count` floats; the old contents are lost.
  func reserve(_ count: Int) {
    guard count > self.count else { return }
    UnsafeMutableRawPointer(floats).deallocate()
    floats = FloatBuffer.allocate(count)
    self.count = count
  }

  private static func allocate(_ count: Int) -> Floats {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    let floats = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    floats.initialize(repeating: 0, count: max(count, 1))
    return floats
  }
}

/// The buffers through which gradients flow back: a layer writes one while it reads the other.
///
/// A gradient is dead as soon as the layer below has used it, so that two buffers serve a whole
/// sequence of layers, whatever its depth.
final class GradientBuffers {
  private let pair = [FloatBuffer(), FloatBuffer()]
  private var turn = 0
  private var nested: [Int: GradientBuffers] = [:]

  /// The buffer for the next layer that writes one: the other than that of the writer before.
  func next(count: Int) -> FloatBuffer {
    turn = 1 - turn
    pair[turn].reserve(count)
    return pair[turn]
  }

  /// The buffers of one branch inside a layer, shared by all layers that have such a branch.
  func branch(_ index: Int) -> GradientBuffers {
    if let known = nested[index] { return known }
    let made = GradientBuffers()
    nested[index] = made
    return made
  }
}
