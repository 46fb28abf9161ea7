/// Which minibatch each worker takes in each step, while their number shrinks.
///
/// The minibatches of an epoch are numbered: the first of every shard in rank order, then the
/// second. A step deals one to each member. When a member has left, the others go on from where
/// all were with a shorter stride, so that its data is seen (`repartitions`); or with the old
/// stride, so that it is not.
struct MLLessCourse {
  /// What one worker does in one step.
  struct Turn {
    let step: Step
    /// The worker to whose shard the minibatch belonged at first.
    let shard: Int
    /// The number of the exchange to which the step belongs, from 0.
    let exchange: Int
    /// Whether the exchange takes place after it.
    let endsExchange: Bool
  }

  /// Who is left, in rank order.
  private(set) var members: [Int]

  private let shards: Int
  private let perEpoch: Int
  private let end: Int
  private let stepLimit: Int
  private let localSteps: Int
  private let repartitions: Bool
  /// Steps taken, and minibatches dealt in them.
  private var taken = 0
  private var dealt = 0

  init(_ job: TrainingJob, localSteps: Int, repartitions: Bool) {
    shards = job.workers.count
    members = Array(0..<shards)
    perEpoch = max(1, job.dataset.stepsPerEpoch) * shards
    end = job.steps.count * shards
    stepLimit = job.configuration.stepLimit ?? .max
    self.localSteps = localSteps
    self.repartitions = repartitions
  }

  /// The number of the exchange that comes next; nil when all is done.
  var exchange: Int? { isOver ? nil : taken / localSteps }

  /// What a member does next; nil when all is done.
  func turn(of rank: Int) -> Turn? {
    guard !isOver, let place = members.firstIndex(of: rank) else { return nil }
    let number = dealt + (repartitions ? place : rank)
    let following = after(self)
    let step = Step(
      epoch: number / perEpoch, index: number % perEpoch / shards, number: taken,
      isLastOfEpoch: following.dealt / perEpoch > dealt / perEpoch)
    return Turn(
      step: step, shard: number % shards, exchange: taken / localSteps,
      endsExchange: (taken + 1).isMultiple(of: localSteps) || following.isOver)
  }

  /// Goes on to the next step.
  mutating func advance() { self = after(self) }

  /// Goes on to the first step after an exchange.
  mutating func finishExchange() {
    repeat { advance() } while !isOver && !taken.isMultiple(of: localSteps)
  }

  /// A member leaves after a step that all have taken.
  mutating func remove(_ rank: Int) {
    members.removeAll { $0 == rank }
    skipRest()
  }

  private var stride: Int { repartitions ? max(1, members.count) : shards }

  private var isOver: Bool { dealt + stride > end || taken >= stepLimit }

  private func after(_ course: MLLessCourse) -> MLLessCourse {
    var next = course
    next.taken += 1
    next.dealt += stride
    next.skipRest()
    return next
  }

  /// The last minibatches of an epoch, where they are fewer than the members, are not dealt.
  private mutating func skipRest() {
    let rest = perEpoch - dealt % perEpoch
    if rest < stride { dealt += rest }
  }
}
