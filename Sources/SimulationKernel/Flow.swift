internal import CPrefetch

/// A transfer that is on its way.
final class Flow {
  // What the heap of a lane and its hub look at comes first: it lies in the first two cache lines.

  /// Whether it is on its links.
  var isActive = false
  /// The cap of the lane it is in, while its links form a star.
  var laneCap = 0.0
  /// What the clock of its lane shows when it is through.
  var target = 0.0
  /// What it shows when the flow has to be looked at: when it is through, or may have used up what
  /// its leaf has saved.
  var stop = 0.0
  /// Who waits for it, since it has begun.
  var token = Token(.process, 0, 0)
  /// The task of that process, to be brought near in time.
  private(set) var job: UnownedJob?
  /// Its place in the order in which all transfers begin.
  private(set) var number = 0
  /// What it carries in all.
  let bytes: Double
  /// The most it may carry a second, whatever its links would give.
  let cap: Double
  /// The links it passes, one or two; only those that can be a bottleneck.
  let first: SharedLink
  let second: SharedLink?
  /// A link that it passes as well, which is infinite and only counts.
  private let counter: SharedLink?
  /// Where it is in each link's list of flows.
  var places: (Int, Int) = (0, 0)

  /// What is left of it and how fast that shrinks, while its links are tangled; also between one
  /// arrangement of the links and the next.
  var remaining: Double
  var rate = 0.0
  /// Since when it has its links for itself, in nanoseconds.
  var start: Int64 = 0
  /// Its cap, or the capacity of a link that it has for itself, while a tangle is filled.
  var limit = 0.0

  /// A transfer over one link or two; nil where none of them can be a bottleneck.
  init?(of byteCount: Int64, over link: SharedLink, through other: SharedLink?, cap: Double) {
    precondition(byteCount >= 0 && cap > 0, "a transfer has a size and a speed")
    bytes = Double(byteCount)
    self.cap = cap
    remaining = bytes
    let isFinite = (link.bytesPerSecond.isFinite, other?.bytesPerSecond.isFinite ?? false)
    switch (isFinite, other) {
    case ((true, true), _): (first, second, counter) = (link, other, nil)
    case ((true, false), _): (first, second, counter) = (link, nil, other)
    case ((false, true), let other?): (first, second, counter) = (other, nil, link)
    default: return nil
    }
  }

  /// Enters its links; the process that `token` names waits until it is through.
  func begin(_ token: Token) {
    let simulation = first.simulation
    simulation.flowCount += 1
    number = simulation.flowCount
    job = simulation.table[token.index].pointee.job
    self.token = token
    if let end = enter() {
      simulation.wait(token, until: end)
    } else {
      simulation.table[token.index].pointee.awaited = first
    }
  }

  /// Leaves its links now that it is through.
  func end() {
    if isActive { endAlone() }
    if let counter { counter.finishedBytes += bytes }
  }

  /// Leaves its links before it is through, where it has begun.
  func abandon() { if isActive { withdraw() } }

  /// Its place in the list of one of its links.
  subscript(placeIn link: SharedLink) -> Int {
    get { first === link ? places.0 : places.1 }
    set { if first === link { places.0 = newValue } else { places.1 = newValue } }
  }

  /// Calls `body` with its links.
  func forEachLink(_ body: (SharedLink) -> Void) {
    body(first)
    if let second { body(second) }
  }

  /// How little may be left of a flow that is through: half a nanosecond's worth, as time is
  /// whole nanoseconds, and the rounding of the sums.
  static func slack(rate: Double, at target: Double) -> Double { 0.5e-9 * rate + 1e-15 * target }
}

/// The flows of a lane by the clock's reading at which they stop, then by number.
///
/// A heap with four children a node, of plain values: the flows are retained by hand.
struct FlowHeap {
  private struct Entry: BitwiseCopyable {
    let stop: Double
    let number: Int
    let flow: Unmanaged<Flow>

    static func < (a: Entry, b: Entry) -> Bool {
      a.stop != b.stop ? a.stop < b.stop : a.number < b.number
    }
  }

  private var entries: [Entry] = []

  /// Lets go of the flows that are left, before the heap is given up.
  func releaseAll() { for entry in entries { entry.flow.release() } }

  /// The first flow and its stop; one that has got another stop or lane is stale here.
  var first: (stop: Double, flow: Unmanaged<Flow>)? {
    entries.first.map { ($0.stop, $0.flow) }
  }

  /// Adds a flow with its present stop, in O(log n).
  mutating func push(_ flow: Flow) {
    let entry = Entry(
      stop: flow.stop, number: flow.number, flow: .passRetained(flow))
    entries.append(entry)
    var hole = entries.count - 1
    entries.withUnsafeMutableBufferPointer { entries in
      while hole > 0, entry < entries[(hole - 1) / 4] {
        entries[hole] = entries[(hole - 1) / 4]
        hole = (hole - 1) / 4
      }
      entries[hole] = entry
    }
  }

  /// Removes the first entry, in O(log n).
  mutating func removeFirst() {
    entries[0].flow.release()
    let last = entries.removeLast()
    if entries.isEmpty { return }
    entries.withUnsafeMutableBufferPointer { entries in
      var hole = 0
      while 4 * hole + 1 < entries.count {
        var least = 4 * hole + 1
        for child in (least + 1)..<max(least + 1, min(least + 4, entries.count))
        where entries[child] < entries[least] {
          least = child
        }
        if !(entries[least] < last) { break }
        entries[hole] = entries[least]
        hole = least
      }
      entries[hole] = last
    }
    // The task of the first will be wanted soon, and one of the next four will be first.
    entries[0].flow._withUnsafeGuaranteedRef { $0.job?.prefetch() }
    for entry in entries[1..<max(1, min(5, entries.count))] {
      prefetch_lines(entry.flow.toOpaque(), 2)
    }
  }
}
