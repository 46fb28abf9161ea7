import FlyingFox
import FlyingSocks
import Foundation
public import Results
public import Scenarios
import Synchronization

/// Serves the what-if page of a scenario to browsers on this machine.
public final class WhatIfServer: Sendable {
  /// Why the page cannot be served.
  public struct Failure: Error, CustomStringConvertible {
    /// The reason, as a sentence without a full stop.
    public let description: String
  }

  private let session: WhatIfSession
  /// The port that is listened on; 0 before.
  private let port = Atomic<UInt16>(0)
  private let server = Mutex<HTTPServer?>(nil)

  /// A server of the file at `path`, or of a small scenario where there is none.
  ///
  /// - Parameters:
  ///   - store: where finished runs are kept.
  ///   - options: how runs are made.
  ///   - settings: those of the options that change results, as words of a command line.
  /// - Throws: `ScenarioErrors` where the file has mistakes.
  public init(
    file path: String?, store: RunStore, options: RunnerOptions, settings: [String] = []
  ) throws {
    let text = try path.map { try String(contentsOfFile: $0, encoding: .utf8) }
    let desk = try ScenarioDesk(
      file: path ?? "what-if.yaml",
      text: text ?? String(decoding: PackageResources.start_yaml, as: UTF8.self),
      traceDirectory: options.traceDirectory)
    session = WhatIfSession(desk: desk, store: store, options: options, settings: settings)
  }

  /// Serves on 127.0.0.1 until `stop`.
  ///
  /// - Parameters:
  ///   - port: where to listen; 0 for any port that is free.
  ///   - onReady: hears of the page's address.
  /// - Throws: `Failure` where the port cannot be listened on.
  public func serve(
    port: UInt16, onReady: @escaping @Sendable (_ address: String) throws -> Void
  ) async throws {
    let http = HTTPServer(
      config: .init(
        address: try sockaddr_in.inet(ip4: "127.0.0.1", port: port),
        // Reading a scenario reads its traces, which may be long.
        timeout: 3600,
        // What the gate refuses for its size is not read either.
        sharedRequestReplaySize: Gate.largestByteCount, logger: .disabled),
      handler: WhatIfHandler(session: session) { self.port.load(ordering: .relaxed) })
    server.withLock { $0 = http }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await http.run() }
        group.addTask {
          // Where it cannot listen, `run` says so at once; a busy machine may take its time.
          try await http.waitUntilListening(timeout: 86_400)
          guard case .ip4(_, let port)? = await http.listeningAddress else { return }
          self.port.store(port, ordering: .relaxed)
          try onReady("http://127.0.0.1:\(port)/")
        }
        // The first that fails ends the other, which would wait for ever.
        while try await group.next() != nil {}
      }
    } catch {
      // Being stopped ends the library's loop with an error.
      guard server.withLock({ $0 != nil }) else { return }
      throw error is SocketError
        ? Failure(description: "127.0.0.1:\(port): \(error.localizedDescription)") : error
    }
  }

  /// Stops what is being made, keeping finished runs, and then serving.
  public func stop() async {
    session.end()
    let http = server.withLock { server -> HTTPServer? in
      defer { server = nil }
      return server
    }
    await http?.stop()
  }
}
