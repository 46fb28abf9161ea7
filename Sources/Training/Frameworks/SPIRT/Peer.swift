internal import Cloud

/// A worker with a database of its own, and what it has written down there about the others.
final class Peer {
  let worker: Worker
  let database: MemoryStore
  /// The messages that the synchronization queue is to hold when the present round is over.
  var expectedMessages = 0
  /// Those that did not answer.
  var leftOut: Set<Int> = []
  /// Those that have joined, in the order in which they said so.
  var newcomers: [Newcomer] = []
  /// How its validation loss has gone.
  var progress = Progress()

  var rank: Int { worker.rank }

  init(_ worker: Worker, _ database: MemoryStore) {
    self.worker = worker
    self.database = database
  }

  /// A peer that has joined, and the first round in which the others count on it.
  struct Newcomer {
    let rank: Int
    let firstRound: Int
  }

  /// The course of the validation loss.
  struct Progress {
    var lowestLoss = Double.infinity
    /// Rounds since it was as low as that.
    var idleRounds = 0
    var hasConverged = false
  }

  /// What others see of this peer when they ask its database.
  struct Status {
    /// The last round whose average lies there.
    var averagedRound = -1
    /// The last round whose update the model has, and what else a newcomer needs to go on from it.
    var finishedRound = -1
    var messages = 0
    var progress = Progress()
    /// Whether somebody has given this peer up, which it finds out here.
    var isLeftOut = false
  }

  /// The status as code inside the database sees it.
  var status: Status {
    get { database["status"]?.contents as? Status ?? Status() }
    set { database["status"] = Payload(byteCount: Peer.statusBytes, contents: newValue) }
  }

  /// Notes inside the database that the model has the update of a round.
  func finish(_ round: Round) {
    status.finishedRound = round.number
    status.messages = expectedMessages
    status.progress = progress
  }

  /// Bytes of a status on the wire.
  static let statusBytes = 64

  /// The parameters as a payload.
  func model(bytes: Int) -> Payload {
    Payload(byteCount: bytes, contents: worker.replica.parameters)
  }
}

/// The others have given this peer up: it may not go on.
struct LeftOut: Error, CustomStringConvertible {
  let rank: Int
  var description: String { "peer \(rank) was left out by the others" }
}

/// What peers compute of the same averages is the same to the last bit: it is computed once.
///
/// It also notices when peers have not aggregated the same averages.
final class AggregateMemo {
  private var round = -1
  private var known: [(ranks: [Int], aggregate: [Float])] = []

  /// What somebody has made of the averages of `ranks` in a round.
  func aggregate(of ranks: [Int], in round: Round) -> [Float]? {
    round.number == self.round ? known.first { $0.ranks == ranks }?.aggregate : nil
  }

  /// Remembers it; returns whether others have aggregated other averages in this round.
  func remember(_ aggregate: [Float], of ranks: [Int], in round: Round) -> Bool {
    if round.number > self.round { (self.round, known) = (round.number, []) }
    if round.number < self.round || known.contains(where: { $0.ranks == ranks }) { return false }
    known.append((ranks, aggregate))
    return known.count > 1
  }
}
