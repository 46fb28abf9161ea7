/// A first-in, first-out queue in a ring of memory that grows by doubling.
@usableFromInline
struct Ring<Element>: ~Copyable {
  @usableFromInline var elements: UnsafeMutablePointer<Element>
  @usableFromInline var mask: Int
  @usableFromInline var head = 0
  @usableFromInline var tail = 0

  /// An empty queue with room for `capacity` elements, a power of two.
  @inlinable
  init(capacity: Int = 8) {
    elements = .allocate(capacity: capacity)
    mask = capacity - 1
  }

  @inlinable
  deinit {
    for i in head..<tail { (elements + (i & mask)).deinitialize(count: 1) }
    elements.deallocate()
  }

  /// Elements in the queue.
  @inlinable var count: Int { tail &- head }

  /// Adds an element at the end; O(1) amortised.
  @inlinable
  mutating func push(_ element: consuming Element) {
    if tail &- head > mask { grow() }
    (elements + (tail & mask)).initialize(to: element)
    tail &+= 1
  }

  /// Takes the first element; O(1).
  @inlinable
  mutating func pop() -> Element? {
    if head == tail { return nil }
    defer { head &+= 1 }
    return (elements + (head & mask)).move()
  }

  /// Whether some element is as asked for; O(n).
  func contains(where isWanted: (borrowing Element) -> Bool) -> Bool {
    (head..<tail).contains { isWanted(elements[$0 & mask]) }
  }

  @inlinable @inline(never)
  mutating func grow() {
    let capacity = 2 * (mask + 1)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    let count = self.count
    for i in 0..<count {
      (larger + i).moveInitialize(from: elements + ((head + i) & mask), count: 1)
    }
    elements.deallocate()
    (elements, mask, head, tail) = (larger, capacity - 1, 0, count)
  }
}
