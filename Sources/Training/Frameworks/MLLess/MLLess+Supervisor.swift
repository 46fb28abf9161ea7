internal import Cloud
internal import SimulationKernel

/// The supervisor: after all reports of an exchange, tells everybody whose updates to expect.
extension MLLess {
  /// Runs the supervisor's function to its end, or to its death.
  func supervise() async throws {
    do {
      try await job.invoke(supervisor, named: "supervisor") { _ in
        try progress.beginSupervisor()
        try await coordinate()
      }
    } catch is SupervisorCrashed {
      return
    } catch {
      throw JobFailure(worker: "supervisor", time: job.simulation.now, cause: error)
    }
  }

  /// Waits for the supervisor after all workers have ended.
  ///
  /// Reports that will never come keep it until its limit: that costs money, but the model is done.
  func dismiss(_ supervisor: Process) async throws {
    do {
      try await job.simulation.join(supervisor)
    } catch let failure as JobFailure where failure.cause is FunctionTimedOut {
      if job.workers.allSatisfy(\.isCrashed) { throw failure }
      progress.noteHanging(after: failure)
    }
  }

  private func coordinate() async throws {
    var course = MLLessCourse(
      job, localSteps: settings.localSteps, repartitions: settings.repartitions)
    var tallies: [Int: Tally] = [:]
    var tuner = settings.tuner
    var exchangesOnTarget = 0
    while let exchange = course.exchange {
      let tally = try await gather(exchange, from: course.members, &tallies)
      progress.note()
      let isOnTarget = settings.lossTarget > 0 && tally.loss <= settings.lossTarget
      exchangesOnTarget = isOnTarget ? exchangesOnTarget + 1 : 0
      let isLast = exchangesOnTarget == 10
      let leaver = isLast ? nil : tuner?.leaver(after: tally, of: course.members.count, in: job)
      if let leaver { try await broker.publish(.message(.leave(rank: leaver)), to: "workers") }
      // With no barrier there is nothing to expect.
      if settings.slack != nil || isLast {
        let set = MLLessMessage.expect(exchange: exchange, senders: tally.senders, isLast: isLast)
        try await broker.publish(.message(set), to: "workers")
      }
      if settings.sendsTimings { try await broker.send(.message(.timing), to: "client") }
      if isLast { return job.note("the loss stayed at its target: done after \(exchange + 1)") }
      course.finishExchange()
      if let leaver { course.remove(leaver) }
    }
  }

  /// Waits for a report of every member; those of later exchanges are kept.
  private func gather(
    _ exchange: Int, from members: [Int], _ tallies: inout [Int: Tally]
  ) async throws -> Tally {
    func tally() -> Tally { tallies[exchange] ?? Tally(exchange, below: job.workers.count) }
    while tally().count < members.count {
      guard case .report(let report) = try await broker.next(from: "supervisor").message,
        report.exchange >= exchange, members.contains(report.rank)
      else { continue }
      tallies[report.exchange, default: Tally(report.exchange, below: job.workers.count)]
        .note(report)
    }
    return tallies.removeValue(forKey: exchange) ?? tally()
  }

  /// The reports of one exchange.
  struct Tally {
    let exchange: Int
    /// Who has sent an update.
    private(set) var senders: RankSet
    /// Who reported last.
    private(set) var last = 0
    /// How many have reported.
    private(set) var count = 0
    private var reported: RankSet
    private var lossSum = 0.0

    init(_ exchange: Int, below workers: Int) {
      self.exchange = exchange
      senders = RankSet(below: workers)
      reported = senders
    }

    /// The mean loss of those who have reported.
    var loss: Double { lossSum / Double(count) }

    /// Takes a report in; a copy says nothing new.
    mutating func note(_ report: MLLessReport) {
      guard reported.insert(report.rank) else { return }
      count += 1
      last = report.rank
      lossSum += report.loss
      if report.isSent { senders.insert(report.rank) }
    }
  }
}

/// The end of a supervisor that a fault asked for.
struct SupervisorCrashed: Error {}

/// How far a job has come, for what is to be said when it goes no further.
final class MLLessProgress {
  private unowned let job: TrainingJob
  private var supervisor: Process?
  private var isSupervisorCrashed = false
  private var last: (time: Duration, cost: Money) = (.zero, .zero)

  init(_ job: TrainingJob) { self.job = job }

  /// The supervisor's function has begun.
  func beginSupervisor() throws {
    if isSupervisorCrashed { throw SupervisorCrashed() }
    supervisor = job.simulation.current
  }

  /// The supervisor dies where it is.
  func crashSupervisor() {
    isSupervisorCrashed = true
    if let supervisor, !supervisor.isFinished {
      job.simulation.kill(supervisor, SupervisorCrashed())
    }
  }

  /// An exchange is complete.
  func note() { last = (job.simulation.now - job.submission, job.region.accruedBill().total) }

  /// Says what it cost that somebody waited in vain until a limit.
  func noteHanging(after error: any Error) {
    guard let failure = error as? JobFailure, failure.cause is FunctionTimedOut else { return }
    let crashed = job.workers.filter(\.isCrashed).map { "worker \($0.rank)" }
    let dead = crashed + (isSupervisorCrashed ? ["the supervisor"] : [])
    let cause = dead.isEmpty ? "" : " for \(dead.joined(separator: ", "))"
    let time = failure.time - job.submission
    let cost = job.region.accruedBill().total - last.cost
    job.note(
      "\(failure.worker) waited until its limit\(cause): the last exchange was complete after "
        + "\(last.time.inSeconds) s, and the \((time - last.time).inSeconds) s since cost \(cost)")
  }
}

extension MLLess {
  /// What can die beside workers: the supervisor and each server of the shared store.
  func declareDeaths() {
    let progress = progress
    job.onCrash(of: .supervisor) { progress.crashSupervisor() }
    guard let servers = store as? MemoryStore else { return }
    for node in 0..<servers.nodeCount {
      job.onCrash(of: .database(node)) { servers.crash(node: node) }
    }
  }
}
