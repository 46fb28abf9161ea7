import Foundation
import Testing

@Suite("The what-if page", .timeLimit(.minutes(60))) struct WhatIfTests {
  @Test("is one page with the file's text, that loads nothing from elsewhere")
  func page() async throws {
    try await serving(quick + "\n# <script> & \"quotes\"") { visitor, directory in
      let page = try await visitor.ask("GET", "/")
      #expect(page.status == 200)
      #expect(page.text.contains("workers: 2 # few"))
      #expect(page.text.contains("# &lt;script&gt; &amp; &quot;quotes&quot;"))
      #expect(page.text.contains("<code>\(directory)/test.yaml</code>"))
      #expect(page.headers.contains("Content-Security-Policy: default-src 'none'"))
      for path in ["/", "/page.css", "/page.js"] {
        let answer = try await visitor.ask("GET", path)
        #expect(answer.status == 200)
        #expect(!answer.text.contains("http://") && !answer.text.contains("https://"))
      }
    }
  }

  @Test("the form changes the text, and shows what is read in it")
  func form() async throws {
    try await serving(quick) { visitor, _ in
      func check(_ text: String, _ change: [String: Any]) async throws -> [String: Any] {
        let answer = try await visitor.ask("POST", "/check", ["text": text, "change": change])
        #expect(answer.status == 200)
        return try answer.document()
      }
      var reading = try await check(quick, ["key": "workers", "value": "8"])
      let text = try #require(reading["text"] as? String)
      #expect(text == quick.replacing("workers: 2", with: "workers: 8"))
      #expect(reading["summary"] as? String == "2 frameworks, 1 sweep point, 1 replication: 2 runs")
      reading = try await check(text, ["key": "frameworks", "names": ["spirt", "all-reduce"]])
      let form = try #require(reading["form"] as? [String: Any])
      let values = try #require(form["values"] as? [String: String])
      #expect(values["workers"] == "8" && values["training.gradients"] == "none")
      #expect(values["function.memory"] == "3008 MB" && values["training.batch-size"] == "100")
      let frameworks = try #require(form["frameworks"] as? [[String: Any]])
      let chosen = frameworks.filter { $0["isChosen"] as? Bool == true }
      #expect(chosen.map { $0["name"] as? String } == ["spirt", "all-reduce"])
      let swept = quick + "\nsweep: { workers: [2, 4] }"
      reading = try await check(swept, ["key": "seed", "value": "8"])
      #expect((reading["form"] as? [String: Any])?["varied"] as? [String] == ["workers"])
    }
  }

  @Test("what-ifs are made, kept and compared with the first")
  func comparison() async throws {
    try await serving(quick) { visitor, _ in
      let other = quick.replacing("workers: 2", with: "workers: 4") + "\nreplications: 3\n"
      for text in [quick, other, quick] {
        #expect(try await visitor.ask("POST", "/what-ifs", ["text": text]).status == 202)
        _ = try await visitor.whatIfs()
      }
      let list = try await visitor.whatIfs()
      // The third is the first.
      #expect(list.map { $0["state"] as? String } == ["finished", "finished"])
      #expect(list[0]["changes"] as? [String] == [])
      #expect(list[1]["changes"] as? [String] == ["workers: 2 → 4", "replications: 3"])
      #expect(list[0]["fileName"] as? String == "test.yaml")
      #expect(list[1]["fileName"] as? String == "test-what-if-2.yaml")
      let first = try #require(list[0]["rows"] as? [[String: Any]])
      let second = try #require(list[1]["rows"] as? [[String: Any]])
      #expect(second.map { $0["name"] as? String } == ["scatter-reduce", "all-reduce"])
      #expect(first.allSatisfy { $0["timeDifference"] == nil })
      #expect(second.allSatisfy { ($0["costDifference"] as? String)?.hasSuffix(" %") == true })
      #expect(second.allSatisfy { ($0["time"] as? String)?.contains(" ± ") == true })
      #expect(second.allSatisfy { ($0["digests"] as? [String])?.count == 3 })
      #expect(second.allSatisfy { $0["accuracy"] as? String == "-" })
      #expect(try await visitor.ask("GET", "/what-ifs/2/scenario.yaml").text == other)
      let report = try await visitor.ask("GET", "/report?id=1&id=2").text
      #expect(report.contains("what-if=1") && report.contains("what-if=2"))
      #expect(report.contains("<svg") && report.contains("object-store put"))
    }
  }

  @Test("one what-if is made at a time, and can be cancelled; finished runs are kept")
  func cancelling() async throws {
    try await serving(quick) { visitor, _ in
      let long = quick + "\n  epochs: 2000\nreplications: 50\n"
      let begun = try await visitor.ask("POST", "/what-ifs", ["text": long])
      #expect(begun.status == 202)
      // The same again is no second one, and another has to wait.
      #expect(try await visitor.ask("POST", "/what-ifs", ["text": long]).text == begun.text)
      #expect(try await visitor.ask("POST", "/what-ifs", ["text": quick]).status == 409)
      #expect(try await visitor.ask("POST", "/what-ifs/1/cancel").status == 202)
      let list = try await visitor.whatIfs()
      #expect(list.map { $0["state"] as? String } == ["cancelled"])
      #expect(try await visitor.ask("POST", "/what-ifs", ["text": quick]).status == 202)
      #expect(try await visitor.whatIfs().last?["state"] as? String == "finished")
    }
  }

  @Test("what cannot be made says why")
  func failing() async throws {
    try await serving(quick) { visitor, directory in
      try "kind,size\ncat,1\ndog,2\n".write(
        toFile: "\(directory)/pets.csv", atomically: true, encoding: .utf8)
      // How many rows a file has is seen only when it is read, which is when the run is made.
      let text = quick.replacing("gradients: none", with: "gradients: computed").replacing(
        "dataset: fashion-mnist-fixture", with: "dataset: { csv: { path: pets.csv, label: kind } }")
      #expect(try await visitor.ask("POST", "/what-ifs", ["text": text]).status == 202)
      let whatIf = try #require(try await visitor.whatIfs().first)
      #expect(whatIf["state"] as? String == "failed")
      #expect((whatIf["remarks"] as? [String])?.first?.contains("has 2 rows") == true)
    }
  }
}
