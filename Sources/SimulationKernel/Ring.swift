/// A first-in, first-out queue in a ring of memory that grows by doubling.
struct Ring<Element>: ~Copyable {
  private var elements: UnsafeMutablePointer<Element>
  private var mask: Int
  private var head = 0
  private var tail = 0

  /// An empty queue with room for `capacity` elements, a power of two.
  init(capacity: Int = 8) {
    elements = .allocate(capacity: capacity)
    mask = capacity - 1
  }

  deinit {
    for i in head..<tail { (elements + (i & mask)).deinitialize(count: 1) }
    elements.deallocate()
  }

  /// Elements in the queue.
  var count: Int { tail &- head }
  /// Whether the queue is empty.
  var isEmpty: Bool { head == tail }

  /// Adds an element at the end; O(1) amortised.
  mutating func push(_ element: consuming Element) {
    if tail &- head > mask { grow() }
    (elements + (tail & mask)).initialize(to: element)
    tail &+= 1
  }

  /// Takes the first element; O(1).
  mutating func pop() -> Element? {
    if head == tail { return nil }
    defer { head &+= 1 }
    return (elements + (head & mask)).move()
  }

  @inline(never)
  private mutating func grow() {
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
