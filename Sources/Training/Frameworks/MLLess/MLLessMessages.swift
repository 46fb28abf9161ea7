internal import Cloud

/// What goes through the broker; the letters are those of the original code.
enum MLLessMessage {
  /// U, to all: a worker has stored what it sends in an exchange.
  case update(exchange: Int, rank: Int)
  /// I, to the supervisor: a worker has done its part of an exchange.
  case report(MLLessReport)
  /// C, to all: whose updates of an exchange to expect, and whether it was the last.
  case expect(exchange: Int, senders: RankSet, isLast: Bool)
  /// K, to all: a worker is to leave after an exchange.
  case leave(rank: Int)
  /// D, to all: a worker has stored its replica and is gone.
  case departed(rank: Int)
  /// TD, to the client: the times of an exchange.
  case timing
}

/// What a worker tells the supervisor at the end of its part of an exchange.
struct MLLessReport {
  let exchange: Int
  let rank: Int
  let isSent: Bool
  /// The mean loss of its minibatches, before the step; not a number in a time-only run.
  let loss: Double
}

extension Payload {
  /// A message of about the size of the released code's pickled tuples.
  static func message(_ message: MLLessMessage) -> Payload {
    Payload(byteCount: 100, contents: message)
  }

  /// The message inside.
  var message: MLLessMessage {
    guard let message = contents as? MLLessMessage else { preconditionFailure("not a message") }
    return message
  }
}

/// A set of ranks, one bit each.
struct RankSet: Hashable {
  private var words: [UInt64]

  /// A set that can hold the ranks below `count`.
  init(below count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

  /// How many ranks it holds.
  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Adds a rank; false where it was there already.
  @discardableResult
  mutating func insert(_ rank: Int) -> Bool {
    let bit = UInt64(1) << UInt64(rank % 64)
    defer { words[rank / 64] |= bit }
    return words[rank / 64] & bit == 0
  }

  func contains(_ rank: Int) -> Bool { words[rank / 64] >> UInt64(rank % 64) & 1 == 1 }

  func isSuperset(of other: RankSet) -> Bool {
    zip(words, other.words).allSatisfy { $1 & ~$0 == 0 }
  }
}

/// What one worker has heard from the others.
///
/// A message that comes twice says nothing new; one that is lost leaves its exchange open.
struct MLLessMailbox {
  /// Updates that were announced and have not been fetched.
  private(set) var unread: [(exchange: Int, rank: Int)] = []
  /// Exchanges of which everything announced has come, counted from the first without a gap.
  private(set) var completeCount = 0
  /// Whether the supervisor has said that an exchange was the last.
  private(set) var isOver = false
  /// Who is to leave, in the order in which they were told.
  private(set) var leaving: [Int] = []

  private let workers: Int
  private let keepsBarrier: Bool
  private var latest: [Int]
  private var heard: [Int: RankSet] = [:]
  private var expected: [Int: RankSet] = [:]
  private var departed: RankSet

  /// A mailbox that nothing has come into.
  ///
  /// - Parameter keepsBarrier: whether anybody asks for `completeCount`.
  init(workers: Int, keepsBarrier: Bool) {
    self.workers = workers
    self.keepsBarrier = keepsBarrier
    latest = [Int](repeating: -1, count: workers)
    departed = RankSet(below: workers)
  }

  /// Takes a message in.
  mutating func note(_ message: MLLessMessage) {
    switch message {
    case .update(let exchange, let rank) where exchange > latest[rank]:
      // A sender's messages come in order, so that an older one can only be a copy.
      latest[rank] = exchange
      unread.append((exchange, rank))
      if keepsBarrier {
        heard[exchange, default: RankSet(below: workers)].insert(rank)
        complete()
      }
    case .expect(let exchange, let senders, let isLast):
      isOver = isOver || isLast
      if keepsBarrier, exchange >= completeCount {
        expected[exchange] = senders
        complete()
      }
    case .leave(let rank) where !leaving.contains(rank): leaving.append(rank)
    case .departed(let rank): departed.insert(rank)
    case .update, .leave, .report, .timing: break
    }
  }

  /// Whether a worker that was to leave has stored its replica.
  func hasDeparted(_ rank: Int) -> Bool { departed.contains(rank) }

  /// Hands out what has been announced, in the order of exchanges and ranks.
  mutating func takeUnread() -> [(exchange: Int, rank: Int)] {
    defer { unread.removeAll(keepingCapacity: true) }
    return unread.sorted { ($0.exchange, $0.rank) < ($1.exchange, $1.rank) }
  }

  /// Hands out who is to leave.
  mutating func takeLeaving() -> [Int] {
    defer { leaving = [] }
    return leaving
  }

  private mutating func complete() {
    while let senders = expected[completeCount],
      (heard[completeCount] ?? RankSet(below: workers)).isSuperset(of: senders)
    {
      expected[completeCount] = nil
      heard[completeCount] = nil
      completeCount += 1
    }
  }
}
