@preconcurrency import Dispatch
import Foundation
import Scenarios
import Synchronization

/// Tells how far the runs are on standard error: a line that changes in place on a terminal, a new
/// line every ten seconds elsewhere.
final class ProgressReporter: Sendable {
  private struct State {
    var finished: Int
    /// The part that is done of each run under way, by key.
    var underWay: [String: Double] = [:]
    var latest = ""
  }

  private let total: Int
  private let isWatched: Bool
  private let begin = ContinuousClock.now
  private let state: Mutex<State>
  private let timer: any DispatchSourceTimer

  /// Reports on `total` runs until `finish`.
  init(total: Int, isWatched: Bool) {
    self.total = total
    self.isWatched = isWatched
    state = Mutex(State(finished: 0))
    timer = DispatchSource.makeTimerSource(queue: .global())
    let interval: DispatchTimeInterval = isWatched ? .milliseconds(200) : .seconds(10)
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.setEventHandler { [weak self] in self?.report() }
    timer.resume()
  }

  /// Hears of a step, from any thread.
  func advance(_ progress: RunProgress) {
    let part = progress.steps > 0 ? Double(progress.step) / Double(progress.steps) : 0
    let point = progress.plan.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    let name = [progress.plan.framework.name, point].filter { !$0.isEmpty }.joined(separator: " ")
    state.withLock { state in
      state.underWay[progress.plan.key] = part
      state.latest = "\(name) step \(progress.step)/\(progress.steps)"
    }
  }

  /// Hears of the end of a run.
  func finish(_ plan: RunPlan) {
    state.withLock { state in
      state.underWay[plan.key] = nil
      state.finished += 1
    }
  }

  /// Stops reporting and leaves the line empty.
  func stop() {
    timer.cancel()
    if isWatched { Terminal.writeError("\r\u{1B}[K") }
  }

  private func report() {
    let (finished, part, latest) = state.withLock { state in
      (state.finished, state.underWay.values.reduce(0, +), state.latest)
    }
    let fraction = (Double(finished) + part) / Double(max(1, total))
    let elapsed = Double(begin.duration(to: .now) / .seconds(1))
    var text = "\(finished) of \(total) runs, \(Int(fraction * 100)) %"
    if fraction > 0.01 { text += ", \(clock(elapsed * (1 - fraction) / fraction)) left" }
    if !latest.isEmpty { text += ", \(latest)" }
    Terminal.writeError(isWatched ? "\r\u{1B}[K\(text.prefix(79))" : "nephoscope: \(text)\n")
  }

  /// `1:05`, in minutes and seconds.
  private func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
  }
}
