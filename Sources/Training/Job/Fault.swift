/// Something that goes wrong in a job.
public enum Fault: Sendable, Hashable {
  /// A member of the job dies.
  case crash(Member, Occurrence)
  /// A worker computes so many times slower than the others, from the beginning.
  case slow(worker: Int, factor: Double)
  /// Workers lie: what they exchange is not what they have computed.
  case attack(Attack, workers: [Int])

  /// Who can die.
  public enum Member: Sendable, Hashable, CustomStringConvertible {
    /// A worker, by rank: the functions in which it is, and those it would take up later.
    case worker(Int)
    /// The server of a worker's own database, by rank.
    case database(Int)
    /// The function that coordinates the workers.
    case supervisor
    /// The worker that aggregates for all.
    case master

    /// As a scenario file names it.
    public var description: String {
      switch self {
      case .worker(let rank): "worker \(rank)"
      case .database(let rank): "database \(rank)"
      case .supervisor: "supervisor"
      case .master: "master"
      }
    }
  }

  /// When a fault happens.
  public enum Occurrence: Sendable, Hashable {
    /// So long after submission.
    case at(Duration)
    /// Once, at a time drawn from the exponential distribution of this rate.
    case rate(perHour: Double)
  }
}

/// How a dishonest worker changes its gradients.
public enum Attack: Sendable, Hashable {
  /// Multiplies them by minus `factor`; the released code of SPIRT takes 10.
  case signFlip(factor: Float)
  /// Replaces them by noise of this standard deviation; the released code of SPIRT takes 100.
  case gaussian(deviation: Float)
  /// Multiplies them by `factor`.
  case scaled(factor: Float)
  /// Learns from labels turned round: class c of C becomes C - 1 - c.
  case labelFlip
}
