@preconcurrency import Dispatch
import Foundation
import Scenarios
import Synchronization

/// Tells how far the runs are on standard error: a line that changes in place on a terminal, a new
/// line every ten seconds elsewhere.
final class ProgressReporter: Sendable {
  private let isWatched: Bool
  private let begin = ContinuousClock.now
  private let tally: Mutex<RunTally>
  private let timer: any DispatchSourceTimer

  /// Reports on `total` runs until `finish`.
  init(total: Int, isWatched: Bool) {
    self.isWatched = isWatched
    tally = Mutex(RunTally(total: total))
    timer = DispatchSource.makeTimerSource(queue: .global())
    let interval: DispatchTimeInterval = isWatched ? .milliseconds(200) : .seconds(10)
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.setEventHandler { [weak self] in self?.report() }
    timer.resume()
  }

  /// Hears of a step, from any thread.
  func advance(_ progress: RunProgress) { tally.withLock { $0.advance(progress) } }

  /// Hears of the end of a run.
  func finish(_ plan: RunPlan) { tally.withLock { $0.finish(plan) } }

  /// Stops reporting and leaves the line empty.
  func stop() {
    timer.cancel()
    if isWatched { Terminal.writeError("\r\u{1B}[K") }
  }

  private func report() {
    let tally = tally.withLock { $0 }
    let fraction = tally.fraction
    let elapsed = Double(begin.duration(to: .now) / .seconds(1))
    var text = "\(tally.finished) of \(tally.total) runs, \(Int(fraction * 100)) %"
    if fraction > 0.01 { text += ", \(clock(elapsed * (1 - fraction) / fraction)) left" }
    if !tally.latest.isEmpty { text += ", \(tally.latest)" }
    Terminal.writeError(isWatched ? "\r\u{1B}[K\(text.prefix(79))" : "nephoscope: \(text)\n")
  }

  /// `1:05`, in minutes and seconds.
  private func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
  }
}
