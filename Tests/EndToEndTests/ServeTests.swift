import Foundation
import Testing

@Suite("nephoscope serve", .timeLimit(.minutes(60))) struct ServeTests {
  private static let scenario = """
    name: Small
    seed: 7
    frameworks: [scatter-reduce, all-reduce]
    workers: 2
    training:
      gradients: none
      model: logistic-regression
      dataset: fashion-mnist-fixture
      batch-size: 100
    """

  @Test("a what-if is made as the saved scenario is run, and both share the store")
  func whatIf() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.scenario, to: "small.yaml")
      let serving = try tool.start(["serve", "small.yaml", "--threads", "1"])
      let address = try #require(try serving.firstLine())
      let page = Page(port: try #require(UInt16(address.split(separator: ":")[2].dropLast())))
      #expect(try page.get("/").contains("name: Small"))

      let changed = Self.scenario.replacing("workers: 2", with: "workers: 4")
      let question = try JSONEncoder().encode(["text": changed])
      _ = try page.request("POST", "/what-ifs", question)
      var whatIf: WhatIf
      repeat {
        let answer = try page.get("/what-ifs")
        whatIf = try JSONDecoder().decode([WhatIf].self, from: Data(answer.utf8))[0]
      } while whatIf.state == "running"
      #expect(whatIf.state == "finished")
      #expect(whatIf.fileName == "small-what-if-1.yaml")

      let saved = try page.get("/what-ifs/1/scenario.yaml")
      try tool.write(saved, to: whatIf.fileName)
      let stored = try tool.run("run", whatIf.fileName, "--json")
      #expect(stored.error.contains("2 of 2 runs are in ./nephoscope.sqlite already"))
      let fresh = try tool.run("run", whatIf.fileName, "--json", "--store", "other.sqlite")
      #expect(try fresh.digests() == whatIf.rows.flatMap(\.digests))
      #expect(try stored.digests() == fresh.digests())

      serving.signal(SIGINT)
      let output = try serving.output()
      #expect(output.status == 0 && output.out == address + "\n", "\(output.error)")
    }
  }

  @Test("Ctrl-C ends a what-if in the middle; finished runs are kept")
  func interruption() throws {
    try Tool.inDirectory { tool in
      let long = Self.scenario + "\n  epochs: 200\nreplications: 100\n"
      try tool.write(long, to: "long.yaml")
      let serving = try tool.start(["serve", "long.yaml", "--threads", "1"])
      let address = try #require(try serving.firstLine())
      let page = Page(port: try #require(UInt16(address.split(separator: ":")[2].dropLast())))
      _ = try page.request("POST", "/what-ifs", try JSONEncoder().encode(["text": long]))
      while !(try tool.files().contains("nephoscope.sqlite")) {
        usleep(5000)
      }
      serving.signal(SIGINT)
      #expect(try serving.output().status == 0)
      let kept = try tool.run("report", "1")
      #expect(kept.status == 0 && kept.out.contains("Small"))
    }
  }

  @Test("a file that is not there, one with mistakes and a port that is taken end it at once")
  func refusals() throws {
    try Tool.inDirectory { tool in
      try tool.write(Self.scenario, to: "small.yaml")
      try tool.write("frameworks: [sprit]\n", to: "bad.yaml")
      #expect(try tool.run("serve", "none.yaml").status == 66)
      let bad = try tool.run("serve", "bad.yaml")
      #expect(bad.status == 65 && bad.error.contains("bad.yaml:1:14: frameworks[0]:"))
      let first = try tool.start(["serve", "small.yaml"])
      let port = try #require(try first.firstLine()).split(separator: ":")[2].dropLast()
      let second = try tool.run("serve", "small.yaml", "--port", String(port))
      #expect(second.status == 74 && second.error.contains("127.0.0.1:\(port)"))
      first.signal(SIGTERM)
      #expect(try first.output().status == 0)
    }
  }
}

/// What the page is told of a what-if, as far as it matters here.
private struct WhatIf: Decodable {
  struct Row: Decodable { let digests: [String] }
  let state: String
  let fileName: String
  let rows: [Row]
}

/// The page's side of the server, over sockets that wait.
private struct Page {
  let port: UInt16

  func get(_ path: String) throws -> String { try request("GET", path) }

  func request(_ method: String, _ path: String, _ body: Data = Data()) throws -> String {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let connection = FileHandle(fileDescriptor: number, closeOnDealloc: true)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let outcome = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(outcome == 0)
    let host = "127.0.0.1:\(port)"
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nOrigin: http://\(host)\r\n"
      + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    try connection.write(contentsOf: Data(head.utf8) + body)
    let answer = String(decoding: try connection.readToEnd() ?? Data(), as: UTF8.self)
    #expect(answer.hasPrefix("HTTP/1.1 20"), "\(answer)")
    let end = try #require(answer.firstRange(of: "\r\n\r\n"))
    return String(answer[end.upperBound...])
  }
}
