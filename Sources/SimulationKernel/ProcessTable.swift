internal import CPrefetch

/// What the loop needs of a process to run it, in one cache line apart from the process itself.
struct ProcessSlot {
  /// Where a process stands.
  enum State: UInt8 {
    /// Nobody uses the slot.
    case free
    /// In the ready queue.
    case ready
    /// On the processor, or waiting for a child task, of which the kernel knows nothing.
    case running
    /// Waiting for a token to be woken.
    case parked
  }

  /// The task that runs the process, once it has one.
  var job: UnownedJob?
  /// The worker whose task, or whose child task, that is; alive while there is one.
  var worker: Unmanaged<Worker>?
  /// The process; retained by the table.
  var process: Unmanaged<Process>?
  /// What it waits for; alive while it waits, because the waiting function is a method of it.
  unowned(unsafe) var awaited: AnyObject?
  /// What goes on in place of the process when its wait is over; alive as long as it is there.
  var errand: Unmanaged<Errand>?
  /// Moves on whenever a wait ends.
  var generation: UInt32 = 0
  var state = State.free
  /// Whether the wait that just ended has to throw.
  var isInterrupted = false
  /// Whether the next wait has to throw before it begins.
  var owesError = false

  /// Brings near what is needed when the wait of the process is over.
  func prefetch() {
    if let errand { prefetch_lines(errand.toOpaque(), 2) } else { job?.prefetch() }
  }
}

/// The slots of all processes that live, contiguous, reused when a process ends.
struct ProcessTable: ~Copyable {
  private var slots: UnsafeMutablePointer<ProcessSlot>
  private var capacity = 64
  private var free: [Int] = []
  /// Slots that were ever in use.
  private(set) var count = 0

  init() {
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: ProcessSlot(), count: capacity)
  }

  deinit {
    for i in 0..<count { slots[i].process?.release() }
    slots.deinitialize(count: capacity)
    slots.deallocate()
  }

  /// The slot at an index; valid until the next process is added.
  subscript(index: Int) -> UnsafeMutablePointer<ProcessSlot> { slots + index }

  /// A token for the present wait of a process.
  func token(_ index: Int) -> Token { Token(.process, index, slots[index].generation) }

  /// Whether a token's wait is over.
  func isStale(_ token: Token) -> Bool { slots[token.index].generation != token.generation }

  /// Gives a process a slot; O(1) amortised.
  mutating func insert(_ process: Process) -> Int {
    let index = free.popLast() ?? count
    if index == count {
      if count == capacity { grow() }
      count += 1
    }
    slots[index].process = .passRetained(process)
    return index
  }

  /// Takes a process out of its slot and makes every token for it stale.
  mutating func remove(_ index: Int) {
    slots[index].process?.release()
    let generation = slots[index].generation
    slots[index] = ProcessSlot()
    slots[index].generation = generation &+ 1
    free.append(index)
  }

  /// The processes that live, in the order in which they were spawned.
  func living() -> [Process] {
    (0..<count).compactMap { slots[$0].process?.takeUnretainedValue() }
      .sorted { $0.number < $1.number }
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<ProcessSlot>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: slots, count: capacity)
    (larger + capacity).initialize(repeating: ProcessSlot(), count: capacity)
    slots.deallocate()
    slots = larger
    capacity *= 2
  }
}
