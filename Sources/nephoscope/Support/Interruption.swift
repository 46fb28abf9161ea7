import Dispatch
import Foundation
import Scenarios

/// Turns Ctrl-C into a request to stop; a second one stops at once.
struct Interruption {
  private let sources: [any DispatchSourceSignal]

  /// Listens until `end`; `hear` is told of the first request.
  init(
    requesting cancellation: RunnerCancellation = RunnerCancellation(),
    hear: @escaping @Sendable () -> Void = {}
  ) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if cancellation.isRequested { _exit(Fault.Code.interrupted.rawValue) }
        cancellation.request()
        hear()
      }
      source.resume()
      return source
    }
  }

  /// Gives the signals their usual meaning again.
  func end() {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
