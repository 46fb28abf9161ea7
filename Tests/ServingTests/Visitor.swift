import FlyingSocks
import Foundation
import Results
import Scenarios
import Testing

@testable import Serving

/// Somebody who asks a server for things, as the page does or otherwise.
struct Visitor: Sendable {
  let address: String

  var host: String { String(address.dropFirst("http://".count).dropLast()) }
  var port: UInt16 { UInt16(host.split(separator: ":")[1]) ?? 0 }

  /// An answer as text.
  struct Answer {
    let status: Int
    let headers: String
    let text: String

    init(_ raw: String) {
      let end = raw.firstRange(of: "\r\n\r\n")
      headers = String(raw[..<(end?.lowerBound ?? raw.endIndex)])
      text = end.map { String(raw[$0.upperBound...]) } ?? ""
      status = Int(headers.dropFirst("HTTP/1.1 ".count).prefix(3)) ?? 0
    }

    func document() throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
  }

  /// Asks for `path` with headers of the page's own, unless others are given.
  func ask(
    _ method: String, _ path: String, _ body: [String: Any]? = nil, host: String? = nil,
    origin: String? = nil
  ) async throws -> Answer {
    let data = try body.map { try JSONSerialization.data(withJSONObject: $0) } ?? Data()
    let head = """
      \(method) \(path) HTTP/1.1\r
      Host: \(host ?? self.host)\r
      Origin: \(origin ?? "http://\(self.host)")\r
      Content-Length: \(data.count)\r
      Connection: close\r
      \r

      """
    return Answer(try await send(raw: head + String(decoding: data, as: UTF8.self)))
  }

  /// All that comes back for the bytes of `text` until the server closes the connection.
  func send(raw text: String) async throws -> String {
    // Other tests may keep the threads busy for a while.
    let socket = try await AsyncSocket.connected(
      to: sockaddr_in.inet(ip4: "127.0.0.1", port: port), timeout: 3600)
    var answer = Data()
    do {
      try await socket.write(Data(text.utf8))
      while true { answer.append(contentsOf: try await socket.read(atMost: 4096)) }
    } catch SocketError.disconnected {
      try socket.close()
    }
    return String(decoding: answer, as: UTF8.self)
  }

  /// The what-ifs, once none is being made.
  func whatIfs() async throws -> [[String: Any]] {
    while true {
      let text = try await ask("GET", "/what-ifs").text
      let list = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
      if !list.contains(where: { $0["state"] as? String == "running" }) { return list }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

/// Serves the scenario `text` in a directory of its own while `body` visits it.
func serving(
  _ text: String, _ body: @escaping @Sendable (Visitor, _ directory: String) async throws -> Void
) async throws {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
    "serving-\(UUID().uuidString)")
  let inner = directory.appendingPathComponent("scenarios")
  try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
  let file = inner.appendingPathComponent("test.yaml").path
  try text.write(toFile: file, atomically: true, encoding: .utf8)
  let server = try WhatIfServer(
    file: file, store: try RunStore(path: directory.appendingPathComponent("runs.sqlite").path),
    options: RunnerOptions(threads: 1))
  let (addresses, ready) = AsyncStream.makeStream(of: String.self)
  let running = Task {
    defer { ready.finish() }
    try await server.serve(port: 0) { ready.yield($0) }
  }
  var visit: Result<Void, any Error> = .success(())
  for await address in addresses {
    do {
      try await body(Visitor(address: address), inner.path)
    } catch {
      visit = .failure(error)
    }
    await server.stop()
  }
  try await running.value
  try FileManager.default.removeItem(at: directory)
  try visit.get()
}

/// A scenario of time and cost alone, made in no time.
let quick = """
  # The workers are few.
  name: Quick
  seed: 7
  frameworks: [scatter-reduce, all-reduce]
  workers: 2 # few
  training:
    gradients: none
    model: logistic-regression
    dataset: fashion-mnist-fixture
    batch-size: 100
  """
