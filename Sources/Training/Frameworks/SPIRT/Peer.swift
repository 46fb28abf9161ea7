internal import Cloud

/// A worker with a database of its own, and what it has written down there about the others.
final class Peer {
  let worker: Worker
  let database: MemoryStore
  /// The messages that the synchronization queue is to hold when the present round is over.
  var expectedMessages = 0
  /// Those that did not answer.
  var leftOut: Set<Int> = []

  var rank: Int { worker.rank }

  init(_ worker: Worker, _ database: MemoryStore) {
    self.worker = worker
    self.database = database
  }

  /// What others see of this peer when they ask its database.
  struct Status {
    /// The last round whose average lies there.
    var averagedRound = -1
    /// Whether somebody has given this peer up, which it finds out here.
    var isLeftOut = false
  }

  /// The status as code inside the database sees it.
  var status: Status {
    get { database["status"]?.contents as? Status ?? Status() }
    set { database["status"] = Payload(byteCount: Peer.statusBytes, contents: newValue) }
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
  private(set) var differingRounds = 0

  /// The aggregate of the averages of `ranks` in a round.
  func aggregate(
    in round: Round, of ranks: [Int], _ compute: () -> [Float]
  ) -> [Float] {
    if round.number > self.round { (self.round, known) = (round.number, []) }
    if let match = known.first(where: { $0.ranks == ranks }) { return match.aggregate }
    let aggregate = compute()
    if round.number == self.round {
      known.append((ranks, aggregate))
      if known.count == 2 { differingRounds += 1 }
    }
    return aggregate
  }
}
