public import Cloud
public import Learning
internal import SimulationKernel

/// The observer of a job: evaluates the model at step 0, after every epoch and at the end.
///
/// A time-only run has nothing to evaluate, and no points. A worker that has crashed is no longer
/// waited for, and its replica no longer counts.
///
/// It stands outside the model: an evaluation takes no virtual time and costs nothing.
public final class LearningCurve {
  /// One point, whose evaluation may still be under way on another thread.
  public struct Point {
    /// Virtual time since job submission.
    public let time: Duration
    /// What the job would cost if it were billed at this moment.
    public let cost: Money
    /// Model updates so far.
    public let updates: Int
    let evaluation: EvaluationTask

    /// The evaluation on the test set; waits for it in real time.
    public var result: Evaluation { get throws { try evaluation.join() } }
  }

  /// The points in the order of time.
  public private(set) var points: [Point] = []

  private unowned let job: TrainingJob
  private var arrived: [Int: [Int: ([Float], [Float])]] = [:]

  init(of job: TrainingJob) { self.job = job }

  /// Notes a worker's replica after an epoch; when all have come, the epoch is evaluated.
  func record(_ replica: Replica, of rank: Int, afterEpoch epoch: Int) {
    arrived[epoch, default: [:]][rank] = (replica.parameters, replica.statistics)
    let living = job.livingWorkers
    guard let replicas = arrived[epoch], living.allSatisfy({ replicas[$0.rank] != nil }) else {
      return
    }
    arrived[epoch] = nil
    let ordered = living.compactMap { replicas[$0.rank] }
    add(ordered.map(\.0), ordered.map(\.1), updates: replica.updates)
  }

  /// Evaluates the replicas as they are now, unless the last point saw as many updates.
  func recordPresent() {
    let replicas = job.livingWorkers.map(\.replica)
    let updates = replicas.map(\.updates).max() ?? 0
    if let last = points.last, last.updates == updates { return }
    add(replicas.map(\.parameters), replicas.map(\.statistics), updates: updates)
  }

  private func add(_ parameters: [[Float]], _ statistics: [[Float]], updates: Int) {
    guard let subject = job.configuration.subject else { return }
    let evaluation = job.pool.evaluation(
      of: subject.model, at: averageReplica(parameters),
      statistics: averageReplica(statistics), on: subject.data.test)
    points.append(
      Point(
        time: job.simulation.now - job.submission, cost: job.region.accruedBill().total,
        updates: updates, evaluation: evaluation))
  }
}

/// The average of the replicas; equal replicas are not averaged, so that no bit is lost.
func averageReplica(_ replicas: [[Float]]) -> [Float] {
  guard let first = replicas.first else { return [] }
  return replicas.allSatisfy { $0 == first } ? first : Vectors.mean(replicas)
}
