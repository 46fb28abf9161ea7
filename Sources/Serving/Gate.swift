import FlyingFox
import FlyingSocks
import Foundation

/// Lets in only requests that the page itself, in a browser on this machine, could have made.
///
/// - A page of another site may have its own name lead to 127.0.0.1 (DNS rebinding): then `Host` is
///   that name.
/// - It may also post here without reading the answer: browsers then send its `Origin`.
struct Gate {
  /// No scenario comes near this size.
  static let largestByteCount = 1 << 20

  private let hosts: [String]

  /// The gate of a server that listens on `port`.
  init(port: UInt16) {
    hosts = ["127.0.0.1", "localhost"].flatMap {
      port == 80 ? [$0, "\($0):80"] : ["\($0):\(port)"]
    }
  }

  /// The answer to a request that is not let in; nil where it is.
  func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard let size = request.bodySequence.count else {
      return .last("a request needs its length", .lengthRequired)
    }
    if size > Gate.largestByteCount {
      return .last("a request has at most \(Gate.largestByteCount) bytes", .payloadTooLarge)
    }
    guard let host = request.headers[.host], hosts.contains(host) else {
      return .text("this page is at http://\(hosts[0])/ only", .forbidden)
    }
    if request.method == .GET { return nil }
    guard let origin = request.headers[HTTPHeader("Origin")],
      hosts.contains(where: { origin == "http://\($0)" })
    else { return .text("only the page itself may ask for this", .forbidden) }
    return nil
  }
}

extension HTTPResponse {
  /// What every answer says: run nothing that is not ours, show it in no frame, keep no copy.
  private static let guards: HTTPHeaders = [
    HTTPHeader("Content-Security-Policy"):
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
      + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
    HTTPHeader("X-Content-Type-Options"): "nosniff",
    HTTPHeader("Referrer-Policy"): "no-referrer",
    .cacheControl: "no-store",
  ]

  /// An answer of some kind of text.
  static func text(
    _ text: String, _ status: HTTPStatusCode = .ok, type: String = "text/plain"
  ) -> HTTPResponse {
    var headers = guards
    headers[.contentType] = "\(type); charset=utf-8"
    return HTTPResponse(statusCode: status, headers: headers, body: Data(text.utf8))
  }

  /// An answer in JSON.
  static func json(_ value: some Encodable, _ status: HTTPStatusCode = .ok) throws -> HTTPResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    return text(String(decoding: data, as: UTF8.self), status, type: "application/json")
  }

  /// An answer that ends its connection, to a request whose body is not read: what is left of the
  /// body would be taken for the next request, with headers of its sender's choice.
  static func last(_ text: String, _ status: HTTPStatusCode) -> HTTPResponse {
    var response = HTTPResponse.text(text, status)
    response.headers[.connection] = "close"
    response.payload = .httpBody(
      HTTPBodySequence(from: LastBytes(bytes: Array(text.utf8)), count: text.utf8.count))
    return response
  }
}

/// Bytes whose sequence fails after its end, on which the server closes the connection.
private struct LastBytes: AsyncBufferedSequence {
  typealias Element = UInt8
  struct End: Error {}

  struct AsyncIterator: AsyncBufferedIteratorProtocol {
    var bytes: ArraySlice<UInt8>

    mutating func next() async throws -> UInt8? {
      guard let byte = bytes.popFirst() else { throw End() }
      return byte
    }

    mutating func nextBuffer(suggested count: Int) async throws -> ArraySlice<UInt8>? {
      guard !bytes.isEmpty else { throw End() }
      defer { bytes = bytes.dropFirst(count) }
      return bytes.prefix(count)
    }
  }

  let bytes: [UInt8]

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes[...]) }
}
