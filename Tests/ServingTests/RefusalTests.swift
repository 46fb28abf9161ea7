import Foundation
import Testing

@Suite("What the what-if server refuses", .timeLimit(.minutes(60))) struct RefusalTests {
  @Test("other names of this machine, whose pages a browser would let read the answers")
  func hosts() async throws {
    try await serving(quick) { visitor, _ in
      for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""] {
        for path in ["/", "/page.js", "/what-ifs", "/report?id=1"] {
          let answer = try await visitor.ask("GET", path, host: host)
          #expect(answer.status == 403)
        }
      }
      let local = "localhost:\(visitor.port)"
      let answer = try await visitor.ask("GET", "/", host: local)
      #expect(answer.status == 200)
    }
  }

  @Test("posts of other pages")
  func origins() async throws {
    try await serving(quick) { visitor, _ in
      let question = ["text": quick]
      let others = [
        "http://evil.example", "null", "", "https://\(visitor.host)", "http://127.0.0.1",
        "http://127.0.0.1:1", "http://\(visitor.host).evil.example",
      ]
      for origin in others {
        for path in ["/check", "/what-ifs", "/what-ifs/1/cancel"] {
          let answer = try await visitor.ask("POST", path, question, origin: origin)
          #expect(answer.status == 403)
        }
      }
      let silent = try await visitor.send(
        raw: "POST /what-ifs HTTP/1.1\r\nHost: \(visitor.host)\r\nConnection: close\r\n\r\n")
      #expect(silent.hasPrefix("HTTP/1.1 403"))
      #expect(try await visitor.whatIfs().isEmpty)
    }
  }

  @Test("bodies that are too large, and what hides in them as a request of its own")
  func sizes() async throws {
    try await serving(quick) { visitor, _ in
      let head = "POST /check HTTP/1.1\r\nHost: \(visitor.host)\r\nOrigin: http://evil.example\r\n"
      let hidden = "GET / HTTP/1.1\r\nHost: \(visitor.host)\r\n\r\n"
      let large = try await visitor.send(raw: head + "Content-Length: 2000000\r\n\r\n" + hidden)
      let endless = try await visitor.send(
        raw: head + "Transfer-Encoding: chunked\r\n\r\n" + hidden)
      #expect(large.hasPrefix("HTTP/1.1 413") && endless.hasPrefix("HTTP/1.1 411"))
      for answer in [large, endless] {
        #expect(answer.contains("Connection: close"))
        #expect(answer.ranges(of: "HTTP/1.1").count == 1)
      }
      #expect(try await visitor.ask("GET", "/").status == 200)
    }
  }

  @Test("scenarios with mistakes, with all of them and their places")
  func mistakes() async throws {
    try await serving(quick) { visitor, directory in
      let text = quick.replacing("workers: 2", with: "wrkers: 2").replacing("100", with: "-1")
      for path in ["/check", "/what-ifs"] {
        let answer = try await visitor.ask("POST", path, ["text": text])
        #expect(answer.status == 422)
        let issues = try #require(try answer.document()["issues"] as? [[String: Any]])
        #expect(issues.map { $0["line"] as? Int } == [5, 10])
        #expect(issues.map { $0["column"] as? Int } == [1, 15])
        let message = try #require(issues[0]["message"] as? String)
        #expect(message.hasPrefix("\(directory)/test.yaml:5:1: there is no setting 'wrkers'"))
        #expect(message.hasSuffix("did you mean 'workers'?"))
      }
      #expect(try await visitor.ask("POST", "/check", ["txt": ""]).status == 400)
      #expect(try await visitor.ask("GET", "/etc/passwd").status == 404)
      #expect(try await visitor.ask("GET", "/what-ifs/1/scenario.yaml").status == 404)
    }
  }

  @Test("files outside of the scenario's directory, and Python that it did not name")
  func files() async throws {
    try await serving(quick) { visitor, directory in
      let secret = "\(directory)/../secret.csv"
      try "secret_ms\n1\n".write(toFile: secret, atomically: true, encoding: .utf8)
      try "import os".write(toFile: "\(directory)/m.py", atomically: true, encoding: .utf8)
      func message(_ text: String) async throws -> String {
        let answer = try await visitor.ask("POST", "/check", ["text": text])
        #expect(answer.status == 422)
        #expect(!answer.text.contains("secret_ms"))
        let issues = try #require(try answer.document()["issues"] as? [[String: Any]])
        return try #require(issues.first?["message"] as? String)
      }
      for file in [secret, "../secret.csv", "/etc/passwd"] {
        let trace = "\ntraces: { object-store.get: { file: \(file), column: x_ms } }\n"
        #expect(try await message(quick + trace).contains("outside"))
      }
      #expect(
        try await message(quick + "\nprovider: ../secret.yaml\n").contains("there is no file"))
      let learning = quick.replacing("gradients: none", with: "gradients: computed")
      let table = "{ csv: { path: ../secret.csv } }"
      #expect(
        try await message(learning.replacing("fashion-mnist-fixture", with: table))
          .contains("outside"))
      let module = "{ python: m.py, class: Net, interpreter: /bin/sh }"
      #expect(
        try await message(learning.replacing("logistic-regression", with: module))
          .contains("no Python"))
    }
  }
}
