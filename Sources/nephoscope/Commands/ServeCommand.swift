import ArgumentParser
import Dispatch
import Foundation
import Results
import Scenarios
import Serving
import Synchronization

/// `nephoscope serve [FILE]`: the what-if page of a scenario.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve a page on which a scenario is changed and compared.",
    discussion: """
      The page is served to this machine alone, on 127.0.0.1; it needs no internet. Its runs are \
      kept in the run store. Ctrl-C ends serving.
      """)

  @Argument(help: "The scenario file to begin with (default: a small one).")
  var file: String?

  @Option(name: .long, help: "The port to listen on (default: any that is free).")
  var port: UInt16 = 0

  @OptionGroup(title: "Where runs are kept")
  var place: StoreOptions

  @Option(name: .long, help: "Threads; the results are the same for any number (default: cores).")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(name: .long, help: "The directory of data sets that come by name.")
  var data: String?

  @Option(name: .long, help: "A directory of recorded traces, besides the scenario's own.")
  var traces: String?

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be between 1 and 1024")
    }
  }

  func run() throws {
    try Fault.reporting {
      if let file, !FileManager.default.fileExists(atPath: file) {
        throw Fault(.noInput, "\(file): there is no such file")
      }
      var options = try ScenarioOptions.parse([])
      (options.data, options.traces) = (data, traces)
      let server = try WhatIfServer(
        file: file, store: try RunStore(path: place.store),
        options: options.runnerOptions(threads: threads, keepsSpans: false),
        settings: options.words)
      let interruption = Interruption { Task { await server.stop() } }
      defer { interruption.end() }
      try wait { [port] in
        try await server.serve(port: port) { address in
          try Terminal.write(address + "\n")
          Terminal.writeError("nephoscope: open this address in a browser; Ctrl-C ends serving\n")
        }
      }
    }
  }

  /// Waits for `work`, which runs beside this thread.
  private func wait(for work: @escaping @Sendable () async throws -> Void) throws {
    let outcome = Mutex<Result<Void, any Error>>(.success(()))
    let end = DispatchSemaphore(value: 0)
    Task.detached {
      do { try await work() } catch { outcome.withLock { $0 = .failure(error) } }
      end.signal()
    }
    end.wait()
    try outcome.withLock { try $0.get() }
  }
}
